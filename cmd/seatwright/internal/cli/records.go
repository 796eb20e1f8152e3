package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

// runsDir is the folder below the state folder that keeps journals, records and locks.
const runsDir = "runs"

// access is what a call does with the records of runs.
type access int

const (
	toLook   access = iota // at those there are
	toUnlock               // one of those there are
	toKeep                 // what this run does
)

// archive opens the records of earlier runs of the tenant, to read them. A plan from a
// file has none where looking would take a network.
func (c *call) archive(ctx context.Context, file string) (session.Archive, error) {
	if err := c.oneArchive(); err != nil {
		return session.Archive{}, err
	}
	if c.tenant.Records.Set() && file != "" {
		return session.Archive{}, view.Remark(c.program.Err, "what runs have done is not looked up where a plan is made from a file: no removals of theirs are counted")
	}
	store, err := c.store(ctx, toLook)
	if err != nil || store == nil {
		return session.Archive{}, err
	}
	return session.Archive{Store: store, Unreachable: unreachable}, nil
}

// runStore opens the records of the tenant's runs, to keep one more.
func (c *call) runStore(ctx context.Context) (session.RunStore, error) {
	if err := c.oneArchive(); err != nil {
		return nil, err
	}
	return c.store(ctx, toKeep)
}

// oneArchive refuses a folder of runs besides the container that the settings name.
func (c *call) oneArchive() error {
	if c.tenant.Records.Set() && c.globals.state != "" {
		return usage("leave --state-dir out; seatwright runs --state-dir DIR shows what an earlier folder has",
			"the runs of tenant %s are kept in container %s, and not in a folder besides", c.tenant.Name, c.tenant.Records.Container)
	}
	return nil
}

func (c *call) store(ctx context.Context, why access) (*journal.Store, error) {
	store, closeStore, err := openRecords(ctx, c.program, c.globals, c.tenant, why)
	if store != nil {
		c.onClose(closeStore)
	}
	return store, err
}

// unreachable reports whether an error means that the container could not be reached.
func unreachable(err error) bool {
	_, away := errors.AsType[*blob.Error](err)
	return away
}

// openRecords opens where runs are on record: the container that the tenant's settings
// name, or else the state folder. There is no store where no run was ever kept and
// this call keeps none.
func openRecords(ctx context.Context, p Program, g globals, tenant policies.Tenant, why access) (*journal.Store, func() error, error) {
	now := running(p)
	if tenant.Records.Set() {
		access := blob.Writing
		if why == toLook {
			access = blob.Reading
		}
		place, err := container(p, g, tenant, access)
		if err != nil {
			return nil, nil, err
		}
		return journal.NewStore(place, now), func() error { return nil }, nil
	}
	if _, err := os.Lstat(filepath.Join(g.statePlace(), runsDir)); why != toKeep && errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	root, err := checkout.OpenStateAt(ctx, g.statePlace(), runsDir)
	if err != nil {
		if _, known := errors.AsType[*checkout.UsageError](err); !known {
			err = &journal.Error{Op: "open the folder of runs", Err: err}
		}
		return nil, nil, err
	}
	return journal.NewStore(journal.NewFolder(root, now), now), root.Close, nil
}

// statePlace is the state folder of the call.
func (g globals) statePlace() string {
	return cmp.Or(g.state, filepath.Join(g.dir, checkout.StateDir))
}

// keeper returns the tenant whose settings say where runs are kept, for commands that
// need no tenant but for that; the zero tenant: they are in the state folder.
func keeper(ctx context.Context, p Program, g globals) (policies.Tenant, error) {
	if g.state != "" {
		return policies.Tenant{}, nil
	}
	files, err := checkout.Open(g.dir)
	if err != nil {
		return policies.Tenant{}, err
	}
	defer func() { _ = files.Close() }() // of what was only read
	if _, err := fs.Stat(files, policies.SettingsFile); errors.Is(err, fs.ErrNotExist) {
		return policies.Tenant{}, nil
	}
	from, _, err := session.FindSettings(ctx, environment(p, g, files), g.settingsFrom)
	if err != nil {
		return policies.Tenant{}, err
	}
	settings, err := policies.LoadSettings(from)
	if err != nil {
		return policies.Tenant{}, err
	}
	for _, tenant := range settings.Tenants {
		if tenant.Records.Set() {
			return settings.Tenant(g.tenant)
		}
	}
	return policies.Tenant{}, nil
}

// acquireLock locks the tenant for this call alone.
func (c *call) acquireLock(ctx context.Context, tenant *writing, store session.RunStore, patience time.Duration) (journal.Lock, error) {
	host, _ := os.Hostname() // of no machine: then only the heartbeat tells
	holder := journal.Holder{Run: c.run, Host: host, Boot: bootID(), PID: os.Getpid()}
	lock, err := c.project.AcquireLock(ctx, tenant.client, store, holder, patience, wait)
	if err != nil {
		return nil, err
	}
	c.onClose(func() error {
		if err := lock.Release(); err != nil { // what is done is done
			c.warn("the tenant was not given back: %s", err)
		}
		return nil
	})
	return lock, nil
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

// bootID tells two runs of one machine apart from those before its last start.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

func newRunID(now time.Time) string { return journal.NewID(now, rand.Text()) }
