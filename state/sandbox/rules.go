package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// exclusion is a pair of service plans that cannot both work for a user.
type exclusion struct{ a, b string }

// exclusions holds a pair that Microsoft documents with its literal error (cloud
// licensing design document). It is one on purpose: the published list is long,
// and for many pairs no longer true. The Exchange Online plans, for one, stack
// since January 2023.
var exclusions = []exclusion{
	{a: "4fa4026d-ce74-4962-a151-8e96d57ea8e4", b: "57ff2da0-773e-42df-b2af-ffb7a2317929"}, // TEAMS_FREE, TEAMS1
}

// requirement is a service plan that works only with one of others.
type requirement struct {
	plan  string
	needs []string // any one of them
}

// requirements holds the prerequisites whose error was seen word by word.
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

// violations lists, in the words of the service, which rules a set of working
// service plans breaks.
func violations(on map[string]bool) []string {
	var out []string
	for _, x := range exclusions {
		if on[x.a] && on[x.b] {
			out = append(out, fmt.Sprintf(
				"License assignment failed because service plans %s,%s are mutually exclusive", x.a, x.b))
		}
	}
	for _, q := range requirements {
		if on[q.plan] && !slices.ContainsFunc(q.needs, func(p string) bool { return on[p] }) {
			out = append(out, fmt.Sprintf(
				"License assignment failed because service plan %s depends on the service plan(s) %s",
				q.plan, strings.Join(q.needs, ",")))
		}
	}
	return out
}

// checkRules refuses a change that breaks a rule which the user does not break
// already, a removal too. What the file starts with is never blamed on a write.
func checkRules(u *user, next userState) *refusal {
	before := violations(u.plansOn(u.state))
	for _, v := range violations(u.plansOn(next)) {
		if !slices.Contains(before, v) {
			return badRequest("%s", v)
		}
	}
	return nil
}
