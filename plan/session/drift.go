package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// ResolvedTwice is a project that was resolved for the policies at hand and for those of
// the last run. So drift and pending changes can be
// distinguished.
type ResolvedTwice struct {
	now  *Resolved
	last *lastRun
}

// ReadTwice reads and resolves for the policies at hand and for those of the last run.
// Which run that was must be known before the tenant is read, so that it replaces Read
// and Resolve.
func (l *Loaded) ReadTwice(ctx context.Context, from Source) (*ResolvedTwice, error) {
	p := l.project
	r := &Read{loaded: l, source: from, commit: p.env.Git.Head(ctx)}
	organization, err := p.ReadTenant(ctx, from.Tenant, state.Query{Organization: true})
	if err != nil {
		return nil, err
	}
	if r.history, err = p.loadHistory(ctx, from.Archive, organization.Snapshot, drift.LongestRetention); err != nil {
		return nil, err
	}
	last := l.findLastRun(ctx, r.history.last)
	both := *l
	if last.set != nil && !last.same {
		both.base = &Base{set: last.set} // so that what it needs is read too
	}
	r.loaded = &both
	if r.observed, err = p.ReadTenant(ctx, from.Tenant, both.needs(both.otherSet(""))); err != nil {
		return nil, err
	}
	r.observed.Snapshot = r.history.overlayPendingWrites(r.observed.Snapshot, r.now())
	if err := r.readPlaces(ctx); err != nil {
		return nil, err
	}
	if both.base != nil && both.base.set == nil {
		last.lose("", "the policies of run %s do not fit the directory any more: %s", last.record.Run, both.base.of.Trouble)
	}
	r.loaded = l
	now, err := r.Resolve()
	if err != nil {
		return nil, err
	}
	last.resolve(now)
	return &ResolvedTwice{now, last}, nil
}

// Now returns what was resolved for the policies at hand.
func (r *ResolvedTwice) Now() *Resolved { return r.now }

// Drift is a report of drift, and what it was made from.
type Drift struct {
	Report *drift.Report
	from   *ResolvedTwice
	head   plan.Input // of the policies at hand
}

// Drift compares what the policies of the last run want today with what those at hand
// want, and asks the audit log of the tenant who made changes.
func (r *ResolvedTwice) Drift(ctx context.Context, o Options, accepted []policies.Acceptance) (*Drift, error) {
	d := &Drift{from: r}
	var err error
	if d.head, err = r.now.Input(o); err != nil {
		return nil, err
	}
	d.head.Hold = false // a report holds nothing
	whole := explain.Plan(d.head)
	for _, g := range whole.Breached() {
		if row, _ := guard.Lookup(g.Name); row.Counts == guard.CountsRead {
			return nil, &BreachedError{whole}
		}
	}
	var then *plan.Plan
	if input, known := r.last.input(d.head); known {
		then = explain.Plan(input)
	}
	report := drift.Compare(whole, then)
	d.Report = &report
	r.last.note(d.Report, r.now.read.observed.Snapshot)
	d.markAccepted(accepted)
	if err := d.trace(ctx); err != nil {
		return nil, err
	}
	report.SortItems()
	return d, nil
}

// note adds to a report which run it compares with, and what that run left undone.
func (l *lastRun) note(report *drift.Report, snapshot *state.Snapshot) {
	report.Undecided, report.Hint = l.why, l.fix
	record := l.record
	if record == nil {
		return
	}
	report.Last = drift.Last{Run: record.Run, At: record.At, Commit: record.Commit, Policies: record.Policies}
	report.MarkKnown(record.Left)
	if l.set != nil {
		report.MarkMoves(record.Baseline().Sources, plan.NewBaseline("", l.set, l.matches, snapshot).Sources)
	}
}

// markAccepted marks what is accepted now.
func (d *Drift) markAccepted(accepted []policies.Acceptance) {
	for _, text := range markAccepted(d.Report, accepted, d.from.now.read.now()) {
		d.Report.Notes = append(d.Report.Notes, text)
		d.from.now.read.loaded.project.warn("%s", text)
	}
}

// markAccepted marks the items of a report that are accepted at a time. It returns a text
// for each entry that has expired or fits no item: such a list would hide drift one day.
func markAccepted(report *drift.Report, accepted []policies.Acceptance, at time.Time) (notes []string) {
	inForce, places := map[string]drift.Acceptance{}, map[string]policies.Pos{}
	for _, a := range accepted {
		if ok, why := a.InForce(at); !ok {
			notes = append(notes, fmt.Sprintf("%s: it accepts nothing: %s", a.Pos, why))
			continue
		}
		inForce[a.Key] = drift.Acceptance{Reason: a.Reason, Expires: a.Expires.AddDate(0, 0, -1).Format(time.DateOnly), Place: a.Pos.String()}
		places[a.Key] = a.Pos
	}
	unused := report.MarkAccepted(inForce)
	slices.SortFunc(unused, func(a, b string) int { return places[a].Compare(places[b]) })
	for _, key := range unused {
		notes = append(notes, fmt.Sprintf("%s: nothing has this key any more: remove the entry", places[key]))
	}
	return notes
}

// confirmedWrites returns the changes that runs are known to have made.
func confirmedWrites(runs []*journal.Run) []drift.Write {
	var done []drift.Write
	for _, run := range runs {
		for _, entry := range run.Steps {
			if entry.Result == apply.Confirmed && len(entry.Sent) > 0 {
				done = append(done, drift.Write{Run: run.Run, At: entry.Sent[0].At, Until: entry.Ended, Step: entry.Step()})
			}
		}
	}
	return done
}
