package view_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// changedPlan was compared with the policies of before a change, and has one of everything
// that a plan can hold.
func changedPlan() *plan.Plan {
	e3, e5 := plan.License{SKU: state.SKUID{1}, PartNumber: "SPE_E3"}, plan.License{SKU: state.SKUID{2}, PartNumber: "SPE_E5"}
	visio := plan.License{SKU: state.SKUID{3}, PartNumber: "VISIO"}
	less := visio
	less.DisabledPlans = []state.PlanID{{1}}
	step := func(id string, n int, kind plan.Kind, before, after []plan.License, policy string) plan.Step {
		return plan.Step{ID: id, User: user(n), Kind: kind, Before: plan.State{Licenses: before}, After: plan.State{Licenses: after}, Because: because(policy, n+1)}
	}
	outcome := func(n int, reason plan.Reason, detail string) plan.Outcome {
		return plan.Outcome{User: user(n), PartNumber: "SPE_E3", Reason: reason, Detail: detail, Because: because("movers", n)}
	}
	p := movingPlan(0, 0, 0)
	p.Source = state.SourceSandbox
	follows := plan.Loss{Family: "onedrive", From: "plan2", Days: 30, Undo: "assign it again"}
	removes := step("r1", 3, plan.KindRemove, []plan.License{e5, visio}, []plan.License{less}, "leavers")
	removes.Loses = []plan.Loss{follows, {Family: "sharepoint", From: "plan2", Days: 30, Undo: "assign it again"}, {Family: "mailbox", From: "enterprise", To: "kiosk"}}
	adds := step("a1", 5, plan.KindAdd, nil, []plan.License{e3}, "joiners")
	adds.Needs = []string{"r2", "own", "r1", "y", "z"}
	twice := because("joiners", 9)[0]
	twice.Column++
	adds.Because = append(because("joiners", 9), twice)
	before := step("b1", 6, plan.KindAdd, nil, []plan.License{e3}, "old")
	before.InBase = true
	locates := plan.Step{ID: "l1", User: user(7), Kind: plan.KindLocation, After: plan.State{UsageLocation: plan.Location{Touched: true, Value: "CH"}}, InBase: true,
		Because: []plan.Because{{Effect: plan.EffectLocation, Policy: "swiss", File: "policies/swiss.yaml", Line: 2, Column: 5, Selector: "all"}}}
	p.Steps = []plan.Step{locates, before, removes, step("r2", 1, plan.KindRemove, []plan.License{e3}, nil, "leavers"), step("r0", 4, plan.KindRemove, []plan.License{e3}, nil, "leavers"), adds, step("own", 5, plan.KindPlans, []plan.License{visio}, []plan.License{less}, "joiners")}
	p.Steps[2].User.UserPrincipalName = "Person0003@contoso.com" // letters of either case are sorted together
	p.Reported = []plan.Step{step("q2", 9, plan.KindAdd, nil, []plan.License{e3}, "trial"), step("q1", 8, plan.KindAdd, nil, []plan.License{e3}, "trial")}
	p.Reported[0].Needs = []string{"r2"}
	p.Reported[0].User.Container, p.Steps[3].User.Container = "OU=Trial", "OU=Staff" // what is only reported is no change of an OU
	known := outcome(14, plan.ReasonNotOwned, "not owned")
	known.InBase = true
	p.Outcomes.Blocked = []plan.Outcome{outcome(12, plan.ReasonNoLocation, "no usage location"), outcome(11, plan.ReasonNoLocation, "no usage location"), known}
	p.Outcomes.Waiting = []plan.Outcome{outcome(13, plan.ReasonNoSeat, "no seat is free")}
	p.Outcomes.Held = []plan.Outcome{outcome(15, plan.ReasonGuard, "held by removals")}
	p.Outcomes.Held[0].Because = because("held-only", 1)
	p.Outcomes.Keep, p.Outcomes.Ignored = 63, 412
	p.Base = &plan.Base{Name: "origin/main", Commit: "0123456789abcdef", Ended: []plan.Step{step("e2", 17, plan.KindAdd, nil, []plan.License{e5}, "gone"), step("e1", 16, plan.KindRemove, []plan.License{e5}, nil, "gone")},
		EndedOutcomes: []plan.SortedOutcome{{Sort: "waiting", Outcome: outcome(18, plan.ReasonNoSeat, "no seat is free")}}}
	p.Guards = []plan.Guard{{Name: guard.Source, Verdict: plan.VerdictNotChecked, Detail: "no baseline"}, {Name: guard.Removals, Class: guard.Hold, SKU: "SPE_E3", Limit: 1, Seen: 2, Verdict: plan.VerdictBreached}}
	p.Cost.SKUs[0].ToBuy, p.Cost.Unpriced = 36_00, []string{"VISIO"}
	p.Schedule = plan.Schedule{LongestChain: 4, Seconds: 500, WritesPerSecond: 16, Spare: []plan.Spare{{Seats: 1, PartNumber: "SPE_E3", LongestChain: 2, Seconds: 90}, {Seats: 10, PartNumber: "SPE_E3", LongestChain: 2, Seconds: 90}}}
	p.Inputs = []plan.InputRecord{{Source: plan.SourceGraph, Rows: 5000, ReadAt: p.CreatedAt}, {Source: plan.SourceSynced, Rows: 80, ReadAt: p.CreatedAt.Add(-72 * time.Hour)}, {Source: "data/leavers.csv", Rows: 7}}
	return p
}

// TestChangedPlanGoldens compares formats with goldens, to be read as a reviewer would. Text keeps
// the order of the plan, and the others begin with the worst.
func TestChangedPlanGoldens(t *testing.T) {
	t.Parallel()
	for format, file := range map[view.Format]string{view.FormatText: "testdata/changed.txt", view.FormatMarkdown: "testdata/changed.md", view.FormatCSV: "testdata/changed.csv"} {
		got := show(t, changedPlan(), format)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}
