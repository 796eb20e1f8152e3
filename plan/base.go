package plan

import "slices"

// Base is what the policies of an earlier commit would do with the same tenant on the
// same day. What a plan has beyond that is the effect of the change of policies; what
// both have, and is marked by InBase, would be done without the change too.
type Base struct {
	Name           string          `json:"name"`            // of the revision, as it was asked for
	Commit         string          `json:"commit"`          // where the change began
	PoliciesDigest string          `json:"policies_digest"` // "" where nothing could be planned
	Trouble        string          `json:"trouble"`         // why nothing could be planned, and so nothing is marked; "": it could
	Ended          []Step          `json:"ended"`           // what only the base would do
	EndedOutcomes  []SortedOutcome `json:"ended_outcomes"`  // pairs that only the base leaves undone
}

// SettingsFrom says that the settings are not those beside the policies.
type SettingsFrom struct {
	Name    string   `json:"name"` // of the revision, as it was asked for
	Commit  string   `json:"commit"`
	Changed []string `json:"changed"` // files that are others beside the policies, where they do not count; sorted
}

// CompareWith marks what the base's plan has too, and keeps what it has alone.
func (p *Plan) CompareWith(base *Plan, of Base) {
	compared := Compare(base, p)
	of.PoliciesDigest, of.Ended, of.EndedOutcomes = base.PoliciesDigest, compared.OnlyA, compared.Outcomes.OnlyA
	p.Base = &of
	markSteps(p.Steps, base.Steps)
	markSteps(p.Reported, base.Reported)
	known := map[outcomeKey]bool{}
	for _, outcome := range sorted(base.Outcomes) {
		known[outcome.key()] = true
	}
	for sort, outcomes := range map[string][]Outcome{"blocked": p.Outcomes.Blocked, "waiting": p.Outcomes.Waiting, "held": p.Outcomes.Held} {
		for i, outcome := range outcomes {
			outcomes[i].InBase = known[SortedOutcome{sort, outcome}.key()]
		}
	}
}

func markSteps(steps, base []Step) {
	ids := map[string]bool{}
	for _, step := range base {
		ids[step.ID] = true
	}
	for i := range steps {
		steps[i].InBase = ids[steps[i].ID]
	}
}

// WithoutBase says that there is no plan of the base to compare with, and why.
func (p *Plan) WithoutBase(of Base) {
	of.Ended, of.EndedOutcomes = []Step{}, []SortedOutcome{}
	p.Base = &of
}

// Changed says that steps would be done, or not be done any more, because of the
// change of policies; without a base, that there are steps.
func (p *Plan) Changed() bool {
	caused := slices.ContainsFunc(p.Steps, func(s Step) bool { return !s.InBase })
	return caused || p.Base != nil && len(p.Base.Ended) > 0
}
