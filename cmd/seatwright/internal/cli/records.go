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

// openPast opens where runs of the job's tenant are on record.
func (j *job) openPast(ctx context.Context, why access) error {
	if j.tenant.Records.Set() && j.state != "" {
		return usage("leave --state-dir out; seatwright runs --state-dir DIR shows what an earlier folder has",
			"the runs of tenant %s are kept in container %s, and not in a folder besides", j.tenant.Name, j.tenant.Records.Container)
	}
	if j.tenant.Records.Set() && j.file != "" { // which needs no network
		return view.Remark(j.Err, "what runs have done is not looked up where a plan is made from a file: no removals of theirs are counted")
	}
	past, err := j.openRecords(ctx, j.globals, j.tenant, why)
	if err == nil {
		j.past = past
	}
	return err
}

// openRecords opens where runs are on record: the container that the tenant's settings
// name, or else the state folder. There is no store where no run was ever kept and
// this call keeps none.
func (p Program) openRecords(ctx context.Context, g globals, tenant policies.Tenant, why access) (history, error) {
	now := p.running()
	if tenant.Records.Set() {
		access := blob.Writing
		if why == toLook {
			access = blob.Reading
		}
		place, err := p.container(g, tenant, access)
		if err != nil {
			return history{}, err
		}
		return history{store: journal.NewStore(place, now), close: func() error { return nil }}, nil
	}
	if _, err := os.Lstat(filepath.Join(g.statePlace(), runsDir)); why != toKeep && errors.Is(err, fs.ErrNotExist) {
		return history{}, nil
	}
	root, err := checkout.OpenStateAt(ctx, g.statePlace(), runsDir)
	if err != nil {
		if _, known := errors.AsType[*checkout.UsageError](err); !known {
			err = &journal.Error{Op: "open the folder of runs", Err: err}
		}
		return history{}, err
	}
	return history{store: journal.NewStore(journal.NewFolder(root, now), now), close: root.Close}, nil
}

// statePlace is the state folder of the call.
func (g globals) statePlace() string {
	return cmp.Or(g.state, filepath.Join(g.dir, checkout.StateDir))
}

// keeper is the tenant whose settings say where runs are kept, for commands that need
// no tenant but for that; the zero tenant: they are in the state folder.
func (p Program) keeper(ctx context.Context, g globals) (policies.Tenant, error) {
	if g.state != "" {
		return policies.Tenant{}, nil
	}
	fsys, err := checkout.Open(g.dir)
	if err != nil {
		return policies.Tenant{}, err
	}
	defer func() { _ = fsys.Close() }() // of what was only read
	if _, err := fs.Stat(fsys, policies.SettingsFile); errors.Is(err, fs.ErrNotExist) {
		return policies.Tenant{}, nil
	}
	j := &job{Program: p, globals: g, project: fsys, settings: fsys}
	if g.settingsFrom != "" {
		if err := j.trustSettings(ctx); err != nil {
			return policies.Tenant{}, err
		}
	}
	settings, err := policies.LoadSettings(j.settings)
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
