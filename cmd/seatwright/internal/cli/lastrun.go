package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
)

// lastRun are the policies that the last run that ended well had carried out.
type lastRun struct {
	record  *journal.Record
	set     *policies.Set // nil: nobody can tell
	same    bool          // they are those at hand
	matches *selector.Matches

	why, hint string // nobody can tell, and what would help
}

func (l *lastRun) lost(hint, format string, args ...any) {
	l.set, l.matches, l.same, l.hint, l.why = nil, nil, false, hint, fmt.Sprintf(format, args...)
}

// findLastRun looks for the policies of the last run: at hand, or in git. They are those
// only if their digest is the one that the run noted. Files that git does not track are
// as they are today: they say who is in a source, and not what is wanted of it.
func (j *job) findLastRun(ctx context.Context) *lastRun {
	l := &lastRun{record: j.lastRecord()}
	switch {
	case l.record == nil:
		l.lost("run seatwright apply once; in a pipeline, keep the folder of --state-dir from run to run", "no run that ended well is on record here")
		return l
	case l.record.Settings == j.stated && (l.record.Policies == j.set.Digest || l.record.Committed != "" && l.record.Committed == j.committed(ctx)):
		l.set, l.same = j.set, true
		return l
	case !inCheckout(j.dir):
		l.lost("run it in the git checkout of the policies", "the policies, or the settings, are not those of run %s any more, and this is no git checkout", l.record.Run)
		return l
	case l.record.Commit == "":
		l.lost("run seatwright apply in the git checkout of the policies", "run %s was not made in a git checkout", l.record.Run)
		return l
	}
	if err := j.openLastRun(ctx, l); err != nil {
		known := classify(err)
		l.lost(known.hint, "the policies of run %s cannot be read: %s", l.record.Run, firstProblem(err))
	}
	return l
}

// openLastRun loads the policies of the run's commit.
func (j *job) openLastRun(ctx context.Context, l *lastRun) error {
	then, err := openRevision(ctx, j.dir, l.record.Commit)
	if err != nil {
		return err
	}
	tenant, err := j.tenantThen(then, l.record.Settings)
	if err != nil {
		return err
	}
	tracked, err := trackedFiles(ctx, j.dir)
	if err != nil {
		return err
	}
	set, _, err := policies.Load(then.with(j.project, tracked), tenant)
	if err != nil {
		return err
	}
	had := func(name string) bool { return then.nodes[name] != nil }
	if set.Digest != l.record.Policies && (l.record.Committed == "" || set.DigestOf(had) != l.record.Committed) {
		return usage("apply from a clean checkout, in which the settings name the same policy files",
			"they are not those that commit %.12s has: files were changed and not committed, or the settings name others today", l.record.Commit)
	}
	l.set = set
	return nil
}

// tenantThen are the settings at hand, but for what those of the run had to say of what is
// wanted: what new ones touch, or protect no longer, is pending like what new policies want.
func (j *job) tenantThen(then *revision, digest string) (policies.Tenant, error) {
	tenant := j.tenant
	if digest == j.stated {
		return tenant, nil
	}
	settings, err := policies.LoadSettings(then)
	if err != nil {
		return tenant, err
	}
	if settings.Digest != digest {
		return tenant, usage("apply from a clean checkout", "the settings are not those that commit %.12s has", then.commit)
	}
	stated, err := settings.Tenant(tenant.Name)
	tenant.Policies, tenant.Manage, tenant.OneOf, tenant.Protect, tenant.Prices = stated.Policies, stated.Manage, stated.OneOf, stated.Protect, stated.Prices
	return tenant, err
}

// resolve finds the users that the policies of the last run pick today. Who was in their
// lists and is gone from the tenant is no mistake of today's.
func (l *lastRun) resolve(j *job) {
	switch {
	case l.set == nil:
		return
	case l.same:
		l.set, l.matches = j.set, j.matches
		return
	}
	then := *j
	if err := then.turnTo(skipping(l.set)); err != nil {
		l.lost("", "the policies of run %s do not fit the tenant any more: %s", l.record.Run, firstProblem(err))
		return
	}
	l.set, l.matches = then.set, then.matches
}

// skipping is a set in which a row that names nobody is skipped.
func skipping(set *policies.Set) *policies.Set {
	lenient := *set
	lenient.Policies = slices.Clone(set.Policies)
	for i := range lenient.Policies {
		users := slices.Clone(lenient.Policies[i].Users)
		for n := range users {
			users[n].Missing = policies.MissingSkip
		}
		lenient.Policies[i].Users = users
	}
	return &lenient
}

// input is what today's plan of the policies of the last run is made from; false: nobody
// can tell what they were.
func (l *lastRun) input(head plan.Input) (plan.Input, bool) {
	if l.set == nil {
		return plan.Input{}, false
	}
	head.Set, head.Matches, head.Commit = l.set, l.matches, l.record.Commit
	return head, true
}

// deeds are the changes that runs are known to have made.
func deeds(runs []*journal.Run) []drift.Write {
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
