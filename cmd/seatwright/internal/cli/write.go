package cli

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// lockedTenant is a tenant that this call alone may write to, and the store of its runs.
// It is the only type that builds a client that can write. Only apply and drift --correct
// make one: see TestOnlyApplyAndCorrectCanWrite.
type lockedTenant struct {
	call    *call
	store   session.RunStore
	reading *reading
	options graph.Options // of the clients, without a credential
	lock    journal.Lock
}

// openStore opens the records of the tenant's runs, to keep one more.
func (l *lockedTenant) openStore(ctx context.Context) error {
	c := l.call
	if err := checkArchive(c.tenant, c.globals); err != nil {
		return err
	}
	store, closeStore, err := openRecords(ctx, c.program, c.globals, c.tenant, toKeep)
	if err != nil {
		return err
	}
	c.onClose(closeStore)
	l.store = store
	return nil
}

// acquire connects to the tenant and locks it. Nothing but its identity has been read
// before.
func (l *lockedTenant) acquire(ctx context.Context, patience time.Duration) (err error) {
	c := l.call
	if l.options, err = c.endpoint(ctx); err != nil {
		return err
	}
	if l.reading, err = c.reading(l.options); err != nil {
		return err
	}
	host, _ := os.Hostname() // of no machine: then only the heartbeat tells
	holder := journal.Holder{Run: c.run, Host: host, Boot: bootID(), PID: os.Getpid()}
	if l.lock, err = c.project.AcquireLock(ctx, l.reading.client, l.store, holder, patience, wait); err != nil {
		return err
	}
	c.onClose(func() error {
		if err := l.lock.Release(); err != nil { // what is done is done
			c.warn("the tenant was not given back: %s", err)
		}
		return nil
	})
	return nil
}

// source returns where a session reads the tenant.
func (l *lockedTenant) source(brief bool) session.Source {
	return session.Source{Tenant: l.reading, Archive: session.Archive{Store: l.store, Unreachable: unreachable, Brief: brief}}
}

// parts returns what a session needs to begin the run of this call.
func (l *lockedTenant) parts() session.RunParts {
	host, _ := os.Hostname() // for people
	return session.RunParts{ID: l.call.run, Host: host, Store: l.store, Lock: l.lock, Clock: running(l.call.program)}
}

// writer signs in to write, where there is something to write; else it is nil.
func (l *lockedTenant) writer(ctx context.Context, rate int, fresh *plan.Plan) (state.Writer, error) {
	if len(fresh.Steps) == 0 {
		return nil, nil //nolint:nilnil // nothing is to be written
	}
	client, err := l.signIn(rate)
	if err != nil {
		return nil, err
	}
	if err := l.permitted(ctx, client, fresh); err != nil {
		return nil, err
	}
	return client.Writer()
}

// signIn builds the client that writes.
func (l *lockedTenant) signIn(rate int) (*graph.Client, error) {
	c, options := l.call, l.options
	options.Write, options.Rate = true, rate
	if c.tenant.IsSandbox() {
		return graph.New(options)
	}
	if err := mayWriteAs(c.program, c.tenant.Write); err != nil {
		return nil, err
	}
	options.Credential = credential(c.globals.dir, c.tenant.Write)
	client, err := graph.New(options)
	if err != nil {
		return nil, signIn(err)
	}
	return client, nil
}

// mayWriteAs refuses to write as the user who happens to be signed in.
func mayWriteAs(p Program, who policies.Credential) error {
	if who.Kind == state.CredentialDefault && !p.InTerminal {
		return usage("name one credential in seatwright.yaml: credential: {write: {kind: ...}}",
			"refuse to write with the default credential where nobody sits at a terminal: whoever is signed in on this machine would do it")
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// running returns the clock that goes on from now, even where SOURCE_DATE_EPOCH stopped
// the other one.
func running(p Program) func() time.Time {
	began, base := time.Now(), p.Now()
	return func() time.Time { return base.Add(time.Since(began)) }
}

// bootID tells two runs of one machine apart from runs before its last start.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

func newRunID(now time.Time) string { return journal.NewID(now, rand.Text()) }
