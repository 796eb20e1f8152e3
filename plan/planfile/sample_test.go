package planfile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

var (
	anna  = state.MustParseID[state.User]("5eed0000-0000-4000-8000-000000000011")
	staff = state.MustParseID[state.Group]("5eed0000-0000-4000-8000-0000000000a1")
	e3    = state.MustParseID[state.SKU]("05e9a617-0261-4cee-bb44-138d3ef5d965")
	e5    = state.MustParseID[state.SKU]("06ebc4ee-1bb5-47dd-8120-11324bc54e06")
	sway  = state.MustParseID[state.ServicePlan]("a23b959c-7ce8-4e57-9140-b90eb88a9e97")
)

// sample is a plan in which every field has a value, every list a member.
func sample() *plan.Plan {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	user := plan.UserRef{ID: anna, UserPrincipalName: "Anna.Müller@contoso.com", DisplayName: `Anna "<Ä>" & 💺` + "\u2028", Container: `OU=Büro\, Bern,DC=contoso,DC=com`}
	because := []plan.Because{{
		PartNumber: "SPE_E5", Effect: plan.EffectWant, Policy: "staff", File: "policies/staff.yaml", Line: 4, Column: 7,
		Selector: "csv people.csv", Row: 12,
	}}
	outcome := []plan.Outcome{{User: user, PartNumber: "VISIOCLIENT", Reason: plan.ReasonNoSeat, Detail: "no seat is free", Because: because, InBase: true}}
	five := 5
	p := &plan.Plan{
		FormatVersion: plan.FormatVersion, ToolVersion: "1.2.3", Source: state.SourceSandbox,
		Tenant:    plan.Tenant{Name: "contoso", ID: state.MustParseID[state.Organization]("48a80680-7326-48cd-9935-b556b81d3a4e")},
		CreatedAt: at, ExpiresAt: at.Add(plan.Lifetime), Commit: "0123abc", Undo: &plan.UndoOf{Run: "20261120T080000Z-abcdefgh", Head: "sha256:00aa"}, PoliciesDigest: "sha256:aa00",
		Inputs:   []plan.InputRecord{{Source: "people.csv", Rows: 12, ReadAt: at, Digest: "sha256:bb00"}},
		Settings: &plan.SettingsFrom{Name: "origin/main", Commit: "4567def", Changed: []string{"waivers.yaml"}},
		Base: &plan.Base{Name: "origin/main", Commit: "89ab012", PoliciesDigest: "sha256:cc00", Trouble: "none", Ended: []plan.Step{locationStep(user, "", "FR"), fullStep(user)},
			EndedOutcomes: []plan.SortedOutcome{{Sort: "waiting", Outcome: outcome[0]}}},
		Mode: plan.ModePolicies, Baseline: "the snapshot of yesterday", Filters: []string{"--no-removals"}, Overrides: []string{"removals=5"},
		Sources: []plan.SourceChange{{Policy: "staff", Protects: true, Selector: "csv: people.csv", File: "policies/staff.yaml", Line: 3, Column: 9,
			Status: plan.SourceCompared, Users: 12, Before: 11, EnteredCount: 2, LeftCount: 1, Entered: []plan.UserRef{user}, Left: []plan.UserRef{user}}},
		SKUs: []plan.SKU{{ID: e5, PartNumber: "SPE_E5", Name: "Microsoft 365 E5", Enabled: 25, Warning: 1, Consumed: 20, Reserve: 2, Pending: 1,
			AvailableBefore: 4, AvailableAfter: 3, Short: 1}},
		Schedule: plan.Schedule{LongestChain: 40, Seconds: 41, WritesPerSecond: 16,
			Spare: []plan.Spare{{Seats: 10, PartNumber: "SPE_E5", LongestChain: 4, Seconds: 5}}},
		Steps:    []plan.Step{locationStep(user, "", "CH"), swapStep(user), fullStep(user)},
		Reported: []plan.Step{locationStep(user, "", "DE"), fullStep(user)},
		Cost: plan.Cost{Currency: "CHF", Cents: 5700, SKUs: []plan.CostSKU{{PartNumber: "SPE_E5", Seats: 1, Cents: 5700, ToBuy: 5700}},
			Policies: []plan.CostPolicy{{Policy: "staff", Cents: 5700}}, Unpriced: []string{"VISIOCLIENT"}},
		Outcomes: plan.Outcomes{
			Blocked: outcome, Waiting: outcome, Held: outcome, Filtered: 1, Ignored: 2, Keep: 3,
			Notes: []plan.Note{{Message: "grace", Count: 1, Users: []string{"anna@contoso.com"}}},
		},
		Guards: []plan.Guard{{Name: guard.Removals, Class: guard.Hold, SKU: "SPE_E3", Policy: "staff", Limit: 3, Seen: 4,
			Verdict: plan.VerdictOverridden, Override: &five, Detail: "4 of 10 users"}},
		Complete: true, Applyable: true,
	}
	for _, steps := range [][]plan.Step{p.Steps, p.Reported, p.Base.Ended} {
		steps[1].Because, steps[1].InBase = because, true
		steps[1].Loses = []plan.Loss{{Family: "mailbox", From: "enterprise", To: "standard", Plans: []string{"EXCHANGE_S_ENTERPRISE"}, Days: 30, Undo: "assign it"}}
		steps[1].Needs = []string{steps[0].ID}
	}
	return p
}

func locationStep(user plan.UserRef, from, to string) plan.Step {
	return identified(plan.Step{
		User: user, Kind: plan.KindLocation, Because: []plan.Because{}, Loses: []plan.Loss{}, Needs: []string{},
		Before: plan.State{UsageLocation: plan.Location{Touched: true, Value: from}},
		After:  plan.State{UsageLocation: plan.Location{Touched: true, Value: to}},
	})
}

// swapStep takes E3 away, which a group gives too, and assigns E5 without Sway.
func swapStep(user plan.UserRef) plan.Step {
	return identified(plan.Step{
		User: user, Kind: plan.KindReplace, Because: []plan.Because{}, Loses: []plan.Loss{}, Needs: []string{},
		Before: plan.State{
			Licenses:  []plan.License{{SKU: e3, PartNumber: "SPE_E3", DisabledPlans: []state.PlanID{}}},
			Inherited: []plan.Inherited{{SKU: e3, PartNumber: "SPE_E3", Group: staff, State: state.PathActive, DisabledPlans: []state.PlanID{sway}}},
		},
		After: plan.State{Licenses: []plan.License{{SKU: e5, PartNumber: "SPE_E5", DisabledPlans: []state.PlanID{sway}}}},
	})
}

// fullStep has the fields that no planned step has, for the file takes them.
func fullStep(user plan.UserRef) plan.Step {
	s := swapStep(user)
	s.Before.Licenses[0].DisabledPlans = []state.PlanID{sway}
	s.After.Inherited = s.Before.Inherited
	return identified(s)
}

func identified(s plan.Step) plan.Step {
	s.ID = plan.StepID(s)
	return s
}

// written is the plan file of a plan.
func written(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := planfile.Write(&file, p); err != nil {
		t.Fatalf("Write: %v", err)
	}
	return file.Bytes()
}
