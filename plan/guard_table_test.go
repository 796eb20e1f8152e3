package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/guard/guardtest"
)

func TestGuardTableMatchesMeasures(t *testing.T) {
	t.Parallel()
	measured := plan.Measured()
	for _, row := range guard.All().Rows() {
		if !measured[row.Name] {
			t.Errorf("the guard %s has no function that measures it: add one to measures", row.Name)
		}
		delete(measured, row.Name)
	}
	for name := range measured {
		t.Errorf("the guard %s is measured and has no row in guard.All", name)
	}
}

// joining is a tenant in which four users get SPE_E3 and one gets Power BI.
func joining(t *testing.T) fixture {
	four, upns := many(4, "u", "")
	return fixture{t: t, settings: "manage: [SPE_E3, POWER_BI_PRO, VISIOCLIENT]", tenant: plenty + four + "bea CH\ncarl CH VISIOCLIENT",
		policies: "- {name: joiners, users: {upns: [" + upns + "]}, licenses: [SPE_E3]}\n- {name: data, users: {upns: [bea@contoso.com]}, licenses: [POWER_BI_PRO]}\n" +
			"- {name: out, users: {upns: [carl@contoso.com]}, absent: [VISIOCLIENT], allow_data_loss: [onedrive]}"}
}

// byMadeUp makes a plan with the made-up guards, of which the one of all additions is as
// the row says.
func byMadeUp(in plan.Input, row guard.Row) *plan.Plan {
	rows := guardtest.Table().Rows()
	for i := range rows {
		if rows[i].Name == row.Name {
			rows[i] = row
		}
	}
	return plan.ComputeBy(guard.New(rows...), map[guard.Name]plan.Measure{guardtest.MadeUp: plan.MeasureAdditions, guardtest.Forgotten: plan.MeasureNothing}, in)
}

func madeUp() guard.Row {
	row, _ := guardtest.Table().Lookup(guardtest.MadeUp)
	return row
}

func TestGuardTableNewRow(t *testing.T) {
	t.Parallel()
	allow := []plan.Override{{Guard: guardtest.MadeUp, SKU: sku("SPE_E3"), Limit: 4, Text: "--allow made_up:SPE_E3=4"}}
	for _, c := range []struct {
		name      string
		change    func(*plan.Input)
		want      []string
		applyable bool
	}{
		{"its limit is exceeded", func(*plan.Input) {}, []string{"POWER_BI_PRO 1/3 ok", "SPE_E3 4/3 breached"}, false},
		{"settings state another one", func(in *plan.Input) {
			in.Set.Tenant.Guards = policies.GuardLimits{guardtest.MadeUp: {guard.KeyUsers: 4}}
		}, []string{"POWER_BI_PRO 1/4 ok", "SPE_E3 4/4 ok"}, true},
		{"a flag or a waiver overrides it", func(in *plan.Input) { in.Overrides = allow }, []string{"POWER_BI_PRO 1/3 ok", "SPE_E3 4/3 overridden"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := joining(t).input()
			c.change(&in)
			p := byMadeUp(in, madeUp())
			if diff := cmp.Diff(c.want, verdicts(p, guardtest.MadeUp)); diff != "" || p.Applyable != c.applyable {
				t.Errorf("applyable is %v, want %v; verdicts (-want +got):\n%s", p.Applyable, c.applyable, diff)
			}
		})
	}
}

func TestGuardTableNewRowHoldsItsSteps(t *testing.T) {
	t.Parallel()
	in := joining(t).input()
	in.Hold = true
	p := byMadeUp(in, madeUp())
	if diff := cmp.Diff(lines("add bea: +POWER_BI_PRO", "remove carl: -VISIOCLIENT loses onedrive", "held u000 SPE_E3: guard", "held u001 SPE_E3: guard", "held u002 SPE_E3: guard", "held u003 SPE_E3: guard"), printed(p)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"POWER_BI_PRO 1/3 ok", "SPE_E3 4/3 held"}, verdicts(p, guardtest.MadeUp)); diff != "" || !p.Applyable {
		t.Errorf("applyable is %v; verdicts (-want +got):\n%s", p.Applyable, diff)
	}
	if want := "held by the guard made_up:SPE_E3 (4 seen, the limit is 3): --allow made_up:SPE_E3=4 would let it through"; p.Outcomes.Held[0].Detail != want {
		t.Errorf("detail %q, want %q", p.Outcomes.Held[0].Detail, want)
	}
}

// A guard must not be called held while the steps that exceed its limit are applied.
func TestGuardThatHoldsTooLittleStops(t *testing.T) {
	t.Parallel()
	for holds, held := range map[guard.Holds]int{guard.HoldsNothing: 0, guard.HoldsTaking: 1} {
		in := joining(t).input()
		in.Hold = true
		row := madeUp()
		row.Holds = holds
		p := byMadeUp(in, row)
		if diff := cmp.Diff([]string{"POWER_BI_PRO 1/3 ok", "SPE_E3 4/3 breached"}, verdicts(p, guardtest.MadeUp)); diff != "" || p.Applyable || len(p.Outcomes.Held) != held {
			t.Errorf("holds %q: applyable is %v, %d held; verdicts (-want +got):\n%s", holds, p.Applyable, len(p.Outcomes.Held), diff)
		}
	}
}

func TestGuardTableForgottenRowStops(t *testing.T) {
	t.Parallel()
	in := joining(t).input()
	in.Hold, in.Overrides = true, []plan.Override{{Guard: guardtest.Forgotten, Limit: 9, Text: "--allow forgotten=9"}}
	for name, measure := range map[string]plan.Measure{"no data": plan.MeasureNothing, "no function": nil} {
		p := plan.ComputeBy(guardtest.Table(), map[guard.Name]plan.Measure{guardtest.Forgotten: measure}, in)
		if got := strings.Join(verdicts(p, guardtest.Forgotten), ", "); got != "0/0 not_checked" {
			t.Errorf("%s: got %q, want one entry that is not checked", name, got)
		}
	}
	p := plan.ComputeBy(guardtest.Table(), map[guard.Name]plan.Measure{guardtest.Forgotten: plan.MeasureOne}, in)
	i := slices.IndexFunc(p.Guards, func(g plan.Guard) bool { return g.Name == guardtest.Forgotten })
	if g := p.Guards[i]; g.Class != guard.Stop || g.Verdict != plan.VerdictBreached || g.Override != nil || p.Applyable {
		t.Errorf("applyable is %v, and the guard %+v: want class stop, breached, and no override", p.Applyable, g)
	}
}

func TestGuardThatHoldsNothingHasADetail(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, hold: true, settings: "manage: [SPE_E3]", policies: policyForAll("a", "licenses: [SPE_E3]"), tenant: "sku SPE_E3 900 others=21\nanna CH"}
	p := f.compute()
	i := slices.IndexFunc(p.Guards, func(g plan.Guard) bool { return g.Name == guard.Implausible })
	if g := p.Guards[i]; g.Verdict != plan.VerdictHeld || !strings.HasSuffix(g.Detail, "; it holds no step, since no step takes anything") {
		t.Errorf("nothing is held, and the guard is %+v", g)
	}
	f.policies = policyForAll("a", "absent: [SPE_E3]\nallow_data_loss: [mailbox]") + "\n- {name: in, users: {upns: [bea@contoso.com]}, licenses: [SPE_E3], priority: 9}"
	f.tenant = "sku SPE_E3 900 others=500\nanna CH SPE_E3\nbea CH"
	p = f.compute()
	i = slices.IndexFunc(p.Guards, func(g plan.Guard) bool { return g.Name == guard.Implausible })
	if g := p.Guards[i]; g.Verdict != plan.VerdictHeld || strings.Contains(g.Detail, "it holds no step") || len(p.Outcomes.Held) != 1 {
		t.Errorf("%d held, and the guard is %+v:\n%s", len(p.Outcomes.Held), g, printed(p))
	}
}
