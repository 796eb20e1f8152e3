package selector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// more are further policies in the file of policy p.
const (
	managed      = "    manage: [SPE_E3]\n"
	corpReported = "  - {name: corp, mode: report, users: {domain: corp.contoso.com}, licenses: [SPE_E3]}\n"
	annaEnded    = "  - {name: ended, until: 2001-01-01, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n"
	doraExcepted = "  - {name: excepted, users: {upns: [dora@contoso.com]}, except: {upns: [dora@contoso.com]}, licenses: [SPE_E3]}\n"
	everyUser    = "  - {name: all, users: {all: true}, licenses: [SPE_E3]}\n"
	external     = "  - {name: external, users: {search: fabrikam}, include: [external], licenses: [SPE_E3]}\n"
	leftovers    = "  - {name: leftovers, users: {unmatched: true}, licenses: [SPE_E3]}\n"
)

func TestUnmatched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lines, more, want string }{
		{"enabled members that no policy has", "", annaEnded, "bea, carl, dora"},
		{"a policy that only reports counts", "", corpReported, "dora"},
		{"a policy that has ended counts", "", annaEnded + corpReported, "dora"},
		{"an exception does not make a leftover", "", doraExcepted + annaEnded, "bea, carl"},
		{"other leftovers do not count", "", leftovers + corpReported, "dora"},
		{"no user, if all are matched", "", everyUser, ""},
		{"include: disabled takes disabled accounts too", "    include: [disabled]\n", corpReported, "dora, emil"},
		{"include: external takes guests and external members too", "    include: [external]\n", corpReported, "dora, gina, hugo"},
		{"unless another policy takes them", "    include: [external]\n", corpReported + external, "dora"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, set := company(t), load(t, managed, "    users: {unmatched: true}\n"+c.lines+c.more)
			matches, warnings, err := selector.Resolve(set, s)
			if err != nil || len(warnings) > 0 && c.more != external {
				t.Fatal(warnings, err)
			}
			p := slices.IndexFunc(set.Policies, func(p policies.Policy) bool { return p.Name == "p" })
			if diff := cmp.Diff(c.want, names(s, set, matches.Policies[p])); diff != "" {
				t.Errorf("left over (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnmatchedWithOtherSourcesAndFilters(t *testing.T) {
	t.Parallel()
	s, set := company(t), load(t, managed, "    users: [{unmatched: true, search: dora}, {upns: [bea@contoso.com]}, {unmatched: true, domain: corp.contoso.com}]\n")
	matches, _, err := selector.Resolve(set, s)
	if err != nil {
		t.Fatal(err)
	}
	if want, got := "anna, bea row 1, carl, dora", names(s, set, matches.Policies[0]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !slices.IsSortedFunc(matches.Policies[0], func(a, b selector.Hit) int { return int(a.User - b.User) }) {
		t.Errorf("the hits are not sorted: %v", matches.Policies[0])
	}
}

// TestUnmatchedSelectsTheRest asks it of any set of selectors.
func TestUnmatchedSelectsTheRest(t *testing.T) {
	t.Parallel()
	s := company(t)
	sources := []string{
		"all: true", "domain: corp.contoso.com", "search: bea", "upns: [anna@contoso.com]", "csv: some.csv", "unmatched: true",
		"group: " + groupID(1).String(), `ou: "OU=Staff,DC=corp,DC=contoso,DC=com"`,
	}
	rapid.Check(t, func(rt *rapid.T) {
		var lines strings.Builder
		lines.WriteString("    users: {unmatched: true}\n    include: [disabled, external]\n")
		for i, source := range rapid.SliceOfN(rapid.SampledFrom(sources), 0, 4).Draw(rt, "sources") {
			lines.WriteString("  - {name: p" + string(rune('a'+i)) + ", users: {" + source + "}, licenses: [SPE_E3]}\n")
		}
		set := load(t, managed, lines.String())
		matches, _, err := selector.Resolve(set, s)
		if err != nil {
			rt.Fatal(err)
		}
		left, matched := map[int32]bool{}, map[int32]bool{}
		for i, policy := range set.Policies {
			for _, hit := range matches.Policies[i] {
				switch {
				case policy.Users[hit.Selector].Kind != policies.KindUnmatched:
					matched[hit.User] = true
				case policy.Name == "p":
					left[hit.User] = true
				}
			}
		}
		for user := range s.Users() {
			if row := int32(user.Row()); left[row] == matched[row] {
				rt.Errorf("%s: left over %v, matched %v", user.UserPrincipalName(), left[row], matched[row])
			}
		}
	})
}

func TestNeedsTheGroupsThatSelectorsName(t *testing.T) {
	t.Parallel()
	set := load(t, "    protect: {group: "+groupID(2).String()+"}\n",
		"    users: [{group: "+groupID(3).String()+"}, {group: "+groupID(1).String()+"}]\n    except: {group: "+groupID(3).String()+"}\n")
	want := state.Everything()
	want.Roles = true
	want.Everyone = []state.GroupID{groupID(1), groupID(2), groupID(3)}
	if diff := cmp.Diff(want, selector.Needs(set)); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}
