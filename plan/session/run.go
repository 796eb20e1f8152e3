package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// AcquireLock locks the tenant of a project for one run. Only the identity of the tenant
// is read before it. While another run has the lock, it waits as long as patience.
func (p *Project) AcquireLock(ctx context.Context, from state.Reader, store RunStore, holder journal.Holder, patience time.Duration, wait func(context.Context, time.Duration) error) (journal.Lock, error) {
	read, err := from.Read(ctx, state.Query{Organization: true})
	if err != nil {
		return nil, fmt.Errorf("read tenant %s: %w", p.tenant.Name, err)
	}
	reported := false
	waitAloud := func(ctx context.Context, d time.Duration) error {
		if !reported {
			reported = true
			p.env.Reporter.Remark(fmt.Sprintf("waiting up to %s for another run on this tenant to end", patience))
		}
		return wait(ctx, d)
	}
	lock, err := store.AcquireWithin(ctx, read.Organization.ID, holder, patience, waitAloud)
	if err != nil {
		return nil, err
	}
	if dead := lock.TakenOverFrom(); dead != nil {
		p.warn("run %s on %s ended without releasing its lock; its open steps are settled by reading the users", dead.Run, dead.Host)
	}
	return lock, nil
}

// Run carries out a plan, and records it. It has the lock of the tenant and the store of runs;
// commands that do not write have neither, and cannot make one.
type Run struct {
	resolved *Resolved
	id       string
	store    RunStore
	lock     journal.Lock
	clock    func() time.Time
	fresh    *plan.Plan
	journal  *journal.Writer
}

// RunParts is what a run has besides what was resolved. All fields are required.
type RunParts struct {
	ID, Host string // Host is for display
	Store    RunStore
	Lock     journal.Lock
	Clock    func() time.Time // goes on even if SOURCE_DATE_EPOCH stops the other one
}

// Begin begins the run of a plan: it opens the journal, and settles what earlier runs left
// open. Approved is the plan file that was approved; nil: none was.
func (r *Resolved) Begin(ctx context.Context, parts RunParts, fresh, approved *plan.Plan) (*Run, error) {
	header := r.read.observed.Snapshot.Header
	w, err := parts.Store.Start(ctx, journal.Begin{
		Run: parts.ID, Kind: kindOf(fresh), Of: undone(fresh), Tenant: header.Organization.ID, Source: header.Source, Tool: r.read.loaded.project.env.Version, Host: parts.Host,
		Commit: r.read.commit, Policies: fresh.PoliciesDigest, Plan: digestOf(approved), StepsDigest: fresh.StepsDigest, Count: len(fresh.Steps), RemovalsAllowed: removalsAllowed(fresh),
	})
	if err != nil {
		return nil, err
	}
	if err := w.RecordFindings(journal.ResolveIntents(r.read.history.runs, r.read.observed.Snapshot, r.read.now())); err != nil {
		return nil, errors.Join(err, w.Abandon())
	}
	return &Run{resolved: r, id: parts.ID, store: parts.Store, lock: parts.Lock, clock: parts.Clock, fresh: fresh, journal: w}, nil
}

func kindOf(fresh *plan.Plan) journal.Kind {
	switch {
	case fresh.Undo != nil:
		return journal.KindUndo
	case fresh.Mode == plan.ModeCorrections:
		return journal.KindCorrect
	}
	return journal.KindApply
}

// undone returns the run that a plan undoes, or "".
func undone(fresh *plan.Plan) string {
	if fresh.Undo == nil {
		return ""
	}
	return fresh.Undo.Run
}

// digestOf returns the digest of an approved plan, or "".
func digestOf(approved *plan.Plan) string {
	if approved == nil {
		return ""
	}
	return approved.Digest
}

// removalsAllowed reports whether the guard that counts removals was overridden, so that
// later runs need not count the removals of this one.
func removalsAllowed(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Guards, func(g plan.Guard) bool {
		row, _ := guard.Lookup(g.Name)
		return row.Days > 0 && g.Verdict == plan.VerdictOverridden
	})
}

// Execution is how steps are carried out. Reader and Writer are required.
type Execution struct {
	Reader    state.Reader
	Writer    state.Writer
	Deadline  time.Duration // 0: none
	MaxErrors int           // 0: any number
	Canary    int           // users first; 0: none
	Progress  func(apply.Outcome)
}

// Execute carries out the steps of the plan, within the deadline.
func (r *Run) Execute(ctx context.Context, how Execution) *apply.Report {
	if len(r.fresh.Steps) == 0 {
		return &apply.Report{}
	}
	if how.Deadline > 0 {
		why := &apply.EarlyError{Reason: "deadline", Why: fmt.Sprintf("the deadline of %s is over", how.Deadline)}
		within, cancel := context.WithTimeoutCause(ctx, how.Deadline, why)
		defer cancel()
		ctx = within
	}
	read := r.resolved.read
	executor := &apply.Executor{
		Reader: how.Reader, Writer: how.Writer, Catalog: read.observed.Catalog, Snapshot: read.observed.Snapshot, Journal: r.journal, CheckLock: r.lock.Renew,
		Earlier: read.history.pendingWrites(read.now()), MaxErrors: how.MaxErrors, Canary: how.Canary, Progress: how.Progress, Now: r.clock,
	}
	return executor.Run(ctx, r.fresh)
}

// Close closes the journal of a run, and keeps the record of one that was successful: the
// baseline of the next run.
func (r *Run) Close(ctx context.Context, f *Fresh, report *apply.Report, reason string) (head string, err error) {
	finished := f.Approval.Plan != nil && report.Stopped == nil && report.Err() == nil && nothingLeft(f.Approval.Plan, report, r.resolved.read.observed.Snapshot)
	head, err = r.closeJournal(report, finished, reason)
	if err != nil || r.resolved.read.loaded.adHoc || !successful(f.Plan, report) {
		return head, err
	}
	record := r.record(ctx)
	record.Left = r.resolved.leftUndone(report)
	return head, r.store.WriteRecord(context.WithoutCancel(ctx), record, r.resolved.baselineNow())
}

// closeJournal writes the last line of the journal.
func (r *Run) closeJournal(report *apply.Report, finished bool, reason string) (head string, err error) {
	counts := map[apply.Result]int{}
	for _, o := range report.Outcomes {
		counts[o.Result]++
	}
	return r.journal.Close(journal.Close{Counts: counts, Reason: reason, Finished: finished})
}

// record returns the record of this run: it carried out the present policies.
func (r *Run) record(ctx context.Context) journal.Record {
	read, project := r.resolved.read, r.resolved.read.loaded.project
	header := read.observed.Snapshot.Header
	return journal.Record{
		Run: r.id, Tenant: header.Organization.ID, Source: header.Source, At: read.now(), Commit: read.commit,
		Policies: r.resolved.set.Digest, Committed: project.committed(ctx, r.resolved.set), Settings: project.digest,
	}
}
