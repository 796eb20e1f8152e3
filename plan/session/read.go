package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Observation is what was read of a tenant, and the catalog that knows its SKUs.
type Observation struct {
	Snapshot *state.Snapshot
	Catalog  *catalog.Catalog
}

// Source is where a tenant is read, and the records of its runs.
type Source struct {
	Tenant  Tenant // not used where File is set
	File    string // a snapshot file; "": the tenant itself is read
	Archive Archive
}

// Read is a project whose policies, tenant and history have been read.
type Read struct {
	loaded   *Loaded
	commit   string // of the policies, or ""
	source   Source
	observed Observation
	history  history
}

// Read reads the tenant, what earlier runs did to it, and the directory where policies
// name places of it. Confirmed writes that reads of the tenant do not show yet are laid
// over what was read.
func (l *Loaded) Read(ctx context.Context, from Source) (*Read, error) {
	r := &Read{loaded: l, source: from, commit: l.project.env.Git.Head(ctx)}
	var err error
	if r.observed, err = l.project.observe(ctx, from, l.needs(l.otherSet(from.File))); err != nil {
		return nil, err
	}
	if r.history, err = l.project.loadHistory(ctx, from.Archive, r.observed.Snapshot, historyReach); err != nil {
		return nil, err
	}
	r.observed.Snapshot = r.history.overlayPendingWrites(r.observed.Snapshot, r.now())
	return r, r.readPlaces(ctx)
}

// observe reads what a query asks for, of the tenant or of a snapshot file.
func (p *Project) observe(ctx context.Context, from Source, query state.Query) (Observation, error) {
	if from.File == "" {
		return p.ReadTenant(ctx, from.Tenant, query)
	}
	snapshot, err := p.env.Snapshot(from.File)
	if err != nil {
		return Observation{}, err
	}
	if err := p.checkOrigin(snapshot); err != nil {
		return Observation{}, err
	}
	return observation(snapshot), checkGroups(query, snapshot)
}

func observation(snapshot *state.Snapshot) Observation {
	return Observation{snapshot, catalog.Builtin().ForTenant(snapshot.SKUs)}
}

// ReadTenant reads what a query asks for, and makes sure that the tenant is the one
// that the settings name: users and SKUs of another one would only look like mistakes
// in the policies.
func (p *Project) ReadTenant(ctx context.Context, from state.Reader, query state.Query) (Observation, error) {
	began := p.env.Now()
	snapshot, err := from.Read(ctx, query)
	if err != nil {
		return Observation{}, fmt.Errorf("read tenant %s: %w", p.tenant.Name, err)
	}
	snapshot.ReadAt = began // by the clock that SOURCE_DATE_EPOCH can stop
	return observation(snapshot), p.checkTenant(snapshot.Organization)
}

func (p *Project) checkTenant(read state.Organization) error {
	wrong := plan.WrongTenant(p.tenant, read)
	if wrong == "" {
		return nil
	}
	fix := "correct `id` of the tenant in seatwright.yaml, or its `credential`"
	if len(read.Domains) == 0 {
		fix = "its domain names could not be read: write the tenant's GUID as `id` in seatwright.yaml, or grant the application Organization.Read.All"
	}
	return &Error{Guard, fix, fmt.Errorf("tenant %s: %s", p.tenant.Name, wrong)}
}

// checkOrigin refuses a snapshot of another tenant than the settings name. It keeps
// sandbox and live tenants apart, whatever ids they have.
func (p *Project) checkOrigin(snapshot *state.Snapshot) error {
	taken, named := "a live tenant", "a sandbox"
	switch org, sandbox := snapshot.Organization, snapshot.Source == state.SourceSandbox; {
	case sandbox != p.tenant.IsSandbox():
		if sandbox {
			taken, named = named, taken
		}
	case plan.WrongTenant(p.tenant, org) != "":
		taken, named = fmt.Sprintf("%s (%s)", org.ID, org.DisplayName), p.tenant.ID
	default:
		return nil
	}
	return &Error{Guard, "choose its tenant with --tenant, or take a snapshot of this tenant with seatwright snapshot -o FILE",
		fmt.Errorf("tenant %s: the snapshot is of %s, and the settings name %s", p.tenant.Name, taken, named)}
}

// checkGroups refuses a snapshot without the members of groups that policies name. A
// group that the tenant does not have looks the same as one that the snapshot left out.
func checkGroups(query state.Query, snapshot *state.Snapshot) error {
	for _, id := range query.Everyone {
		if group, _ := snapshot.Group(id); group.Everyone == nil {
			return usage("take the snapshot again with these policies; if that does not help, the tenant has no such group",
				"the snapshot does not have the members of group %s, which the policies name", id)
		}
	}
	return nil
}

// readPlaces looks up in the directory the places that the policies name, and those of
// the base. If a place that only the base names does not exist, the base makes no
// plan.
func (r *Read) readPlaces(ctx context.Context) error {
	l := r.loaded
	if r.source.File != "" {
		return nil // a snapshot file has only what was synced
	}
	if l.base == nil || l.base.set == nil {
		return l.project.ReadPlaces(ctx, r.observed, selector.Places(l.set))
	}
	err := l.project.ReadPlaces(ctx, r.observed, selector.Places(l.set, l.base.set))
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	if len(diag.ProblemsIn(err)) == 0 && (!ok || trouble.Place == nil) {
		return err
	}
	l.base.fail(err)
	return l.project.ReadPlaces(ctx, r.observed, selector.Places(l.set))
}

// ReadPlaces looks places up in the tenant's directories, and joins the users that are
// there to the snapshot. A tenant without directories has only what was synced.
func (p *Project) ReadPlaces(ctx context.Context, o Observation, places []selector.PlaceAt) error {
	if len(p.tenant.Directories) == 0 || len(places) == 0 {
		return nil
	}
	wanted := make([]state.Place, len(places))
	for i, place := range places {
		wanted[i] = place.Place
	}
	directory, err := p.env.Directory(ctx, p.settings, p.tenant, o.Snapshot, wanted)
	if err == nil {
		o.Snapshot.Directory = directory
	}
	return inPolicy(err, places)
}

// inPolicy adds to an error of the directory where the policies name the place.
func inPolicy(err error, places []selector.PlaceAt) error {
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	if !ok || trouble.Place == nil {
		return err
	}
	for _, place := range places {
		if place.Key() != trouble.Place.Key() {
			continue
		}
		if trouble.Settings() {
			var problems policies.Problems
			problems.Add(place.Pos, selector.RulePlace, trouble.Hint(), "%s", trouble)
			return problems.Err()
		}
		return fmt.Errorf("%s: %w", place.Pos, err)
	}
	return err
}
