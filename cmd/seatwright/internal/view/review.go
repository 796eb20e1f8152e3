package view

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
)

// review is the model of a plan as it is read: grouped, counted and in words. All formats but
// JSON are renderers of it. Nothing in it is escaped: a renderer escapes for its own sink.
type review struct {
	Tenant, TenantID, Source string
	CreatedAt                time.Time
	Made, Expires            string
	Commit, Tool             string
	Digest, StepsDigest      string
	Summary                  string
	Cost                     amount    // of the change of seats in use
	Prices                   plan.Cost // what the cost is made of
	Schedule                 plan.Schedule
	Steps                    int
	Kept, Ignored            int  // assignments that are already correct, and that no policy covers
	Stopped                  bool // a guard stops the plan
	Incomplete               bool // the tenant was not read completely
	Guards                   []reviewGuard
	Sources                  reviewSources
	SKUs                     []reviewSKU
	Policies                 []reviewPolicy
	OUs                      []reviewOU // where there are any
	Sections                 []reviewSection
	Losses                   []reviewLossKind
	Totals                   string // the steps by kind, in one line
	Effect                   string // of a change of policies, in a sentence; "": there is none
	SettingsFrom             string // where the settings come from, in a sentence; "": from beside the policies
	Notes                    []string
	Inputs                   []reviewInput
}

// amount is money a month; without a currency the price is unknown.
type amount struct {
	Currency string
	Cents    int64
}

// reviewGuard is a guard that is not ok, with what allows it.
type reviewGuard struct {
	Name, Of     string // Of: the SKU or the policy
	Verdict      plan.Verdict
	Line         string
	Flag, Waiver string // "": nothing allows it
	Place        place  // of the policy that most of what it counts comes from
}

// reviewSKU has the seats of a SKU.
type reviewSKU struct {
	PartNumber, Product   string
	Owned                 int
	Grace, Reserve        int // parts of Owned
	Consumed              int // as the tenant counts
	UsedBefore, UsedAfter int
	ToBuy                 int
	Cost                  amount
}

// Free returns the seats that are not used, reserve included; negative: overused.
func (s reviewSKU) Free(used int) int { return s.Owned - used }

// reviewPolicy counts the changes that a policy causes, by section.
type reviewPolicy struct {
	tally

	Name     string
	Place    place
	WithBase tally // with what is done without the change too
	Cost     amount
}

// newReview returns the model of a plan that is already redacted.
func newReview(p *plan.Plan, links Links) *review { return newReviewBy(guard.All(), p, links) }

// newReviewBy returns the model of a plan whose guards are in a table.
func newReviewBy(guards guard.Table, p *plan.Plan, links Links) *review {
	r := &review{
		Tenant: p.Tenant.Name, TenantID: p.Tenant.ID.String(), Source: string(p.Source), Commit: p.Commit, Tool: p.ToolVersion, CreatedAt: p.CreatedAt,
		Made: minute(p.CreatedAt), Expires: minute(p.ExpiresAt), Digest: p.Digest, StepsDigest: p.StepsDigest,
		Sources: newReviewSources(p, links), Summary: planSummary(p), Stopped: len(p.Breached()) > 0, Incomplete: !p.Complete,
		Prices: p.Cost, Schedule: p.Schedule, Steps: len(p.Steps), Kept: p.Outcomes.Keep, Ignored: p.Outcomes.Ignored,
		Losses: lossKinds(p.Steps), Totals: planTotalsWords(p),
	}
	r.Cost, r.Effect, r.SettingsFrom = r.price(p.Cost.Cents), effectOfChange(p), settingsWords(p)
	r.addSections(p, links)
	r.addSKUs(p)
	r.addPolicies(p, links)
	r.addOUs()
	for _, g := range p.Guards {
		if g.Verdict != plan.VerdictOK {
			row, _ := guards.Lookup(g.Name)
			r.Guards = append(r.Guards, newReviewGuard(p, row, g, links))
		}
	}
	for _, note := range p.Outcomes.Notes {
		r.Notes = append(r.Notes, noteWords(note))
	}
	for _, input := range p.Inputs {
		r.Inputs = append(r.Inputs, newReviewInput(input))
	}
	return r
}

// price returns an amount in the currency of the settings.
func (r *review) price(cents int64) amount { return amount{r.Prices.Currency, cents} }

// forReview puts first what a reviewer must not miss: the worst guards, and rows that lose
// data. It leaves out policies without a part in the change.
func (r *review) forReview() *review {
	slices.SortStableFunc(r.Guards, func(a, b reviewGuard) int { return cmp.Compare(severity(a.Verdict), severity(b.Verdict)) })
	for _, s := range r.Sections {
		slices.SortStableFunc(s.items, compareLosses)
	}
	r.Policies = slices.DeleteFunc(r.Policies, func(p reviewPolicy) bool { return p.Total == 0 })
	return r
}

// severity returns the place of a verdict, the worst first.
func severity(v plan.Verdict) int {
	return slices.Index([]plan.Verdict{plan.VerdictBreached, plan.VerdictHeld, plan.VerdictOverridden, plan.VerdictNotChecked}, v)
}

func newReviewGuard(p *plan.Plan, row guard.Row, g plan.Guard, links Links) reviewGuard {
	r := reviewGuard{Name: string(g.Name), Of: cmp.Or(g.SKU, g.Policy), Verdict: g.Verdict, Line: guardWords(row, g), Place: guardPlace(p, row, g, links)}
	if g.Verdict == plan.VerdictBreached {
		r.Flag, r.Waiver = g.Allow(row), g.Waiver(row, p.Tenant.Name, p.CreatedAt)
	}
	return r
}

// guardPlace returns where a policy asks for most of the steps that a guard counts.
func guardPlace(p *plan.Plan, row guard.Row, g plan.Guard, links Links) place {
	if g.Verdict == plan.VerdictNotChecked || g.Shared(row) {
		return place{}
	}
	counts, best := map[place]int{}, place{}
	count := func(because []plan.Because) {
		for _, b := range because {
			if g.SKU != "" && b.PartNumber != g.SKU || g.Policy != "" && b.Policy != g.Policy {
				continue
			}
			at := links.place(b)
			counts[at]++
			if n := counts[at] - counts[best]; best == (place{}) || n > 0 || n == 0 && comparePlaces(at, best) < 0 {
				best = at
			}
		}
	}
	for _, step := range p.Steps {
		if step.MayCountAs(row.Counts) {
			count(step.Because)
		}
	}
	for _, o := range p.Outcomes.Held {
		count(o.Because)
	}
	return best
}

func (r *review) addSKUs(p *plan.Plan) {
	prices := map[string]amount{}
	for _, c := range p.Cost.SKUs {
		prices[c.PartNumber] = r.price(c.Cents)
	}
	for _, s := range p.SKUs {
		owned := s.Enabled + s.Warning
		r.SKUs = append(r.SKUs, reviewSKU{
			PartNumber: s.PartNumber, Product: s.Name, Owned: owned, Grace: s.Warning, Reserve: s.Reserve, Consumed: s.Consumed, ToBuy: s.Short, Cost: prices[s.PartNumber],
			UsedBefore: owned - s.Reserve - s.AvailableBefore, UsedAfter: owned - s.Reserve - s.AvailableAfter,
		})
	}
}

func (r *review) addPolicies(p *plan.Plan, links Links) {
	prices, found := map[string]amount{}, map[string]*reviewPolicy{}
	for _, c := range p.Cost.Policies {
		prices[c.Policy] = r.price(c.Cents)
	}
	add := func(key string, because []plan.Because, inBase bool) {
		for _, name := range policiesOf(because) {
			policy := found[name]
			if policy == nil {
				policy = &reviewPolicy{Name: name, Cost: prices[name]}
				found[name] = policy
			}
			policy.WithBase.add(key)
			if !inBase {
				policy.add(key)
			}
		}
		if inBase {
			return
		}
		for _, b := range because { // the place is the first by file and line, whatever the order of steps
			if at, first := links.place(b), found[b.Policy]; first.Place.File == "" || comparePlaces(at, first.Place) < 0 {
				first.Place = at
			}
		}
	}
	for _, step := range p.Steps {
		add(string(step.Kind), step.Because, step.InBase)
	}
	for _, left := range outcomesBySort(p.Outcomes) {
		for _, o := range left.outcomes {
			add(left.sort, o.Because, o.InBase)
		}
	}
	for _, policy := range found {
		r.Policies = append(r.Policies, *policy)
	}
	slices.SortFunc(r.Policies, func(a, b reviewPolicy) int { return cmp.Compare(a.Name, b.Name) })
}

// noteWords returns a note with the users that it is about.
func noteWords(note plan.Note) string {
	if note.Count == 0 {
		return note.Message
	}
	if len(note.Users) == 0 {
		return fmt.Sprintf("%s (%d)", note.Message, note.Count)
	}
	return fmt.Sprintf("%s (%s)", note.Message, someOf(note.Users, note.Count-len(note.Users), len(note.Users)))
}
