package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// Compute makes the plan. It never fails: what cannot be done is in the outcomes,
// and what may not be done is in the guards.
func Compute(in Input) *Plan { return run(in).plan() }

// plan writes down what the stages come to.
func (r arrangement) plan() *Plan {
	plan := r.assemble(r.people, r.steps, r.ledger)
	plan.Guards = r.guards
	plan.Applyable = plan.Complete && len(plan.Breached()) == 0
	plan.Reported = r.reported(plan)
	return plan
}

// arrangement is what the stages come to, before it is written down.
type arrangement struct {
	*planner
	people []*person
	steps  []*draft
	ledger *ledger
	guards []Guard
}

// run goes through the stages.
func run(in Input) arrangement {
	p := newPlanner(in)
	return finish(p, p.people())
}

// finish takes people through the stages that all have in common.
func finish(p *planner, people []*person) arrangement {
	in := p.Input
	r := arrangement{planner: p, people: people}
	r.filter(r.people)
	r.steps, r.ledger = r.arrange(r.people)
	r.guards = r.planner.guards(r.steps)
	for in.Hold && r.holdBreached(r.guards, r.steps) {
		r.steps, r.ledger = r.arrange(r.people)
		r.guards = r.afterHold(r.guards, r.planner.guards(r.steps))
	}
	if in.Hold {
		r.passRest(r.guards, r.people)
	}
	return r
}

// arrange hands out seats and makes the steps, again and again until every step is
// one that flags let through and an approved plan has too.
func (p *planner) arrange(people []*person) ([]*draft, *ledger) {
	for {
		ledger := p.allocate(people)
		steps := p.steps(people)
		if !dropSteps(steps, p.filteredOut()) {
			return steps, ledger
		}
	}
}

// planner holds what the stages share; each stage reads it and adds notes only.
type planner struct {
	Input
	rules      rules
	managed    []state.SKUID
	active     []bool // by policy: enforced, and inside its window
	shields    shields
	disputes   map[int]string // by row
	pending    pendingMembers
	counted    *census
	bared      map[string]bool // policies whose exceptions shrank; "": the settings' protect
	quiet      quietUsers
	containers containers
	notes      map[string]*Note
	noted      int // how often something was noted
}

func newPlanner(in Input) *planner {
	p := &planner{
		Input: in, rules: ownRules(), managed: managed(in), active: make([]bool, len(in.Set.Policies)),
		shields: findShields(in), disputes: findDisputes(in), pending: findPending(in.Snapshot), bared: map[string]bool{}, quiet: newQuietUsers(), containers: containers{}, notes: map[string]*Note{},
	}
	for i, policy := range in.Set.Policies {
		p.active[i] = policy.Mode == policies.ModeEnforce && policy.InForce(in.Now)
	}
	return p
}

func (p *planner) isManaged(sku state.SKUID) bool {
	_, found := slices.BinarySearchFunc(p.managed, sku, state.SKUID.Compare)
	return found
}

func (p *planner) part(sku state.SKUID) string { return p.Catalog.PartNumber(sku) }

// assemble writes down what the stages found.
func (p *planner) assemble(people []*person, steps []*draft, ledger *ledger) *Plan {
	accounts := p.seatAccounts(ledger)
	p.noteGrace(accounts)
	p.notePending(ledger)
	p.noteTroubles()
	p.noteUnread()
	p.noteEnded()
	p.noteRules(steps)
	p.noteContained(steps)
	p.noteLock()
	plan := &Plan{
		FormatVersion: FormatVersion, ToolVersion: p.ToolVersion, Source: p.Snapshot.Source,
		Tenant:    Tenant{Name: p.Set.Tenant.Name, ID: p.Snapshot.Organization.ID},
		CreatedAt: p.Now.UTC().Truncate(time.Second), Commit: p.Commit, PoliciesDigest: p.Set.Digest, Settings: p.Settings,
		Mode: cmp.Or(p.Mode, ModePolicies), Filters: p.Filters.names(p.Mode), Overrides: []string{}, Complete: p.Snapshot.Complete,
		SKUs: accounts, Steps: []Step{}, Outcomes: p.outcomes(people),
	}
	plan.Schedule = p.schedule(ledger, steps)
	plan.ExpiresAt = p.expiry(plan.CreatedAt)
	plan.Cost = p.cost(people, accounts)
	if p.Baseline != nil {
		plan.Baseline = p.Baseline.Origin
	}
	plan.Inputs = p.inputs(plan.CreatedAt)
	plan.Sources = p.sources()
	for _, override := range p.Overrides {
		plan.Overrides = append(plan.Overrides, override.Text)
	}
	slices.Sort(plan.Overrides)
	for _, draft := range steps {
		plan.Steps = append(plan.Steps, draft.Step)
	}
	return plan
}

// expiry is two weeks from now, or when the window of a policy opens or closes: from
// then on another plan is right.
func (p *planner) expiry(created time.Time) time.Time {
	end := created.Add(Lifetime)
	for _, policy := range p.Set.Policies {
		for _, boundary := range []time.Time{policy.From, policy.Until} {
			if boundary.After(created) && boundary.Before(end) {
				end = boundary
			}
		}
	}
	return end
}

// reported are the steps that policies with `mode: report` would add.
func (p *planner) reported(enforced *Plan) []Step {
	in, reports := p.Input, false
	set := *p.Set
	set.Policies = slices.Clone(p.Set.Policies)
	for i := range set.Policies {
		reports = reports || set.Policies[i].Mode == policies.ModeReport && set.Policies[i].InForce(in.Now)
		set.Policies[i].Mode = policies.ModeEnforce
	}
	if !reports {
		return []Step{}
	}
	in.Set, in.Filters, in.Hold = &set, Filters{}, false
	ids := map[string]bool{}
	for _, step := range enforced.Steps {
		ids[step.ID] = true
	}
	return slices.DeleteFunc(Compute(in).Steps, func(s Step) bool { return ids[s.ID] || !p.byReport(s) })
}

// byReport says that a policy with `mode: report` has a part in the step.
func (p *planner) byReport(s Step) bool {
	return slices.ContainsFunc(s.Because, func(b Because) bool {
		i := slices.IndexFunc(p.Set.Policies, func(policy policies.Policy) bool { return policy.Name == b.Policy })
		return i >= 0 && p.Set.Policies[i].Mode == policies.ModeReport
	})
}
