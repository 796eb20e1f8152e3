package plan

import "slices"

// Base is what the policies of an earlier commit would do with the same tenant on the
// same day. What only the plan has is the effect of the change of policies. What both
// have is marked by InBase, and would be done without the change too.
type Base struct {
	Name           string          `json:"name"`            // of the revision, as it was asked for
	Commit         string          `json:"commit"`          // where the change began
	PoliciesDigest string          `json:"policies_digest"` // "" where nothing could be planned
	Trouble        string          `json:"trouble"`         // why nothing could be planned, and so nothing is marked; "": it could
	Ended          []Step          `json:"ended"`           // what only the base would do
	EndedOutcomes  []SortedOutcome `json:"ended_outcomes"`  // assignments that only the base leaves undone
}

// SettingsFrom names the revision of the settings, if they are not those beside the policies.
type SettingsFrom struct {
	Name    string   `json:"name"` // of the revision, as it was asked for
	Commit  string   `json:"commit"`
	Changed []string `json:"changed"` // files that differ beside the policies, where they do not count; sorted
}

// SortedOutcome is an outcome with the sort it is of: blocked, waiting or held.
type SortedOutcome struct {
	Sort string `json:"sort"`
	Outcome
}

// WithoutBase records that there is no plan of the base to compare with, and why.
func (p *Plan) WithoutBase(of Base) {
	of.Ended, of.EndedOutcomes = []Step{}, []SortedOutcome{}
	p.Base = &of
}

// Changed reports whether the change of policies adds or ends steps. Without a base it
// reports whether there are steps.
func (p *Plan) Changed() bool {
	caused := slices.ContainsFunc(p.Steps, func(s Step) bool { return !s.InBase })
	return caused || p.Base != nil && len(p.Base.Ended) > 0
}
