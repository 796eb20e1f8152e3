package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// remembered is how far back journals are read: a finished plan has expired by then.
const remembered = 30 * 24 * time.Hour

// counted is how far back the steps of runs count: as long as removals do, and a day in
// which a run may still have been under way.
const counted = journal.RemovalsFor + 24*time.Hour

// running is the clock that goes on from when it is asked for, even where
// SOURCE_DATE_EPOCH stopped the other one.
func (p Program) running() func() time.Time {
	began, base := time.Now(), p.Now()
	return func() time.Time { return base.Add(time.Since(began)) }
}

// history is what earlier runs tell this one.
type history struct {
	store *journal.Store
	close func() error   // nil: there is nothing to close
	runs  []*journal.Run // of this tenant, oldest first
	brief bool           // the steps of runs that are long over are not asked for
	last  *journal.Record
}

// remember reads what earlier runs left behind, and lays over the snapshot what they
// are known to have done but reads do not show yet.
func (j *job) remember(ctx context.Context) error {
	if err := j.recall(ctx, remembered); err != nil {
		return err
	}
	j.layOver()
	return nil
}

// recall reads what runs of the last days left behind. That a place could not be reached
// is an error: what others have done is there, and counts.
func (j *job) recall(ctx context.Context, within time.Duration) error {
	if j.past.store == nil {
		return nil
	}
	tenant := j.snapshot.Organization.ID
	whole := within
	if j.past.brief {
		whole = counted
	}
	runs, err := j.past.store.ReadHistory(ctx, tenant, j.Now().Add(-within), j.Now().Add(-whole))
	if _, away := errors.AsType[*blob.Error](err); away {
		return err
	}
	if err != nil {
		_ = view.Warning(j.Err, "what a run has done is not known: %s", err)
	}
	j.past.runs = slices.DeleteFunc(runs, func(r *journal.Run) bool { return r.Source != j.snapshot.Source }) // a sandbox can bear a live tenant's id
	j.past.last, err = j.past.store.LastRecord(ctx, tenant)
	if _, away := errors.AsType[*blob.Error](err); away {
		return err
	}
	if err != nil {
		_ = view.Warning(j.Err, "no baseline: %s", err)
		j.past.last = nil
	}
	return nil
}

// layOver lays over the snapshot what runs have done and reads do not show yet.
func (j *job) layOver() {
	var done []plan.Step
	for _, write := range j.recentWrites() {
		if write.Confirmed {
			done = append(done, write.Step)
		}
	}
	if len(done) > 0 {
		j.snapshot = plan.LayOver(j.snapshot, done)
	}
}

// recentWrites are those that reads may still lag behind. The embedded tenant never does.
func (j *job) recentWrites() []apply.Write {
	if j.snapshot.Source == state.SourceSandbox {
		return nil
	}
	return journal.Writes(j.past.runs, j.Now().Add(-apply.Horizon))
}

// recordedBaseline is the record of the last run that ended well, or nil.
func (j *job) recordedBaseline() *plan.Baseline {
	record := j.lastRecord()
	if record == nil {
		return nil
	}
	return record.Baseline()
}

// lastRecord is that of the last run that ended well, or nil. One of a sandbox says
// nothing of a live tenant.
func (j *job) lastRecord() *journal.Record {
	if j.past.last == nil || j.past.last.Source != j.snapshot.Source {
		return nil
	}
	return j.past.last
}

// applied says that a plan file was carried out to its end.
func (j *job) applied(digest string) (run string, finished bool) {
	for _, r := range j.past.runs {
		if r.Plan == digest && r.Close != nil && r.Close.Finished {
			run, finished = r.Run, true
		}
	}
	return run, finished
}

// take locks the tenant for this run alone. Nothing but who it is has been read yet.
func (j *job) take(ctx context.Context, patience time.Duration) error {
	organization, err := j.backend.reader.Read(ctx, state.Query{Organization: true})
	if err != nil {
		return fmt.Errorf("read tenant %s: %w", j.tenant.Name, err)
	}
	host, _ := os.Hostname() // of no machine: then only the heartbeat tells
	who := journal.Holder{Run: j.run, Host: host, Boot: bootID(), PID: os.Getpid()}
	said := false
	wait := func(ctx context.Context, d time.Duration) error {
		if !said {
			said = true
			_ = view.Remark(j.Err, fmt.Sprintf("waiting up to %s for the run that has the tenant", patience))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(d):
			return nil
		}
	}
	j.held, err = j.past.store.AcquireWithin(ctx, organization.Organization.ID, who, patience, wait)
	if err != nil {
		return err
	}
	if dead := j.held.TakenOverFrom(); dead != nil {
		_ = view.Warning(j.Err, "run %s on %s ended without giving the tenant back; what it left open is settled by reading", dead.Run, dead.Host)
	}
	return nil
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

// begin opens the journal of this run, and settles what earlier ones left open.
func (j *job) begin(ctx context.Context, fresh, approved *plan.Plan) (*journal.Writer, error) {
	host, _ := os.Hostname() // for people
	b := journal.Begin{
		Run: j.run, Kind: journal.KindApply, Tenant: j.snapshot.Organization.ID, Source: j.snapshot.Source, Tool: j.Version, Host: host,
		Commit: j.commit, Policies: fresh.PoliciesDigest, StepsDigest: fresh.StepsDigest, Count: len(fresh.Steps), RemovalsAllowed: removalsAllowed(fresh),
	}
	if approved != nil {
		b.Plan = approved.Digest
	}
	if fresh.Mode == plan.ModeCorrections {
		b.Kind = journal.KindCorrect
	}
	if fresh.Undo != nil {
		b.Kind, b.Of = journal.KindUndo, fresh.Undo.Run
	}
	w, err := j.past.store.Start(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := w.RecordFindings(journal.ResolveIntents(j.past.runs, j.snapshot, j.Now())); err != nil {
		return nil, errors.Join(err, w.Abandon())
	}
	return w, nil
}

// removalsAllowed reports whether an override lets through more than a guard that counts
// earlier runs too would: that guard counts none of this run later.
func removalsAllowed(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Guards, func(g plan.Guard) bool {
		row, _ := guard.Lookup(g.Name)
		return row.Days > 0 && g.Verdict == plan.VerdictOverridden
	})
}

// finish closes the journal, and keeps the record of a run that ended well.
func (j *job) finish(ctx context.Context, w *journal.Writer, fresh, approved *plan.Plan, report *apply.Report, words bool, end *exit) error {
	finished := approved != nil && report.Stopped == nil && report.Err() == nil && j.nothingLeft(approved, report)
	if err := j.endJournal(w, report, finished, end); err != nil || words || !endedWell(fresh, report) {
		return err
	}
	record := j.record(ctx)
	record.Left = j.leftUndone(j.set, j.matches, report)
	return j.past.store.WriteRecord(context.WithoutCancel(ctx), record, plan.NewBaseline("", j.set, j.matches, j.snapshot))
}

// record says that the policies at hand were carried out by this run.
func (j *job) record(ctx context.Context) journal.Record {
	return journal.Record{
		Run: j.run, Tenant: j.snapshot.Organization.ID, Source: j.snapshot.Source, At: j.Now(), Commit: j.commit,
		Policies: j.set.Digest, Committed: j.committed(ctx), Settings: j.stated,
	}
}

// leftUndone is what policies still want after a run, and no step can do.
func (j *job) leftUndone(set *policies.Set, matches *selector.Matches, report *apply.Report) []string {
	in := plan.Input{Set: set, Matches: matches, Snapshot: j.snapshot, Catalog: j.catalog, Now: j.Now(), Baseline: plan.NewBaseline("", set, matches, j.snapshot)}
	var done []plan.Step
	for _, o := range report.Outcomes {
		if !o.Result.Failure() {
			done = append(done, o.Step)
		}
	}
	return drift.LeftUndone(in, done)
}

// endJournal closes the journal, and says where it is.
func (j *job) endJournal(w *journal.Writer, report *apply.Report, finished bool, end *exit) error {
	counts := map[apply.Result]int{}
	for _, o := range report.Outcomes {
		counts[o.Result]++
	}
	head, err := w.Close(journal.Close{Counts: counts, Reason: end.reason, Finished: finished})
	end.journal, end.head = fmt.Sprintf("journal: run %s, head %s", j.run, head), head
	return err
}

// committed is the digest of those files of the policies that git tracks, "" outside of a
// checkout and where git does not have all of the policies: CSV files and lists that a
// pipeline puts beside them say who is in a source, and not what is wanted of it.
func (j *job) committed(ctx context.Context) string {
	if !inCheckout(j.dir) {
		return ""
	}
	tracked, err := trackedFiles(ctx, j.dir)
	elsewhere := func(i policies.Input) bool {
		return !tracked[i.Path] && i.Kind != policies.InputCSV && i.Kind != policies.InputList
	}
	if err != nil || slices.ContainsFunc(j.set.Inputs, elsewhere) {
		return ""
	}
	return j.set.DigestOf(func(name string) bool { return tracked[name] })
}

// endedWell says that all of what was wanted, and could be done, was: a source that
// shrank without anybody's having agreed must not be what the next run compares with.
func endedWell(p *plan.Plan, r *apply.Report) bool {
	return r.Stopped == nil && r.Err() == nil && len(p.Outcomes.Held) == 0 && p.Outcomes.Filtered == 0 && p.Complete && p.Undo == nil
}

// nothingLeft says that all steps of an approved plan are done.
func (j *job) nothingLeft(approved *plan.Plan, r *apply.Report) bool {
	done := map[string]bool{}
	for _, o := range r.Outcomes {
		done[o.Step.ID] = !o.Result.Failure()
	}
	for _, step := range approved.Steps {
		user, found := j.snapshot.Find(step.User.ID)
		if found && !done[step.ID] && !step.Done(step.Live(user)) {
			return false
		}
	}
	return true
}
