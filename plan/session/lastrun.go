package session

import (
	"context"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
)

// lastRun is the policies that the last successful run carried out.
type lastRun struct {
	record  *journal.Record
	set     *policies.Set // nil: it is not known
	same    bool          // they are those at hand
	matches *selector.Matches

	why, fix string // it is not known, and what would help
}

// lose keeps why the policies of the last run are not known.
func (l *lastRun) lose(fix, format string, args ...any) {
	l.set, l.matches, l.same, l.fix, l.why = nil, nil, false, fix, fmt.Sprintf(format, args...)
}

// findLastRun looks for the policies of the last run: at hand, or in git. Files count as
// those of the run only if their digest is the one that the run kept. Files that git does
// not track are as they are today: they list the users of a policy, not what it wants.
func (l *Loaded) findLastRun(ctx context.Context, record *journal.Record) *lastRun {
	p, last := l.project, &lastRun{record: record}
	switch {
	case record == nil:
		last.lose("run seatwright apply once; in a pipeline, keep the folder of --state-dir from run to run", "there is no record of a successful run here")
		return last
	case record.Settings == p.digest && (record.Policies == l.set.Digest || record.Committed != "" && record.Committed == p.committed(ctx, l.set)):
		last.set, last.same = l.set, true
		return last
	case !p.env.Git.InCheckout():
		last.lose("run it in the git checkout of the policies", "policies or settings changed since run %s, and this is not a git checkout", record.Run)
		return last
	case record.Commit == "":
		last.lose("run seatwright apply in the git checkout of the policies", "run %s was not made in a git checkout", record.Run)
		return last
	}
	set, err := p.openLastRun(ctx, record)
	if err != nil {
		last.lose(hintOf(err), "the policies of run %s cannot be read: %s", record.Run, firstProblem(err))
		return last
	}
	last.set = set
	return last
}

// openLastRun loads the policies of the commit of a run.
func (p *Project) openLastRun(ctx context.Context, record *journal.Record) (*policies.Set, error) {
	then, err := p.env.Git.Revision(ctx, record.Commit)
	if err != nil {
		return nil, err
	}
	tenant, err := p.tenantThen(then, record.Settings)
	if err != nil {
		return nil, err
	}
	tracked, err := p.env.Git.TrackedFiles(ctx)
	if err != nil {
		return nil, err
	}
	set, _, err := policies.Load(then.With(p.env.Files, tracked), tenant)
	if err != nil {
		return nil, err
	}
	if set.Digest != record.Policies && (record.Committed == "" || set.DigestOf(then.Has) != record.Committed) {
		return nil, usage("apply from a clean checkout, in which the settings name the same policy files",
			"they are not those of commit %.12s: files were changed and not committed, or the settings name other files now", record.Commit)
	}
	return set, nil
}

// tenantThen returns the settings at hand, with those of the run for what decides which
// licenses are wanted: what today's settings manage in addition, or protect no longer, is
// pending, like what today's policies want.
func (p *Project) tenantThen(then Revision, digest string) (policies.Tenant, error) {
	tenant := p.tenant
	if digest == p.digest {
		return tenant, nil
	}
	settings, err := policies.LoadSettings(then)
	if err != nil {
		return tenant, err
	}
	if settings.Digest != digest {
		return tenant, usage("apply from a clean checkout", "the settings are not those of commit %.12s", then.Commit())
	}
	stated, err := settings.Tenant(tenant.Name)
	tenant.Policies, tenant.Manage, tenant.OneOf, tenant.Protect, tenant.Prices = stated.Policies, stated.Manage, stated.OneOf, stated.Protect, stated.Prices
	return tenant, err
}

// committed returns the digest of those files of the policies that git tracks, "" outside
// of a checkout and where git does not have all of the policies. CSV files and lists that a
// pipeline puts beside them list the users of a policy, not what it wants.
func (p *Project) committed(ctx context.Context, set *policies.Set) string {
	if !p.env.Git.InCheckout() {
		return ""
	}
	tracked, err := p.env.Git.TrackedFiles(ctx)
	if err != nil {
		return ""
	}
	return digestOfTracked(set, tracked)
}

// digestOfTracked returns the digest of the tracked inputs of a set, "" where a file that
// decides what a policy wants is not tracked.
func digestOfTracked(set *policies.Set, tracked map[string]bool) string {
	elsewhere := func(i policies.Input) bool {
		return !tracked[i.Path] && i.Kind != policies.InputCSV && i.Kind != policies.InputList
	}
	if slices.ContainsFunc(set.Inputs, elsewhere) {
		return ""
	}
	return set.DigestOf(func(name string) bool { return tracked[name] })
}

// resolve finds the users that the policies of the last run select today. A listed
// user that was deleted since is not an error.
func (l *lastRun) resolve(r *Resolved) {
	switch {
	case l.set == nil:
		return
	case l.same:
		l.set, l.matches = r.set, r.matches
		return
	}
	then, err := r.with(skipMissing(l.set))
	if err != nil {
		l.lose("", "the policies of run %s do not fit the tenant any more: %s", l.record.Run, firstProblem(err))
		return
	}
	l.set, l.matches = then.set, then.matches
}

// skipMissing returns a set in which a row without a user is skipped.
func skipMissing(set *policies.Set) *policies.Set {
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

// input returns what today's plan of the policies of the last run is made from; false if
// they are not known.
func (l *lastRun) input(head plan.Input) (plan.Input, bool) {
	if l.set == nil {
		return plan.Input{}, false
	}
	head.Set, head.Matches, head.Commit = l.set, l.matches, l.record.Commit
	return head, true
}
