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

// lockedTenant is a tenant that only this call may write to, and the store of its runs. It
// is the only type that builds a client that can write. Only apply and drift --correct make
// one: see TestOnlyApplyAndCorrectCanWrite.
type lockedTenant struct {
	call    *call
	store   session.RunStore
	reading *reading
	options graph.Options // of the clients, without a credential
	lock    journal.Lock
}

// openStore opens the records of the tenant's runs, to add one.
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

// acquire connects to the tenant and locks it. Before that, only its identity is read.
func (l *lockedTenant) acquire(ctx context.Context, patience time.Duration) (err error) {
	c := l.call
	if l.options, err = c.endpoint(ctx); err != nil {
		return err
	}
	if l.reading, err = c.reading(l.options); err != nil {
		return err
	}
	host, _ := os.Hostname() // "": then only the heartbeat shows that the run is alive
	holder := journal.Holder{Run: c.run, Host: host, Boot: bootID(), PID: os.Getpid()}
	if l.lock, err = c.project.AcquireLock(ctx, l.reading.client, l.store, holder, patience, wait); err != nil {
		return err
	}
	c.onClose(func() error {
		if err := l.lock.Release(); err != nil { // the run itself is over
			c.warn("the lock of the tenant was not released: %s", err)
		}
		return nil
	})
	return nil
}

// source returns what a session reads the tenant from.
func (l *lockedTenant) source(brief bool) session.Source {
	return session.Source{Tenant: l.reading, Archive: session.Archive{Store: l.store, Unreachable: unreachable, Brief: brief}}
}

// parts returns what a session needs to begin the run of this call.
func (l *lockedTenant) parts() session.RunParts {
	host, _ := os.Hostname() // for display
	return session.RunParts{ID: l.call.run, Host: host, Store: l.store, Lock: l.lock, Clock: running(l.call.program)}
}

// writer signs in to write. It returns nil if there is nothing to write.
func (l *lockedTenant) writer(ctx context.Context, rate int, fresh *plan.Plan) (state.Writer, error) {
	if len(fresh.Steps) == 0 {
		return nil, nil //nolint:nilnil // nothing is to be written
	}
	client, err := l.signIn(rate)
	if err != nil {
		return nil, err
	}
	if err := l.checkPermissions(ctx, client, fresh); err != nil {
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

// mayWriteAs refuses the default credential without a terminal: it would write as any
// identity that is signed in on the machine.
func mayWriteAs(p Program, who policies.Credential) error {
	if who.Kind == state.CredentialDefault && !p.InTerminal {
		return usage("name one credential in seatwright.yaml: credential: {write: {kind: ...}}",
			"the default credential does not write without a terminal: any identity that is signed in on this machine could be used")
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

// running returns a clock that goes on, even if SOURCE_DATE_EPOCH stopped the clock of the
// program.
func running(p Program) func() time.Time {
	began, base := time.Now(), p.Now()
	return func() time.Time { return base.Add(time.Since(began)) }
}

// bootID returns what identifies the last start of the machine: runs from before it are dead.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

func newRunID(now time.Time) string { return journal.NewID(now, rand.Text()) }
