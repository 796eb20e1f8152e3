package view

import (
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
)

func planSKUs(t *text, r *review) {
	if len(r.SKUs) == 0 {
		return
	}
	rows := [][]string{{"SKU", "PRODUCT", "OWNED", "USED", "FREE NOW", "AFTER", "TO BUY"}}
	for _, s := range r.SKUs {
		rows = append(rows, []string{
			escape.Text(s.PartNumber), escape.Text(s.Product), owned(s.Owned-s.Grace, s.Grace), fmt.Sprint(s.Consumed),
			free(s.Free(s.UsedBefore), s.Reserve), free(s.Free(s.UsedAfter), s.Reserve), blankZero(s.ToBuy),
		})
	}
	t.Heading("\nSeats")
	t.Table(rows)
}

// planPolicies writes, for each policy, the number of steps and outcomes that it causes. What
// it does without a change too counts here.
func planPolicies(t *text, r *review) {
	columns := []string{"remove", "replace", "add", "plans", "location", sectionBlocked, sectionWaiting}
	rows := [][]string{append([]string{"POLICY"}, strings.Split(strings.ToUpper(strings.Join(columns, " ")), " ")...)}
	for _, p := range r.Policies {
		row, any := []string{escape.Text(p.Name)}, false
		for _, column := range columns {
			row = append(row, blankZero(p.WithBase.Counts[column]))
			any = any || p.WithBase.Counts[column] > 0
		}
		if any {
			rows = append(rows, row)
		}
	}
	if len(rows) > 1 {
		t.Heading("\nPolicies")
		t.Table(rows)
	}
}

// planSchedule writes how long the steps take, and how much time spare seats would save.
func planSchedule(t *text, r *review) {
	if r.Steps == 0 {
		return
	}
	s := r.Schedule
	line := fmt.Sprintf("\nTime: about %s at %g writes a second", screen.Duration(s.Seconds), s.WritesPerSecond)
	if s.LongestChain > 1 {
		line += fmt.Sprintf("; the longest chain of steps that pass on a seat has %d links", s.LongestChain)
	}
	t.Line("%s.", line)
	var spare []string
	shortest := s.LongestChain
	for _, more := range s.Spare {
		if more.LongestChain < shortest {
			shortest = more.LongestChain
			spare = append(spare, fmt.Sprintf("with %s of %s (%s, %s)", plural(more.Seats, "spare seat", "spare seats"), escape.Text(more.PartNumber),
				plural(more.LongestChain, "link", "links"), screen.Duration(more.Seconds)))
		}
	}
	if len(spare) > 0 {
		t.Line("Faster %s. Spare seats are free again at the end.", strings.Join(spare, ", "))
	}
}

// maxMoved is how many users who entered or left are named before the rest is counted.
const maxMoved = 3

// planSources writes which users entered or left the selectors of policies.
func planSources(t *text, r reviewSources) {
	if len(r.Moving) == 0 && r.Doubt() == "" {
		return
	}
	t.Line("")
	if len(r.Moving) > 0 {
		t.Heading("Sources: %s since %s", r.Moves(), escape.Text(r.Since))
	}
	for _, s := range r.Moving {
		t.Line("  %s", escape.Text(sourceLine(s)))
		if s.Status == plan.SourceCompared {
			planMoved(t, "entered", s.CameIn, s.MoreCame)
			planMoved(t, "left", s.WentAway, s.MoreWent)
		}
	}
	if doubt := r.Doubt(); doubt != "" {
		t.Line("%s", doubt)
	}
}

// sourceLine is a selector in one line: "p.yaml:3  staff (ou: OU=Staff): 2 entered, 1 left, 12 now".
func sourceLine(s reviewSource) string {
	line := fmt.Sprintf("%s (%s): ", s.Policy, s.Selector)
	if s.Place.File != "" {
		line = s.Place.String() + "  " + line
	}
	switch s.Status {
	case plan.SourceNew:
		return line + fmt.Sprintf("new, selects %s", plural(s.Users, "user", "users"))
	case plan.SourceGone:
		return line + fmt.Sprintf("not in the policies any more, selected %s", plural(s.Before, "user", "users"))
	}
	return line + fmt.Sprintf("%d entered, %d left, %d now", s.Entered, s.Left, s.Users)
}

func planMoved(t *text, what string, names []string, more int) {
	if len(names) == 0 {
		return
	}
	t.Line("      %s: %s", what, escape.Text(someOf(names, more, maxMoved)))
}

// planCost shows the monthly price of the seats that come into use and go out of it.
func planCost(t *text, r *review) {
	if r.Cost.Currency == "" || len(r.Prices.SKUs)+len(r.Prices.Unpriced) == 0 {
		return
	}
	t.Heading("\nMonthly price of the seats in use: %s", money(r.Cost))
	rows := [][]string{{"SKU", "SEATS", "PRICE", "TO BUY"}}
	for _, sku := range r.Prices.SKUs {
		toBuy := ""
		if sku.ToBuy != 0 {
			toBuy = money(r.price(sku.ToBuy))
		}
		rows = append(rows, []string{escape.Text(sku.PartNumber), fmt.Sprintf("%+d", sku.Seats), money(r.price(sku.Cents)), toBuy})
	}
	t.Table(rows)
	if len(r.Prices.Policies) > 0 {
		rows = [][]string{{"POLICY", "PRICE"}}
		for _, policy := range r.Prices.Policies {
			rows = append(rows, []string{escape.Text(policy.Policy), money(r.price(policy.Cents))})
		}
		t.Table(rows)
	}
	if len(r.Prices.Unpriced) > 0 {
		t.Line("  no price is known for %s", escape.Text(strings.Join(r.Prices.Unpriced, ", ")))
	}
}
