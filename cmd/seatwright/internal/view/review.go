package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
)

// review is a plan as a reviewer reads it, in words and in the order of reading:
// Markdown, HTML, CSV and annotations are made of it. Nothing in it is escaped yet.
type review struct {
	Tenant, TenantID, Source string
	Made, Expires            string
	Commit, Tool             string
	Digest, StepsDigest      string
	Summary                  string
	Cost                     string // of the seats that come into use and go out of it, a month; "": no prices
	CostByPolicy             [][2]string
	Unpriced                 []string
	Stopped                  bool // a guard stops the plan
	Incomplete               bool // the tenant was not read to the end
	Guards                   []reviewGuard
	Sources                  reviewSources
	SKUs                     []reviewSKU
	Policies                 []reviewPolicy
	OUs                      []reviewOU      // where there are any
	Sections                 []reviewSection // what takes something away first
	Effect                   string          // of a change of policies, in a sentence; "": nobody asked
	SettingsFrom             string          // where the settings come from, in a sentence; "": from beside the policies
	Notes                    []string
	Inputs                   []string
}

// reviewGuard is a guard that is not ok, with what would open it.
type reviewGuard struct {
	Name         string
	Verdict      plan.Verdict
	Line         string
	Flag, Waiver string // "": nothing opens it
	Place        place  // of the policy that most of what it counts comes from
}

// reviewSKU is the seat account of a SKU; counts are seats.
type reviewSKU struct {
	PartNumber, Product   string
	Owned                 int
	Grace, Reserve        int // parts of Owned
	UsedBefore, UsedAfter int
	ToBuy                 int
	Cost                  string
}

// Free are the seats that nobody uses, the reserve too; negative: overused.
func (s reviewSKU) Free(used int) int { return s.Owned - used }

// reviewPolicy counts the changes that a policy has a part in, by section.
type reviewPolicy struct {
	Name   string
	Place  place
	Counts map[string]int
	Total  int
	Cost   string
}

// reviewSection is a kind of step, or of outcome.
type reviewSection struct {
	Key, Title, One string
	Step            bool // its rows are steps, which would be done
	Hints           []string
	Rows            []reviewRow
}

// reviewRow is one step, or one pair of a user and a SKU that is left as it is.
type reviewRow struct {
	Kind               string // of step, or sort of outcome
	Since              string // with a base: "this change", "before it", or "ended by it"
	UserID, User, Name string
	OU                 string
	Change             string // "-SPE_E3 +SPE_E5", or the SKU of an outcome
	Detail             string // of an outcome: why
	Reason             plan.Reason
	Adds, Removes      []string // SKUs of a step, with the service plans that are off
	Plans              []string // SKUs that stay and whose service plans change
	Location           string   // "unset -> CH"
	Losses, Follows    []string // what is lost, in short; and with what comes after it and undoes it
	Reasons            []reason
	Policies, SKUs     []string
	StepID             string
}

// Step says that the row is about a change, and not about a pair that is left as it is.
func (r reviewRow) Step() bool {
	return len(r.Adds)+len(r.Removes)+len(r.Plans) > 0 || r.Location != ""
}

// place is a position in a policy file of the repository.
type place struct {
	File         string
	Line, Column int
	URL          string // "": there is no link
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// reason is why a row is there.
type reason struct {
	Place place
	Text  string // "staff: wants SPE_E5 (csv: data/new.csv, row 2)"
}

// newReview reads a plan that is redacted already.
func newReview(p *plan.Plan, links Links) *review { return newReviewBy(guard.All(), p, links) }

// newReviewBy reads a plan whose guards are those of a table.
func newReviewBy(guards guard.Table, p *plan.Plan, links Links) *review {
	r := &review{
		Tenant: p.Tenant.Name, TenantID: p.Tenant.ID.String(), Source: string(p.Source), Commit: p.Commit, Tool: p.ToolVersion,
		Made: minute(p.CreatedAt), Expires: minute(p.ExpiresAt), Digest: p.Digest, StepsDigest: p.StepsDigest,
		Sources: newReviewSources(p, links), Summary: Summary(p), Stopped: len(p.Breached()) > 0, Incomplete: !p.Complete, Unpriced: p.Cost.Unpriced,
	}
	r.Effect, r.SettingsFrom = effectOfChange(p), settingsWords(p)
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
	slices.SortStableFunc(r.Guards, func(a, b reviewGuard) int { return cmp.Compare(loudness(a.Verdict), loudness(b.Verdict)) })
	for _, note := range p.Outcomes.Notes {
		r.Notes = append(r.Notes, noteWords(note))
	}
	for _, input := range p.Inputs {
		if input.Source != "graph" {
			r.Inputs = append(r.Inputs, fmt.Sprintf("%s: %s", input.Source, plural(input.Rows, "row", "rows")))
			continue
		}
		r.Inputs = append(r.Inputs, fmt.Sprintf("the tenant: %s, read %s", plural(input.Rows, "user", "users"), minute(input.ReadAt)))
	}
	return r
}

func minute(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }

func loudness(v plan.Verdict) int {
	return slices.Index([]plan.Verdict{plan.VerdictBreached, plan.VerdictHeld, plan.VerdictOverridden, plan.VerdictNotChecked}, v)
}

func newReviewGuard(p *plan.Plan, row guard.Row, g plan.Guard, links Links) reviewGuard {
	r := reviewGuard{Name: string(g.Name), Verdict: g.Verdict, Line: guardWords(row, g), Place: guardPlace(p, row, g, links)}
	if g.Verdict == plan.VerdictBreached {
		r.Flag, r.Waiver = g.Allow(row), g.Waiver(row, p.Tenant.Name, p.CreatedAt)
	}
	return r
}

// guardPlace is where a policy asks for most of the steps that a guard counts.
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
	prices := map[string]string{}
	for _, c := range p.Cost.SKUs {
		prices[c.PartNumber] = money(p.Cost.Currency, c.Cents)
	}
	if p.Cost.Currency != "" {
		r.Cost = money(p.Cost.Currency, p.Cost.Cents)
	}
	for _, s := range p.SKUs {
		owned := s.Enabled + s.Warning
		r.SKUs = append(r.SKUs, reviewSKU{
			PartNumber: s.PartNumber, Product: s.Name, Owned: owned, Grace: s.Warning, Reserve: s.Reserve, ToBuy: s.Short, Cost: prices[s.PartNumber],
			UsedBefore: owned - s.Reserve - s.AvailableBefore, UsedAfter: owned - s.Reserve - s.AvailableAfter,
		})
	}
}

func (r *review) addPolicies(p *plan.Plan, links Links) {
	prices, found := map[string]string{}, map[string]*reviewPolicy{}
	for _, c := range p.Cost.Policies {
		prices[c.Policy] = money(p.Cost.Currency, c.Cents)
	}
	add := func(key string, because []plan.Because) {
		for name := range policiesOf(because) {
			if found[name] == nil {
				found[name] = &reviewPolicy{Name: name, Counts: map[string]int{}, Cost: prices[name]}
			}
			found[name].Counts[key]++
			found[name].Total++
		}
		for _, b := range because { // the place is the first by file and line, whatever the order of steps
			if at, first := links.place(b), found[b.Policy]; first.Place.File == "" || comparePlaces(at, first.Place) < 0 {
				first.Place = at
			}
		}
	}
	for _, step := range p.Steps {
		if !step.InBase {
			add(string(step.Kind), step.Because)
		}
	}
	for key, outcomes := range map[string][]plan.Outcome{"blocked": p.Outcomes.Blocked, "waiting": p.Outcomes.Waiting, "held": p.Outcomes.Held} {
		for _, o := range outcomes {
			if !o.InBase {
				add(key, o.Because)
			}
		}
	}
	for _, policy := range found {
		r.Policies = append(r.Policies, *policy)
	}
	slices.SortFunc(r.Policies, func(a, b reviewPolicy) int { return cmp.Compare(a.Name, b.Name) })
}

// noteWords is a note with those whom it is about.
func noteWords(note plan.Note) string {
	who := strings.Join(note.Users, ", ")
	if more := note.Count - len(note.Users); more > 0 && who != "" {
		who += fmt.Sprintf(" and %d more", more)
	}
	if note.Count == 0 {
		return note.Message
	}
	return fmt.Sprintf("%s (%s)", note.Message, cmp.Or(who, fmt.Sprint(note.Count)))
}
