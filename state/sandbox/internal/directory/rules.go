package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// exclusion is a pair of service plans that cannot both work for a user.
type exclusion struct{ a, b string }

// exclusions holds a pair that Microsoft documents with its literal error (cloud licensing
// design document). It has one pair on purpose: the published list is long, and for many
// pairs no longer true. For example, the Exchange Online plans can be combined since
// January 2023.
var exclusions = []exclusion{
	{a: "4fa4026d-ce74-4962-a151-8e96d57ea8e4", b: "57ff2da0-773e-42df-b2af-ffb7a2317929"}, // TEAMS_FREE, TEAMS1
}

// requirement is a service plan that works only with one of others.
type requirement struct {
	plan  string
	needs []string // any one of them
}

// requirements holds the prerequisites whose error was recorded word by word.
var requirements = []requirement{
	{ // SHAREPOINT_PROJECT on SHAREPOINTENTERPRISE (Debug-GroupLicenseAssignment)
		plan:  "fe71d6c3-a2ea-4499-9778-da042bf08063",
		needs: []string{"5dbe027f-2339-4123-9542-606e4d348a72"},
	},
	{ // MCOMEETADV_GOV on TEAMS_GOV or MCOSTANDARD_GOV (microsoft-365-docs pull request 3864)
		plan:  "f544b08d-1645-4287-82de-8d91f37c02a1",
		needs: []string{"304767db-7d23-49e8-a945-4a7eb65f9f28", "a31ef4a2-f787-435e-8335-e47eb0cafc94"},
	},
}

// violation is a broken rule.
type violation struct {
	message string   // in the words of the service
	other   string   // the same in the audit log, "" if it is the same
	reason  string   // as licenseAssignmentState.error
	plans   []string // ids of the service plans that cannot work
}

// violations returns the rules that a set of working service plans breaks.
func violations(on map[string]bool) []violation {
	var out []violation
	for _, x := range exclusions {
		if on[x.a] && on[x.b] {
			out = append(out, violation{
				message: fmt.Sprintf("License assignment failed because service plans %s,%s are mutually exclusive", x.a, x.b),
				other:   fmt.Sprintf("License assignment failed because service plans [%s], [%s] are mutually exclusive.", x.a, x.b),
				reason:  reasonExclusive,
				plans:   []string{x.a, x.b},
			})
		}
	}
	for _, q := range requirements {
		if on[q.plan] && !slices.ContainsFunc(q.needs, func(p string) bool { return on[p] }) {
			out = append(out, violation{
				message: fmt.Sprintf("License assignment failed because service plan %s depends on the service plan(s) %s",
					q.plan, strings.Join(q.needs, ",")),
				reason: reasonDependency,
				plans:  []string{q.plan},
			})
		}
	}
	return out
}

// newViolations returns the rules that a change would break and that are not broken
// already. A write is never refused for what the file starts with.
func newViolations(before, next UserState) []violation {
	old := violations(before.plansOn())
	return slices.DeleteFunc(violations(next.plansOn()), func(v violation) bool {
		return slices.ContainsFunc(old, func(o violation) bool { return o.message == v.message })
	})
}

func (v violation) refusal() *refusal.Error {
	return refusal.BadRequest("%s", v.message).WithVariant(variant.BracketedPlans, v.other)
}

// checkRules refuses a change that breaks a rule. A removal can break one too.
func checkRules(u *User, next UserState) *refusal.Error {
	for _, v := range newViolations(u.State, next) {
		return v.refusal()
	}
	return nil
}
