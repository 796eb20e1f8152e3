package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Explanation is everything a plan knows of one user.
type Explanation struct {
	User      UserRef            `json:"user"`
	Enabled   bool               `json:"enabled"`
	Internal  bool               `json:"internal"` // neither guest nor external member
	Synced    bool               `json:"synced"`
	Container string             `json:"container"` // OU, or ""
	Shield    string             `json:"shield"`    // why he may lose nothing, or ""
	Location  ExplainedLocation  `json:"usage_location"`
	SKUs      []ExplainedSKU     `json:"skus"`     // held, or spoken of; by part number
	Policies  []ExplainedPolicy  `json:"policies"` // that match him or nearly do; by name
	Steps     []Step             `json:"steps"`
	Before    []ExplainedHolding `json:"before"` // what he holds
	After     []ExplainedHolding `json:"after"`  // what he holds when the steps are done
}

// ExplainedLocation is what becomes of a usage location.
type ExplainedLocation struct {
	Before  string    `json:"before"`
	After   string    `json:"after"`
	Detail  string    `json:"detail"` // why it stays as it is, though a policy speaks of it
	Because []Because `json:"because"`
}

// ExplainedSKU is what becomes of one SKU.
type ExplainedSKU struct {
	PartNumber string    `json:"sku_part_number"`
	Name       string    `json:"name"`
	Managed    bool      `json:"managed"`
	Outcome    string    `json:"outcome"` // keep, add, plans, remove, ignored, blocked, waiting, held, filtered; "unmanaged"
	Reason     Reason    `json:"reason"`  // of blocked, waiting and held ones
	Detail     string    `json:"detail"`
	Because    []Because `json:"because"`   // what decided
	Overruled  []Because `json:"overruled"` // what a higher priority overruled
}

// ExplainedHolding is one assignment path.
type ExplainedHolding struct {
	PartNumber string   `json:"sku_part_number"`
	Group      string   `json:"group"` // name, or id; "" for a direct path
	State      string   `json:"state"`
	Error      string   `json:"error"`
	Off        []string `json:"off"` // service plans, by name
}

// ExplainedPolicy says whether a policy picks the user, and what keeps it from it.
type ExplainedPolicy struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Matches bool   `json:"matches"`
	Detail  string `json:"detail"` // the selector that picks him, or what excludes him
}

// Explain makes the plan and tells all that concerns one user of the snapshot.
func Explain(in Input, user state.User) Explanation {
	r := run(in)
	x := r.personOf(user)
	e := Explanation{
		User: r.ref(user), Enabled: user.Enabled(), Internal: user.Internal(), Synced: user.Synced(), Container: r.containers.of(r.Snapshot, user),
		Shield: r.shields[user.Row()].why, Steps: []Step{}, Policies: r.explainPolicies(user),
		Location: ExplainedLocation{user.UsageLocation(), user.UsageLocation(), x.location.detail, r.becauseLocation(x)},
	}
	paths := user.Paths()
	e.Before = r.explainHoldings(paths)
	for _, d := range r.steps {
		if d.User.ID != user.ID() {
			continue
		}
		e.Steps = append(e.Steps, d.Step)
		if d.Kind == KindLocation {
			e.Location.After = d.After.UsageLocation.Value
			continue
		}
		change := d.Change()
		paths = effective.WithLicenses(effective.WithoutDirect(paths, change.Remove), change.Add)
	}
	e.After = r.explainHoldings(paths)
	e.SKUs = r.explainSKUs(x)
	return e
}

// personOf is the user on his way through the stages, also where nothing is to be
// done for him.
func (r arrangement) personOf(user state.User) *person {
	i := slices.IndexFunc(r.people, func(x *person) bool { return x.user.Row() == user.Row() })
	if i >= 0 {
		return r.people[i]
	}
	matches := r.matchesFor(user)
	return r.person(user, matches, r.locate(user, matches))
}

// matchesFor looks the user up in the matches of every policy.
func (p *planner) matchesFor(user state.User) []match {
	var matches []match
	for i, hits := range p.Matches.Policies {
		if of := hitsOn(hits, user); len(of) > 0 && p.active[i] {
			matches = append(matches, match{policy: &p.Set.Policies[i], hits: of})
		}
	}
	return matches
}

func hitsOn(hits []selector.Hit, user state.User) []selector.Hit {
	compare := func(h selector.Hit, row int32) int { return cmp.Compare(h.User, row) }
	first, _ := slices.BinarySearchFunc(hits, int32(user.Row()), compare)
	last, _ := slices.BinarySearchFunc(hits, int32(user.Row())+1, compare)
	return hits[first:last]
}

func (r arrangement) explainSKUs(x *person) []ExplainedSKU {
	skus := []ExplainedSKU{}
	known := map[state.SKUID]bool{}
	for _, y := range x.pairs {
		known[y.sku] = true
		detail := y.detail
		if y.fate == fateHeld {
			y.reason, detail = ReasonGuard, x.heldDetail()
		}
		skus = append(skus, ExplainedSKU{
			PartNumber: r.part(y.sku), Name: r.Catalog.ProductName(y.sku), Managed: r.isManaged(y.sku), Outcome: string(y.fate), Reason: y.reason, Detail: detail,
			Because: r.because(y), Overruled: r.overruledReasons(y),
		})
	}
	for _, path := range x.user.Paths() {
		if known[path.SKU] {
			continue
		}
		known[path.SKU] = true
		sku := ExplainedSKU{PartNumber: r.part(path.SKU), Name: r.Catalog.ProductName(path.SKU), Managed: r.isManaged(path.SKU), Outcome: string(fateIgnored),
			Detail: "no policy that matches speaks of it", Because: []Because{}, Overruled: []Because{}}
		if !sku.Managed {
			sku.Outcome, sku.Detail = "unmanaged", "settings `manage` leave it out"
		}
		skus = append(skus, sku)
	}
	slices.SortFunc(skus, func(a, b ExplainedSKU) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	return skus
}

func (p *planner) overruledReasons(y pair) []Because {
	reasons := []Because{}
	for _, m := range y.losers {
		effect := EffectAbsent
		if m.want {
			effect = EffectWant
		}
		reasons = append(reasons, reason(m.match, p.part(y.sku), effect, m.pos))
	}
	slices.SortFunc(reasons, compareBecause)
	return reasons
}

func (p *planner) explainHoldings(paths []state.Path) []ExplainedHolding {
	holdings := []ExplainedHolding{}
	for _, path := range paths {
		h := ExplainedHolding{PartNumber: p.part(path.SKU), State: string(path.State), Error: path.Error, Off: []string{}}
		if !path.Direct() {
			h.Group = p.Snapshot.GroupName(path.Group)
		}
		for _, plan := range path.Disabled {
			h.Off = append(h.Off, p.Catalog.PlanName(plan))
		}
		slices.Sort(h.Off)
		holdings = append(holdings, h)
	}
	slices.SortFunc(holdings, func(a, b ExplainedHolding) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), cmp.Compare(a.Group, b.Group))
	})
	return holdings
}

// explainPolicies are the policies that pick the user, and those that would but for
// something that can be named.
func (p *planner) explainPolicies(user state.User) []ExplainedPolicy {
	out := []ExplainedPolicy{}
	for i, policy := range p.Set.Policies {
		e := ExplainedPolicy{Name: policy.Name, File: policy.Pos.File, Line: policy.Pos.Line, Column: policy.Pos.Col}
		hits, excepted := hitsOn(p.Matches.Policies[i], user), hitsOn(p.Matches.Excepted[i], user)
		switch {
		case len(hits) > 0 && p.active[i]:
			e.Matches = true
			e.Detail = pickedBy(policy.Users, hits[0])
			if !user.Enabled() && !policy.GiveDisabled {
				e.Detail += "; the account is disabled, so it gives nothing: include: [disabled] would"
			}
		case len(hits) > 0 && policy.Mode == policies.ModeReport:
			e.Detail = "mode: report: it shows what it would do"
		case len(hits) > 0:
			e.Detail = outside(policy, p.Now)
		case len(excepted) > 0:
			e.Detail = "excepted by " + pickedBy(policy.Except, excepted[0])
		default:
			e.Detail = selector.NearMiss(policy, p.Snapshot, user)
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

// SKUExplanation is everything a plan knows of one SKU.
type SKUExplanation struct {
	SKU      SKU             `json:"sku"`
	Direct   int             `json:"direct"`   // users with a direct path only
	ByGroup  int             `json:"by_group"` // users with inherited paths only
	Both     int             `json:"both"`     // users with both
	Kept     []CountedPolicy `json:"kept"`     // by the policies that want what is there
	Ignored  int             `json:"ignored"`  // holders of whom no policy speaks
	Outcomes []SKUOutcome    `json:"outcomes"` // everybody else of whom something is to be said
}

// CountedPolicy is a policy and how many users it is about.
type CountedPolicy struct {
	Policy string `json:"policy"`
	Users  int    `json:"users"`
}

// SKUOutcome is what becomes of the SKU for one user.
type SKUOutcome struct {
	User    UserRef   `json:"user"`
	Outcome string    `json:"outcome"`
	Detail  string    `json:"detail"`
	Because []Because `json:"because"`
}

// ExplainSKU makes the plan and tells all that concerns one SKU, if it is managed.
func ExplainSKU(in Input, sku state.SKUID) (e SKUExplanation, managed bool) {
	r := run(in)
	e = SKUExplanation{Kept: []CountedPolicy{}, Outcomes: []SKUOutcome{}}
	for _, account := range r.seatAccounts(r.ledger) {
		if account.ID == sku {
			e.SKU = account
		}
	}
	for paths, users := range in.Snapshot.PathSets() {
		e.count(effective.HoldingOf(pathsOf(paths, sku)), users)
	}
	kept := map[string]int{}
	e.Ignored = e.Direct + e.ByGroup + e.Both
	for _, alike := range r.quiet.groups {
		e.keep(alike.pairs, pathsOf(alike.paths, sku), sku, alike.users, kept)
	}
	for _, x := range r.people {
		paths := x.user.PathsOf(sku)
		e.keep(x.pairs, paths, sku, 1, kept)
		for _, y := range x.pairs {
			if y.sku != sku || y.fate == fateKeep || y.fate == fateIgnored {
				continue
			}
			if slices.ContainsFunc(paths, state.Path.Holds) {
				e.Ignored--
			}
			e.Outcomes = append(e.Outcomes, SKUOutcome{r.ref(x.user), string(y.fate), y.detail, r.because(y)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		e.Kept = append(e.Kept, CountedPolicy{name, kept[name]})
	}
	slices.SortStableFunc(e.Outcomes, func(a, b SKUOutcome) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)))
	})
	return e, r.isManaged(sku)
}

// count counts so many users by how they hold the SKU.
func (e *SKUExplanation) count(h effective.Holding, users int) {
	switch {
	case h.Direct != nil && len(h.Inherited) > 0:
		e.Both += users
	case h.Direct != nil:
		e.Direct += users
	case len(h.Inherited) > 0:
		e.ByGroup += users
	}
}

// keep counts holders who keep the SKU because a policy wants it.
func (e *SKUExplanation) keep(pairs []pair, paths []state.Path, sku state.SKUID, users int, kept map[string]int) {
	for _, y := range pairs {
		if y.sku == sku && y.fate == fateKeep && slices.ContainsFunc(paths, state.Path.Holds) {
			e.Ignored -= users
			kept[y.winners[0].policy.Name] += users
		}
	}
}

// pathsOf are the paths of one SKU among sorted ones.
func pathsOf(paths []state.Path, sku state.SKUID) []state.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p state.Path) bool { return p.SKU != sku })
}
