package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
)

func TestComputeUsersWithJoinConflicts(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"is given nothing", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH disputed\nbea CH", lines("add bea: +SPE_E3", "blocked anna SPE_E3: join")},
		{"loses nothing", "", policyForAll("a", "absent: [VISIOCLIENT]"), "anna CH VISIOCLIENT disputed", lines("blocked anna VISIOCLIENT: join")},
		{"has no plan switched", manageAll, policyForAll("a", "licenses: [{sku: SPE_E3, disable: [SWAY]}]"), "anna CH SPE_E3 disputed", lines("blocked anna SPE_E3: join")},
		{"gets no location", "", policyForAll("a", "usage_location: CH"), "anna - disputed", lines("blocked anna : join")},
		{"keeps what is as it should be", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_E3 disputed", ""},
	})
}

func TestComputeUncertainUsersLoseNothing(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"by a named absent", "", policyForAll("a", "absent: [VISIOCLIENT]"), "anna CH VISIOCLIENT doubted", lines("blocked anna VISIOCLIENT: join")},
		{"by others: remove", manageAll, policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), "anna CH SPE_E3 VISIOCLIENT doubted", lines("blocked anna VISIOCLIENT: join")},
		{"by a swap, which is left whole", "", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3 doubted", lines("blocked anna SPE_E3: join", "blocked anna SPE_E5: join")},
		{"by a location that is written over", "", policyForAll("a", "usage_location: {value: DE, overwrite: all}"), "anna CH doubted", lines("blocked anna : join")},
		{"and may receive", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH doubted", lines("add anna: +SPE_E3")},
	})
}

// TestExplainPlanInputsOfOUs, and how old that is.
func TestExplainPlanInputsOfOUs(t *testing.T) {
	t.Parallel()
	places := func(p *plan.Plan) []plan.InputRecord {
		var found []plan.InputRecord
		for _, input := range p.Inputs {
			if input.Source == plan.SourceSynced || strings.HasPrefix(input.Source, plan.SourceDirectory) {
				found = append(found, input)
			}
		}
		return found
	}
	byDomain := fixture{t: t, policies: "- {name: a, users: {domain: corp.example}, licenses: [SPE_E3]}", tenant: "sku SPE_E3 9\nanna CH synced domain=corp.example\nbea CH"}
	in := byDomain.input()
	in.Snapshot.Organization.LastSync = fixtureTime.Add(-time.Hour)
	if diff := cmp.Diff([]plan.InputRecord{{Source: plan.SourceSynced, Rows: 1, ReadAt: fixtureTime.Add(-time.Hour)}}, places(explain.Plan(in))); diff != "" {
		t.Errorf("by what was synced (-want +got):\n%s", diff)
	}
	users := []state.DirectoryUser{{ObjectGUID: state.Anchor{1}}, {ObjectGUID: state.Anchor{2}}}
	in.Snapshot.Directory = &state.Directory{Reads: []state.DirectoryRead{{
		Name: "corp", Server: "dc1.corp.example:636", ReadAt: fixtureTime, Places: []state.PlaceRead{{Users: users}, {Users: users[:1]}},
	}}}
	if diff := cmp.Diff([]plan.InputRecord{{Source: "directory corp (dc1.corp.example:636)", Rows: 2, ReadAt: fixtureTime}}, places(explain.Plan(in))); diff != "" {
		t.Errorf("by the directory (-want +got):\n%s", diff)
	}
	nowhere := fixture{t: t, policies: policyForAll("a", "licenses: [SPE_E3]"), tenant: "sku SPE_E3 9\nanna CH"}
	if got := places(nowhere.compute()); got != nil {
		t.Errorf("a plan without OUs speaks of %v", got)
	}
}
