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
	toLook   access = iota // at those there are
	toUnlock               // one of those there are
	toKeep                 // what this run does
)

// archive opens the records of earlier runs of the tenant, to read them. A plan from a
// file has none where looking would take a network.
func (c *call) archive(ctx context.Context, file string) (session.Archive, error) {
	if err := checkArchive(c.tenant, c.globals); err != nil {
		return session.Archive{}, err
	}
	if c.tenant.Records.Set() && file != "" {
		return session.Archive{}, view.Remark(c.program.Err, "what runs have done is not looked up where a plan is made from a file: no removals of theirs are counted")
	}
	store, closeStore, err := openRecords(ctx, c.program, c.globals, c.tenant, toLook)
	if err != nil || store == nil {
		return session.Archive{}, err
	}
	c.onClose(closeStore)
	return session.Archive{Store: store, Unreachable: unreachable}, nil
}

// checkArchive refuses a folder of runs besides the container that the settings name.
func checkArchive(tenant policies.Tenant, g globals) error {
	if tenant.Records.Set() && g.state != "" {
		return usage("leave --state-dir out; seatwright runs --state-dir DIR shows what an earlier folder has",
			"the runs of tenant %s are kept in container %s, and not in a folder besides", tenant.Name, tenant.Records.Container)
	}
	return nil
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
