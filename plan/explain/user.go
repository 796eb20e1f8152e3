package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Explanation is everything a plan knows of one user.
type Explanation struct {
	User      plan.UserRef       `json:"user"`
	Enabled   bool               `json:"enabled"`
	Internal  bool               `json:"internal"` // neither guest nor external member
	Synced    bool               `json:"synced"`
	Container string             `json:"container"` // OU, or ""
	Shield    string             `json:"shield"`    // why the user must not lose anything, or ""
	Location  ExplainedLocation  `json:"usage_location"`
	SKUs      []ExplainedSKU     `json:"skus"`     // held, or covered by a policy; by part number
	Policies  []ExplainedPolicy  `json:"policies"` // that match the user or nearly do; by name
	Steps     []plan.Step        `json:"steps"`
	Before    []ExplainedHolding `json:"before"` // what the user holds
	After     []ExplainedHolding `json:"after"`  // what the user holds when the steps are done
}

// ExplainedLocation is what becomes of a usage location.
type ExplainedLocation struct {
	Before  string         `json:"before"`
	After   string         `json:"after"`
	Detail  string         `json:"detail"` // why it stays as it is, although a policy states it
	Because []plan.Because `json:"because"`
}

// ExplainedSKU is what becomes of one SKU.
type ExplainedSKU struct {
	PartNumber string         `json:"sku_part_number"`
	Name       string         `json:"name"`
	Managed    bool           `json:"managed"`
	Outcome    string         `json:"outcome"` // keep, add, plans, remove, ignored, blocked, waiting, held, filtered; "unmanaged"
	Reason     plan.Reason    `json:"reason"`  // of blocked, waiting and held ones
	Detail     string         `json:"detail"`
	Because    []plan.Because `json:"because"`   // what decided
	Overruled  []plan.Because `json:"overruled"` // what a higher priority overruled
}

// ExplainedHolding is one assignment path.
type ExplainedHolding struct {
	PartNumber string   `json:"sku_part_number"`
	Group      string   `json:"group"` // name, or id; "" for a direct path
	State      string   `json:"state"`
	Error      string   `json:"error"`
	Off        []string `json:"off"` // service plans, by name
}

// ExplainedPolicy is whether a policy matches the user, and why not.
type ExplainedPolicy struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Matches bool   `json:"matches"`
	Detail  string `json:"detail"` // the selector that matches the user, or what excludes the user
}

// User computes the plan and explains all of it that concerns one user of the snapshot.
func User(in plan.Input, user state.User) Explanation {
	p, d := plan.Compute(in)
	of, ref := d.Of(user), d.Ref(user)
	location := of.Location()
	e := Explanation{
		User: ref, Enabled: user.Enabled(), Internal: user.Internal(), Synced: user.Synced(), Container: ref.Container,
		Shield: of.Protection(), Steps: []plan.Step{}, Policies: explainPolicies(in, d, user),
		Location: ExplainedLocation{user.UsageLocation(), user.UsageLocation(), location.Detail, location.Because},
	}
	paths := user.Paths()
	e.Before = explainHoldings(in, paths)
	for _, step := range p.Steps {
		if step.User.ID != user.ID() {
			continue
		}
		e.Steps = append(e.Steps, step)
		if step.Kind == plan.KindLocation {
			e.Location.After = step.After.UsageLocation.Value
			continue
		}
		paths = effective.After(paths, step.Change())
	}
	e.After = explainHoldings(in, paths)
	e.SKUs = explainSKUs(in, d, of)
	return e
}

func explainSKUs(in plan.Input, d *plan.Details, of plan.UserDetails) []ExplainedSKU {
	skus := []ExplainedSKU{}
	known := map[state.SKUID]bool{}
	for y := range of.Decisions() {
		known[y.SKU] = true
		skus = append(skus, ExplainedSKU{
			PartNumber: in.Catalog.PartNumber(y.SKU), Name: in.Catalog.ProductName(y.SKU), Managed: d.IsManaged(y.SKU),
			Outcome: string(y.Disposition), Reason: y.Reason, Detail: y.Detail, Because: y.Because(), Overruled: y.Overruled(),
		})
	}
	for _, path := range of.User().Paths() {
		if known[path.SKU] {
			continue
		}
		known[path.SKU] = true
		sku := ExplainedSKU{PartNumber: in.Catalog.PartNumber(path.SKU), Name: in.Catalog.ProductName(path.SKU), Managed: d.IsManaged(path.SKU),
			Outcome: string(plan.DispositionIgnored), Detail: "no matching policy mentions it", Because: []plan.Because{}, Overruled: []plan.Because{}}
		if !sku.Managed {
			sku.Outcome, sku.Detail = "unmanaged", "settings `manage` do not include it"
		}
		skus = append(skus, sku)
	}
	slices.SortFunc(skus, func(a, b ExplainedSKU) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	return skus
}

func explainHoldings(in plan.Input, paths []state.Path) []ExplainedHolding {
	holdings := []ExplainedHolding{}
	for _, path := range paths {
		h := ExplainedHolding{PartNumber: in.Catalog.PartNumber(path.SKU), State: string(path.State), Error: path.Error, Off: []string{}}
		if !path.Direct() {
			h.Group = in.Snapshot.GroupName(path.Group)
		}
		for _, plan := range path.Disabled {
			h.Off = append(h.Off, in.Catalog.PlanName(plan))
		}
		slices.Sort(h.Off)
		holdings = append(holdings, h)
	}
	slices.SortFunc(holdings, func(a, b ExplainedHolding) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), cmp.Compare(a.Group, b.Group))
	})
	return holdings
}

// explainPolicies returns the policies that match the user, and those that would match but
// for something that can be named.
func explainPolicies(in plan.Input, d *plan.Details, user state.User) []ExplainedPolicy {
	out := []ExplainedPolicy{}
	for i, policy := range in.Set.Policies {
		e := ExplainedPolicy{Name: policy.Name, File: policy.Pos.File, Line: policy.Pos.Line, Column: policy.Pos.Col}
		hits, excepted := selector.HitsOn(in.Matches.Policies[i], user), selector.HitsOn(in.Matches.Excepted[i], user)
		switch {
		case len(hits) > 0 && d.IsActive(i):
			e.Matches = true
			e.Detail = pickedBy(policy.Users, hits[0])
			if !user.Enabled() && !policy.GiveDisabled {
				e.Detail += "; the account is disabled, so the policy gives nothing: add `include: [disabled]` to change that"
			}
		case len(hits) > 0 && policy.Mode == policies.ModeReport:
			e.Detail = "mode: report: it shows what it would do"
		case len(hits) > 0:
			e.Detail = outside(policy, in.Now)
		case len(excepted) > 0:
			e.Detail = "excepted by " + pickedBy(policy.Except, excepted[0])
		default:
			e.Detail = selector.NearMiss(policy, in.Snapshot, user)
		}
		if e.Detail != "" {
			out = append(out, e)
		}
	}
	return out
}

func pickedBy(selectors []policies.Selector, hit selector.Hit) string {
	s := selectors[hit.Selector]
	if hit.Row >= 0 {
		return fmt.Sprintf("%s, row %d", s, s.Rows[hit.Row].Number)
	}
	return s.String()
}

func outside(policy policies.Policy, now time.Time) string {
	if now.Before(policy.From) {
		return "it begins on " + policy.From.Format(time.DateOnly)
	}
	return "it ended before " + policy.Until.Format(time.DateOnly)
}
