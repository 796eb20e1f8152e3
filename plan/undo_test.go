package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

const allLost = " loses mailbox loses archive loses onedrive loses teams"

// after returns the tenant after a plan was carried out, except for some users.
func after(s *state.Snapshot, p *plan.Plan, but ...string) *state.Snapshot {
	var done []plan.Step
	for _, step := range p.Steps {
		done = append(done, step)
		for _, name := range but {
			if step.User.ID == idOf[state.User](name) {
				done = done[:len(done)-1]
			}
		}
	}
	return plan.LayOver(s, done)
}

func TestUndo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policies, tenant, want string
		changed                      []string
	}{
		{"a swap, with the plans that were off", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3(SWAY)", lines("replace anna: +SPE_E3 -SPE_E5 (SWAY off) loses phone"), nil},
		{"an addition and a removal", policyForAll("a", "licenses: [SPE_E3]\nabsent: [VISIOCLIENT]"), "anna CH VISIOCLIENT", lines("replace anna: +VISIOCLIENT -SPE_E3" + allLost), nil},
		{"plans", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [SWAY]}]"), "anna CH SPE_E3", lines("plans anna: ~SPE_E3"), nil},
		{"a location that was written over", policyForAll("a", "usage_location: {value: DE, overwrite: all}"), "anna CH", lines("location anna: DE -> CH"), nil},
		{"not a location that was unset", policyForAll("a", "usage_location: CH\nlicenses: [SPE_E3]"), "anna -", lines("remove anna: -SPE_E3"+allLost, "blocked anna : changed"), nil},
		{"a user that was changed since is left alone as a whole", policyForAll("a", "licenses: [SPE_E3]\nabsent: [VISIOCLIENT]"), "anna CH VISIOCLIENT\nbea CH VISIOCLIENT",
			lines("replace bea: +VISIOCLIENT -SPE_E3"+allLost, "blocked anna SPE_E3: changed", "blocked anna VISIOCLIENT: changed"), []string{"anna"}},
		{"in an order that keeps seats", "- {name: up, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}\n- {name: down, users: {upns: [bea@contoso.com]}, replace: {SPE_E5: SPE_E3}}",
			"sku SPE_E3 2\nsku SPE_E5 1\nanna CH SPE_E3\nbea CH SPE_E5", lines("replace anna: +SPE_E3 -SPE_E5 loses phone", "replace bea: +SPE_E5 -SPE_E3"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant, settings := c.tenant, "manage: [SPE_E3, SPE_E5]"
			if tenant[:4] != "sku " {
				tenant, settings = seats+tenant, manageAll
			}
			f := fixture{t: t, settings: settings + "\nprices: prices.yaml", policies: c.policies, tenant: tenant,
				prices: "currency: CHF\nmonthly: {SPE_E3: 36, SPE_E5: 57, VISIOCLIENT: 15}"}
			in := f.input()
			p := explain.Plan(in)
			if len(p.Steps) == 0 {
				t.Fatal("the plan to undo has no step")
			}
			in.Snapshot = after(in.Snapshot, p, c.changed...)
			undo := explain.Undo(in, plan.UndoOf{Run: "run", Head: "head"}, p.Steps)
			if c.changed == nil && undo.Cost.Cents != -p.Cost.Cents {
				t.Errorf("the run cost %d, to take it back %d", p.Cost.Cents, undo.Cost.Cents)
			}
			if diff := cmp.Diff(c.want, printed(undo)); diff != "" {
				t.Errorf("undo (-want +got):\n%s", diff)
			}
			if undo.Mode != plan.ModeUndo || undo.Undo.Head != "head" {
				t.Errorf("mode %s of %v, want an undo", undo.Mode, undo.Undo)
			}
			in.Snapshot = after(in.Snapshot, undo)
			if again := explain.Undo(in, plan.UndoOf{}, p.Steps); len(again.Steps) > 0 {
				t.Errorf("undone twice:\n%s", printed(again))
			}
		})
	}
}

// TestUndoProtectionAndGuards as any plan is.
func TestUndoProtectionAndGuards(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, settings: manageAll + "\nprotect: [{upns: [anna@contoso.com]}]\n", policies: policyForAll("a", "licenses: [SPE_E3]"),
		tenant: seats + "anna CH\nbea CH\ncarl CH\ndora CH"}
	in := f.input()
	p := explain.Plan(in)
	in.Snapshot = after(in.Snapshot, p)
	undo := explain.Undo(in, plan.UndoOf{}, p.Steps)
	want := lines("remove bea: -SPE_E3"+allLost, "remove carl: -SPE_E3"+allLost, "remove dora: -SPE_E3"+allLost, "blocked anna SPE_E3: protected")
	if diff := cmp.Diff(want, printed(undo)); diff != "" {
		t.Errorf("undo (-want +got):\n%s", diff)
	}
	if undo.Applyable {
		t.Error("it takes mailboxes from three users of four, and no guard stops it")
	}
}

// TestGuardRemovalsOfEarlierRuns for the guard, unless the users hold it again.
func TestGuardRemovalsOfEarlierRuns(t *testing.T) {
	t.Parallel()
	holders, _ := many(100, "u", "VISIOCLIENT")
	f := fixture{t: t, settings: "manage: [VISIOCLIENT]", policies: "- {name: out, users: {upns: [u000@contoso.com]}, absent: [VISIOCLIENT]}", tenant: plenty + holders + "gone CH\n"}
	in := f.input()
	visio := sku("VISIOCLIENT")
	recent := func(users ...string) plan.Recent {
		r := plan.Recent{visio: {}}
		for _, name := range users {
			r[visio][idOf[state.User](name)] = true
		}
		return r
	}
	for _, c := range []struct {
		name   string
		recent plan.Recent
		seen   int
		ok     bool
	}{
		{"none", nil, 1, true},
		{"the same user", recent("u000"), 1, true},
		{"one who holds it again", recent("u001"), 1, true},
		{"five who are gone", recent("gone", "a", "b", "c", "d"), 6, false},
	} {
		in.Recent = c.recent
		p := explain.Plan(in)
		for _, g := range p.Guards {
			if g.Name == guard.Removals && g.SKU == "VISIOCLIENT" && (g.Seen != c.seen || (g.Verdict == plan.VerdictOK) != c.ok) {
				t.Errorf("%s: %d seen, %s; want %d, ok %t", c.name, g.Seen, g.Verdict, c.seen, c.ok)
			}
		}
	}
}
