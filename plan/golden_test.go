package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestExplainPlanJSON pins the names and shapes that other programs read:
// every kind of step, a blocked and a waiting assignment, a note and a guard that is open.
func TestExplainPlanJSON(t *testing.T) {
	t.Parallel()
	p := fixture{
		t: t, settings: manageAll + "\nseats: {VISIOCLIENT: {reserve: 1}}\nprotect: {upns: [zoe@contoso.com]}",
		allow: []plan.Override{{Guard: guard.Losses, Limit: 2, Text: "losses=2"}},
		tenant: `
			sku SPE_E3 10
			sku SPE_E5 3 warning=2
			sku SPE_F1 5
			sku M365_F1 0
			sku POWER_BI_PRO 10 others=4
			sku VISIOCLIENT 2
			anna CH SPE_E3(SWAY) POWER_BI_PRO@BI
			bea CH SPE_E3
			carl -
			dora CH VISIOCLIENT SPE_E3@Staff
			zoe CH SPE_E3`,
		policies: `
			- {name: up, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}, absent: [POWER_BI_PRO]}
			- {name: plans, users: {upns: [bea@contoso.com]}, licenses: [{sku: SPE_E3, disable: [SWAY]}]}
			- {name: new, users: {upns: [carl@contoso.com]}, licenses: [SPE_F1], usage_location: CH}
			- {name: out, users: {upns: [dora@contoso.com]}, absent: [VISIOCLIENT, SPE_E3]}
			- {name: visio, users: {upns: [carl@contoso.com, bea@contoso.com]}, licenses: [VISIOCLIENT]}`,
	}.compute()
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "plan.golden.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(raw, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(raw)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}
