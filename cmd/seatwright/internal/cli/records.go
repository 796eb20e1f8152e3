package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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
	toLook   access = iota // read the records there are
	toUnlock               // release the lock of a run
	toKeep                 // record this run
)

// archive opens the records of earlier runs of the tenant, to read them. For a plan from a
// snapshot file, records that need the network are not read.
func (c *call) archive(ctx context.Context, file string) (session.Archive, error) {
	if err := checkArchive(c.tenant, c.globals); err != nil {
		return session.Archive{}, err
	}
	if c.tenant.Records.Set() && file != "" {
		return session.Archive{}, view.Remark(c.program.Err, "the records of runs are not read for a plan from a file: their removals are not counted")
	}
	store, closeStore, err := openRecords(ctx, c.program, c.globals, c.tenant, toLook)
	if err != nil || store == nil {
		return session.Archive{}, err
	}
	c.onClose(closeStore)
	return session.Archive{Store: store, Unreachable: unreachable}, nil
}

// checkArchive refuses --state-dir for a tenant whose settings name a container for runs.
func checkArchive(tenant policies.Tenant, g globals) error {
	if tenant.Records.Set() && g.state != "" {
		return usage("remove --state-dir; seatwright runs --state-dir DIR shows the runs of an earlier folder",
			"the runs of tenant %s are kept in container %s, and not in a folder", tenant.Name, tenant.Records.Container)
	}
	return nil
}

// unreachable reports whether an error means that the container could not be reached.
func unreachable(err error) bool {
	_, away := errors.AsType[*blob.Error](err)
	return away
}

// openRecords opens the store of runs: the container that the tenant's settings name, or
// else the state folder. The store is nil if no run was ever recorded and this call records
// none.
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

// statePlace returns the state folder of the call.
func (g globals) statePlace() string {
	return cmp.Or(g.state, filepath.Join(g.dir, checkout.StateDir))
}

// keeper returns the tenant whose settings name the container of runs, for commands that
// need nothing else of a tenant. The zero tenant means that runs are in the state folder.
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
