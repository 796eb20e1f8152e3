package plan_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
)

// TestCompareListsEveryStepAndOutcome for any two plans: each step and outcome is found in
// exactly one place, and the other way round the places are swapped.
func TestCompareListsEveryStepAndOutcome(t *testing.T) {
	t.Parallel()
	reasons := []plan.Reason{plan.ReasonNoSeat, plan.ReasonConflict}
	drawn := func(t *rapid.T) *plan.Plan {
		p := &plan.Plan{}
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(n int) int { return n }).Draw(t, "steps") {
			p.Steps = append(p.Steps, plan.Step{ID: string(rune('a' + n))})
		}
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(n int) int { return n }).Draw(t, "pairs") {
			p.Outcomes.Blocked = append(p.Outcomes.Blocked, plan.Outcome{User: plan.UserRef{ID: state.UserID{byte(n)}}, Reason: reasons[n%2], PartNumber: "SPE_E5"})
		}
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 3), func(n int) int { return n }).Draw(t, "SKUs") {
			p.SKUs = append(p.SKUs, plan.SKU{ID: state.SKUID{byte(n)}, PartNumber: string(rune('A' + n)), Short: rapid.IntRange(0, 1).Draw(t, "short")})
		}
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawn(t), drawn(t)
		c, back := explain.Compare(a, b), explain.Compare(b, a)
		if len(c.Both)+len(c.OnlyA) != len(a.Steps) || len(c.Both)+len(c.OnlyB) != len(b.Steps) {
			t.Fatalf("%d steps in both, %d and %d alone, of %d and %d", len(c.Both), len(c.OnlyA), len(c.OnlyB), len(a.Steps), len(b.Steps))
		}
		if c.Outcomes.Both+len(c.Outcomes.OnlyA) != len(a.Outcomes.Blocked) || c.Outcomes.Both+len(c.Outcomes.OnlyB) != len(b.Outcomes.Blocked) {
			t.Fatalf("outcomes: %+v", c.Outcomes)
		}
		if len(c.OnlyA) != len(back.OnlyB) || len(c.Seats) != len(back.Seats) || c.Same() != back.Same() {
			t.Fatalf("the other way round it is another comparison: %+v and %+v", c, back)
		}
		if !explain.Compare(a, a).Same() {
			t.Fatal("a plan differs from itself")
		}
	})
}

func TestCompareOutcomesOfAnotherSort(t *testing.T) {
	t.Parallel()
	outcome := []plan.Outcome{{User: plan.UserRef{ID: state.UserID{1}}, PartNumber: "SPE_E5", Reason: plan.ReasonGuard, Detail: "1 user"}}
	waiting, held := &plan.Plan{}, &plan.Plan{}
	waiting.Outcomes.Waiting, held.Outcomes.Held = outcome, outcome
	c := explain.Compare(waiting, held)
	if c.Outcomes.Both != 0 || c.Outcomes.OnlyA[0].Sort != "waiting" || c.Outcomes.OnlyB[0].Sort != "held" {
		t.Errorf("%+v", c.Outcomes)
	}
	later := &plan.Plan{}
	later.Outcomes.Waiting = []plan.Outcome{outcome[0]}
	later.Outcomes.Waiting[0].Detail = "2 users"
	if !explain.Compare(waiting, later).Same() {
		t.Error("another detail made another outcome")
	}
}

// TestCompareWithBaseMarksSteps for any two plans: what is marked is in both, what is
// kept is only in the base.
func TestCompareWithBaseMarksSteps(t *testing.T) {
	t.Parallel()
	steps := func(t *rapid.T, name string) []plan.Step {
		var steps []plan.Step
		for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 9), func(n int) int { return n }).Draw(t, name) {
			steps = append(steps, plan.Step{ID: string(rune('a' + n))})
		}
		return steps
	}
	rapid.Check(t, func(t *rapid.T) {
		base := &plan.Plan{Steps: steps(t, "base"), PoliciesDigest: "then"}
		head := &plan.Plan{Steps: steps(t, "head")}
		explain.CompareWith(head, base, plan.Base{Name: "main"})
		in := map[string]int{}
		for _, step := range base.Steps {
			in[step.ID]++
		}
		caused := 0
		for _, step := range head.Steps {
			if step.InBase != (in[step.ID] == 1) {
				t.Fatalf("step %s is marked %t", step.ID, step.InBase)
			}
			if !step.InBase {
				caused++
			}
			delete(in, step.ID)
		}
		if len(head.Base.Ended) != len(in) || head.Base.PoliciesDigest != "then" || head.Base.Name != "main" {
			t.Fatalf("%+v, want %v ended", head.Base, in)
		}
		if head.Changed() != (caused > 0 || len(in) > 0) {
			t.Fatalf("changed is %t with %d caused and %d ended", head.Changed(), caused, len(in))
		}
	})
}

func TestCompareWithBaseMarksReportsAndOutcomes(t *testing.T) {
	t.Parallel()
	waits := func(n byte) plan.Outcome {
		return plan.Outcome{User: plan.UserRef{ID: state.UserID{n}}, PartNumber: "SPE_E5", Reason: plan.ReasonNoSeat}
	}
	base, head := &plan.Plan{Reported: []plan.Step{{ID: "a"}}}, &plan.Plan{Reported: []plan.Step{{ID: "a"}, {ID: "b"}}}
	base.Outcomes.Waiting, head.Outcomes.Waiting = []plan.Outcome{waits(1), waits(2)}, []plan.Outcome{waits(2), waits(3)}
	explain.CompareWith(head, base, plan.Base{Name: "main"})
	if !head.Reported[0].InBase || head.Reported[1].InBase {
		t.Errorf("reported %+v, want the first alone to be in the base", head.Reported)
	}
	if !head.Outcomes.Waiting[0].InBase || head.Outcomes.Waiting[1].InBase {
		t.Errorf("waiting %+v, want the first alone to be in the base", head.Outcomes.Waiting)
	}
	if ended := head.Base.EndedOutcomes; len(ended) != 1 || ended[0].User.ID != (state.UserID{1}) {
		t.Errorf("ended %+v, want that of the first user", ended)
	}
}

func TestWithoutBaseMarksNothing(t *testing.T) {
	t.Parallel()
	head := &plan.Plan{Steps: []plan.Step{{ID: "a"}}}
	head.WithoutBase(plan.Base{Name: "main", Trouble: "it is invalid"})
	if head.Steps[0].InBase || !head.Changed() || head.Base.Trouble == "" || head.Base.Ended == nil {
		t.Errorf("%+v", head)
	}
}
