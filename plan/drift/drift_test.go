package drift_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
)

const (
	allE3     = "{name: staff, users: {upns: [anna@contoso.com, bea@contoso.com]}, licenses: [SPE_E3], usage_location: CH}"
	annaE3    = "{name: staff, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}"
	annaSway  = "{name: staff, users: {upns: [anna@contoso.com]}, licenses: [{sku: SPE_E3, disable: [SWAY]}]}"
	noVisio   = "{name: no-visio, users: {all: true}, absent: [VISIOCLIENT]}"
	annaVisio = "{name: visio, users: {upns: [anna@contoso.com]}, licenses: [VISIOCLIENT]}"
)

func TestCompareDistinguishesDriftFromPending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		users            []string
		seats            map[string]int
		last, head       []string
		want, superseded []string
	}{
		{
			name: "a license that another writer removed is drift", users: []string{"anna CH", "bea CH SPE_E3"},
			last: []string{allE3}, head: []string{allE3}, want: []string{"drift anna:SPE_E3:missing"},
		},
		{
			name: "a removal that a new policy wants is pending", users: []string{"anna CH SPE_E3", "bea CH SPE_E3 VISIOCLIENT"},
			last: []string{allE3}, head: []string{allE3, noVisio}, want: []string{"pending bea:VISIOCLIENT:extra"},
		},
		{
			name: "what only the last run's policies want is superseded", users: []string{"anna CH", "bea CH"},
			last: []string{allE3}, head: []string{annaE3}, want: []string{"drift anna:SPE_E3:missing"}, superseded: []string{"moot bea:SPE_E3:missing"},
		},
		{
			name: "opposite changes are two items", users: []string{"anna CH VISIOCLIENT", "bea CH"},
			last: []string{annaE3, "{name: v, users: {upns: [bea@contoso.com]}, licenses: [VISIOCLIENT]}"}, head: []string{annaE3, noVisio},
			want: []string{"drift anna:SPE_E3:missing", "pending anna:VISIOCLIENT:extra"}, superseded: []string{"moot bea:VISIOCLIENT:missing"},
		},
		{
			name: "a location that was changed", users: []string{"anna - SPE_E3", "bea DE SPE_E3"},
			last: []string{allE3}, head: []string{allE3}, want: []string{"drift anna:location"},
		},
		{
			name: "the policies want another location than at the last run", users: []string{"anna DE SPE_E3", "bea CH SPE_E3"},
			last: []string{"{name: ch, users: {upns: [anna@contoso.com]}, usage_location: {value: CH, overwrite: cloud}}"},
			head: []string{"{name: at, users: {upns: [anna@contoso.com]}, usage_location: {value: AT, overwrite: cloud}}"},
			want: []string{"pending anna:location"}, superseded: []string{"moot anna:location"},
		},
		{
			name: "service plans that are on again, and those that only the new policies switch off", users: []string{"anna CH SPE_E3", "bea CH SPE_E3"},
			last: []string{annaSway}, head: []string{annaSway, "{name: bea, users: {upns: [bea@contoso.com]}, licenses: [{sku: SPE_E3, disable: [SWAY]}]}"},
			want: []string{"drift anna:SPE_E3:plans", "pending bea:SPE_E3:plans"},
		},
		{
			name: "an assignment that waits in one plan and is served in the other is drift", users: []string{"anna CH", "bea CH"}, seats: map[string]int{"SPE_E3": 1},
			last: []string{"{name: bea, users: {upns: [bea@contoso.com]}, licenses: [SPE_E3]}"}, head: []string{allE3},
			want: []string{"drift bea:SPE_E3:waiting", "pending anna:SPE_E3:missing"},
		},
		{
			name: "a change that new policies release is pending: a conflict is resolved", users: []string{"anna CH VISIOCLIENT", "bea CH SPE_E3"},
			last: []string{annaVisio, noVisio}, head: []string{noVisio}, want: []string{"pending anna:VISIOCLIENT:extra"},
		},
		{
			name: "a location that is set", users: []string{"anna -", "bea CH SPE_E3"},
			last: []string{annaE3}, head: []string{allE3}, want: []string{"pending anna:SPE_E3:missing", "pending anna:location"},
		},
		{
			name: "a seat that is freed", users: []string{"anna CH", "bea CH SPE_E3"}, seats: map[string]int{"SPE_E3": 1},
			last: []string{annaE3}, head: []string{annaE3, "{name: bea, users: {upns: [bea@contoso.com]}, absent: [SPE_E3]}"},
			want: []string{"pending anna:SPE_E3:missing", "pending bea:SPE_E3:extra"},
		},
		{
			name: "an assignment that new policies block is pending", users: []string{"anna -", "bea CH SPE_E3"},
			last: []string{annaE3}, head: []string{annaE3, "{name: not, users: {upns: [anna@contoso.com]}, absent: [SPE_E3]}"},
			want: []string{"pending anna:SPE_E3:blocked:conflict"},
		},
		{
			name: "the key of a blocked assignment has the reason", users: []string{"anna -", "bea CH SPE_E3"},
			last: []string{annaE3}, head: []string{annaE3}, want: []string{"drift anna:SPE_E3:blocked:no_usage_location"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := world{t: t, users: c.users, seats: c.seats}
			r := drift.Compare(w.plan(c.head...), w.plan(c.last...))
			if diff := cmp.Diff(c.want, w.lines(r.Items)); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, c.superseded...), w.lines(r.Superseded)); diff != "" {
				t.Errorf("superseded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompareWithoutTheLastPoliciesIsUndecided(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna CH", "bea CH SPE_E3"}}
	r := drift.Compare(w.plan(allE3), nil)
	if diff := cmp.Diff([]string{"undecided anna:SPE_E3:missing"}, w.lines(r.Items)); diff != "" {
		t.Error(diff)
	}
	if r.AttentionCount() != 1 {
		t.Errorf("%d items need attention, want 1", r.AttentionCount())
	}
	if leave := r.LeftAlone(drift.All); len(leave) != 1 {
		t.Errorf("%d assignments are left alone, want the undecided one", len(leave))
	}
}

func TestNeedsAttentionSkipsKnownAcceptedAndPendingItems(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna -", "bea CH VISIOCLIENT"}}
	last, head := []string{annaE3, noVisio}, []string{annaE3, noVisio, "{name: e5, users: {upns: [bea@contoso.com]}, licenses: [SPE_E5]}"}
	left := drift.LeftUndone(w.input(annaE3), nil) // by a run that left the same undone
	r := drift.Compare(w.plan(head...), w.plan(last...))
	if r.AttentionCount() != 2 {
		t.Fatalf("%v: %d need attention, want the blocked item and Visio", w.lines(r.Items), r.AttentionCount())
	}
	r.MarkKnown(append(left, userID("bea").String()+":VISIOCLIENT:extra"))
	if r.AttentionCount() != 1 {
		t.Errorf("%d need attention: the blocked item is known, a step never is", r.AttentionCount())
	}
	unused := r.MarkAccepted(map[string]drift.Acceptance{userID("bea").String() + ":VISIOCLIENT:extra": {Reason: "on leave"}, "no-user:SPE_E3:missing": {}})
	if r.AttentionCount() != 0 || !slices.Equal(unused, []string{"no-user:SPE_E3:missing"}) {
		t.Errorf("%d need attention, want none; unused %v", r.AttentionCount(), unused)
	}
}

func TestMarkKnownMarksItemsThatWaited(t *testing.T) {
	t.Parallel()
	full := world{t: t, users: []string{"anna CH", "bea CH"}, seats: map[string]int{"SPE_E3": 1}}
	bought := full
	bought.seats = nil
	r := drift.Compare(bought.plan(allE3), bought.plan(allE3))
	r.MarkKnown(drift.LeftUndone(full.input(allE3), full.plan(allE3).Steps))
	var waited []string
	for _, x := range r.Items {
		if x.Waited {
			waited = append(waited, x.Key)
		}
	}
	if diff := cmp.Diff([]string{userID("bea").String() + ":SPE_E3:missing"}, waited); diff != "" || r.AttentionCount() != 2 {
		t.Errorf("%d need attention; keys that waited (-want +got):\n%s", r.AttentionCount(), diff)
	}
}

// drawn returns a random tenant and two random sets of policies.
func drawn(t *rapid.T) (w world, last, head []string) {
	names := []string{"anna", "bea", "carl", "dora"}
	for _, name := range names {
		held := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"SPE_E3", "SPE_E3(SWAY)", "SPE_E5", "VISIOCLIENT", "SPE_E3@staff", "VISIOCLIENT@staff"}), 0, 4, func(s string) string { return s[:6] + s[strings.IndexByte(s+"@", '@'):] }).Draw(t, "held")
		w.users = append(w.users, strings.Join(append([]string{name, rapid.SampledFrom([]string{"CH", "CH", "-"}).Draw(t, "location")}, held...), " "))
	}
	policy := rapid.Custom(func(t *rapid.T) string {
		who := rapid.SampledFrom(names).Draw(t, "who")
		what := rapid.SampledFrom([]string{"licenses: [SPE_E3]", "licenses: [{sku: SPE_E3, disable: [SWAY]}]", "licenses: [SPE_E5], absent: [SPE_E3]", "absent: [VISIOCLIENT]", "replace: {SPE_E3: SPE_E5}", "usage_location: CH, licenses: [VISIOCLIENT]", "licenses: [SPE_E3], others: remove"}).Draw(t, "what")
		return fmt.Sprintf("users: {upns: [%s@contoso.com]}, %s}", who, what)
	})
	set := func(label string) (texts []string) {
		for i, text := range rapid.SliceOfN(policy, 1, 4).Draw(t, label) {
			texts = append(texts, fmt.Sprintf("{name: p%d, priority: %d, %s", i, rapid.IntRange(0, 2).Draw(t, "priority"), text))
		}
		return texts
	}
	w.seats = map[string]int{"SPE_E5": rapid.IntRange(0, 4).Draw(t, "seats"), "SPE_E3": 4}
	return w, set("last"), set("head")
}

func TestCompareClassifiesTheWholePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, last, head := drawn(rt)
		w.t = t
		whole := w.plan(head...)
		r := drift.Compare(whole, w.plan(last...))
		keys := map[string]bool{}
		for _, x := range r.Items {
			if x.Class != drift.Drift && x.Class != drift.Pending {
				rt.Fatalf("%s is %s", x.Key, x.Class)
			}
			if keys[x.Key] {
				rt.Fatalf("two items have the key %s", x.Key)
			}
			keys[x.Key] = true
		}
		want := len(whole.Outcomes.Blocked) + len(whole.Outcomes.Waiting) + len(whole.Outcomes.Held)
		for _, step := range whole.Steps {
			want += len(step.Adds()) + len(step.Removes())
			if step.Kind == plan.KindLocation {
				want++
			}
		}
		if len(r.Items) != want {
			rt.Fatalf("%d items, the plan has %d", len(r.Items), want)
		}
		if same := drift.Compare(whole, whole); same.Count(func(x *drift.Item) bool { return x.Class == drift.Pending }) > 0 || len(same.Superseded) > 0 {
			rt.Fatalf("a plan compared with itself has pending items: %v", w.lines(same.Items))
		}
	})
}

func TestCompareFindsNoDriftRightAfterApply(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, last, _ := drawn(rt)
		w.t, w.seats = t, nil
		first := w.plan(last...)
		left := drift.LeftUndone(w.input(last...), first.Steps)
		second := w.after(first).plan(last...)
		r := drift.Compare(second, second)
		r.MarkKnown(left)
		if len(second.Steps) > 0 {
			rt.Fatalf("drift right after apply: %v", w.lines(r.Items))
		}
		if r.AttentionCount() > 0 {
			rt.Fatalf("items need attention right after apply: %v, the run left %v", w.lines(r.Items), left)
		}
	})
}

func TestCompareKeysDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, _, head := drawn(rt)
		w.t = t
		before := drift.Compare(w.plan(head...), nil)
		source := rand.New(rand.NewSource(rapid.Int64().Draw(rt, "order")))
		source.Shuffle(len(w.users), func(i, j int) { w.users[i], w.users[j] = w.users[j], w.users[i] })
		source.Shuffle(len(head), func(i, j int) { head[i], head[j] = head[j], head[i] })
		after := drift.Compare(w.plan(head...), nil)
		if diff := cmp.Diff(w.lines(before.Items), w.lines(after.Items)); diff != "" {
			rt.Fatalf("the keys depend on the order:\n%s", diff)
		}
	})
}

func TestCorrectMakesOnlyStepsThatBothPlansWant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, last, head := drawn(rt)
		w.t = t
		r := drift.Compare(w.plan(head...), w.plan(last...))
		for _, how := range []drift.Correction{drift.Additive, drift.All} {
			c := drift.Correct(w.input(head...), w.input(last...), r.LeftAlone(how))
			left := drift.Compare(c, nil)
			for _, x := range left.Items {
				if !x.Serves() {
					continue
				}
				i := slices.IndexFunc(r.Items, func(y drift.Item) bool { return y.User == x.User && y.PartNumber == x.PartNumber })
				if i < 0 || r.Items[i].Class != drift.Drift {
					rt.Fatalf("%s corrects %s, which is not drift", how, x.Key)
				}
				if how == drift.Additive && x.Sort == drift.Extra {
					rt.Fatalf("an additive correction removes: %s", x.Key)
				}
			}
			if how == drift.Additive {
				for _, step := range c.Steps {
					if len(step.Takes()) > 0 || len(step.Removes()) > 0 || len(step.Loses) > 0 {
						rt.Fatalf("an additive correction removes: %s", step)
					}
				}
			}
		}
	})
}

func TestCorrectLeavesItemsAlone(t *testing.T) {
	t.Parallel()
	const swap = "{name: swap, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}"
	for _, c := range []struct {
		name       string
		users      []string
		seats      map[string]int
		last, head []string
		mark       func(*drift.Item)
		how        drift.Correction
		want       []string
	}{
		{
			name: "a step that differs between the plans", users: []string{"anna CH", "bea CH"},
			last: []string{annaE3}, head: []string{annaSway}, how: drift.All,
		},
		{
			name: "a change that only the last run's policies want in the same call", users: []string{"anna CH VISIOCLIENT", "bea CH"},
			last: []string{annaE3, noVisio}, head: []string{annaE3}, how: drift.All, want: []string{"add anna@contoso.com: +SPE_E3"},
		},
		{
			name: "an accepted item", users: []string{"anna CH", "bea CH SPE_E3"}, last: []string{annaE3}, head: []string{annaE3}, how: drift.All,
			mark: func(x *drift.Item) { x.Accepted = &drift.Acceptance{Reason: "on leave"} },
		},
		{
			name: "a change that a run of ours took back", users: []string{"anna CH", "bea CH SPE_E3"}, last: []string{annaE3}, head: []string{annaE3}, how: drift.All,
			mark: func(x *drift.Item) { x.Changed = []drift.Change{{Run: "r2", Ours: true}} },
		},
		{
			name: "a swap that waits for a pending change, if nothing may be removed", users: []string{"anna CH SPE_E3", "bea CH"}, seats: map[string]int{"SPE_E5": 1},
			last: []string{swap}, head: []string{swap, "{name: bea, priority: 9, users: {upns: [bea@contoso.com]}, licenses: [SPE_E5]}"}, how: drift.Additive,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := world{t: t, users: c.users, seats: c.seats}
			r := drift.Compare(w.plan(c.head...), w.plan(c.last...))
			for i := range r.Items {
				if c.mark != nil {
					c.mark(&r.Items[i])
				}
			}
			var steps []string
			for _, step := range drift.Correct(w.input(c.head...), w.input(c.last...), r.LeftAlone(c.how)).Steps {
				steps = append(steps, step.String())
			}
			if diff := cmp.Diff(c.want, steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsAppliedIfNoStepIsLeft(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna -", "bea CH SPE_E3"}}
	stuck := drift.Compare(w.plan(annaE3), w.plan(noVisio))
	if !stuck.IsApplied() || !slices.Equal(stuck.StuckKeys(), []string{userID("anna").String() + ":SPE_E3:blocked:no_usage_location"}) {
		t.Errorf("applied %t, stuck %v: want only the blocked item", stuck.IsApplied(), stuck.StuckKeys())
	}
	if unknown := drift.Compare(w.plan(annaE3), nil); len(unknown.StuckKeys()) > 0 {
		t.Errorf("stuck %v, although it is unknown whether it is new", unknown.StuckKeys())
	}
	if left := drift.Compare(w.plan(allE3), w.plan(noVisio)); left.IsApplied() || !left.IsDriftFree() {
		t.Errorf("applied %t, whole %t, want a pending step and no drift", left.IsApplied(), left.IsDriftFree())
	}
}

func TestCorrectIgnoresPendingChanges(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna CH VISIOCLIENT", "bea CH SPE_E3"}}
	last, head := []string{allE3, annaVisio}, []string{allE3, noVisio}
	r := drift.Compare(w.plan(head...), w.plan(last...))
	c := drift.Correct(w.input(head...), w.input(last...), r.LeftAlone(drift.All))
	if len(c.Steps) != 1 || c.Steps[0].String() != "add anna@contoso.com: +SPE_E3" {
		t.Errorf("steps %v, want E3 for anna and Visio left alone", c.Steps)
	}
	if c.Mode != plan.ModeCorrections {
		t.Errorf("mode %s", c.Mode)
	}
}
