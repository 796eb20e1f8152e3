package session

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/guard/guardtest"
)

func TestAllowReadsTheTableOfGuards(t *testing.T) {
	t.Parallel()
	names := catalog.Builtin()
	e3, err := names.SKU("SPE_E3")
	if err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]plan.Override{
		"made_up:SPE_E3=4": {Guard: guardtest.MadeUp, SKU: e3, Limit: 4, Text: "--allow made_up:SPE_E3=4"},
		"source:staff=40%": {Guard: guard.Source, Policy: "staff", Limit: 40, Text: "--allow source:staff=40%"},
		"source:staff=40":  {Guard: guard.Source, Policy: "staff", Limit: 40, Text: "--allow source:staff=40"},
		"losses=3":         {Guard: guard.Losses, Limit: 3, Text: "--allow losses=3"},
	} {
		got, err := parseOverride(flag, names, guardtest.Table())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", flag, err, diff)
		}
	}
	for flag, problem := range map[string]string{
		"made_up:SPE_E3=4%": "is not a number",
		"forgotten=4":       `no flag overrides a guard "forgotten"`,
		"protected=4":       `no flag overrides a guard "protected"`,
		"losses:SPE_E3=4":   "the guard losses counts the whole run",
	} {
		if _, err := parseOverride(flag, names, guardtest.Table()); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: got %v, want %q", flag, err, problem)
		}
	}
	if _, err := parseOverride("made_up:SPE_E3=4", names, guard.All()); err == nil {
		t.Error("the program has no guard made_up, and --allow takes it")
	}
}
