package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan/explain"
)

// Explanation writes everything that a plan knows about one user.
func Explanation(w io.Writer, format Format, e explain.Explanation) error {
	if format == FormatJSON {
		return writeJSON(w, e)
	}
	t := newText(w, screen.Screen{})
	t.Line("%s  %s", escape.Text(e.User.UserPrincipalName), escape.Text(e.User.DisplayName))
	t.Line("  %s", e.User.ID)
	for _, fact := range accountFacts(e) {
		t.Line("  %s", escape.Text(fact))
	}
	explainChange(t, e)
	explainSKUs(t, e)
	explainLocation(t, e.Location)
	explainPolicies(t, e.Policies)
	return t.Err()
}

// accountFacts returns what matters to licenses about the account.
func accountFacts(e explain.Explanation) []string {
	var facts []string
	if !e.Enabled {
		facts = append(facts, "disabled: gets no license unless a policy includes disabled accounts")
	}
	if !e.Internal {
		facts = append(facts, "a guest or an external member")
	}
	if e.Synced {
		facts = append(facts, "synced from Active Directory: "+cmp.Or(e.Container, "its OU is unknown"))
	}
	if e.Shield != "" {
		facts = append(facts, e.Shield)
	}
	return facts
}

// explainChange writes what the user has now and after the steps.
func explainChange(t *text, e explain.Explanation) {
	t.Heading("\nAssigned")
	before, after := holdingLines(e.Before, e.Location.Before), holdingLines(e.After, e.Location.After)
	for _, line := range lineDiff(before, after) {
		t.Line("  %s", escape.Text(line))
	}
	for _, step := range e.Steps {
		for _, loss := range step.Loses {
			t.Line("  loses %s", escape.Text(lossWords(loss)))
		}
	}
}

func holdingLines(holdings []explain.ExplainedHolding, location string) []string {
	lines := []string{"usage location " + cmp.Or(location, "unset")}
	for _, h := range holdings {
		line := h.PartNumber + " directly"
		if h.Group != "" {
			line = fmt.Sprintf("%s by group %q", h.PartNumber, h.Group)
		}
		if h.State != "Active" || h.Error != "" {
			line += ", " + strings.TrimSpace(h.State+" "+h.Error)
		}
		if len(h.Off) > 0 {
			line += " (off: " + strings.Join(h.Off, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// outcomeWords are the results for a SKU.
var outcomeWords = map[string]string{
	"keep": "already correct", "add": "is added", "remove": "is removed", "plans": "its service plans change", "ignored": "not covered by any policy",
	"blocked": "blocked", "waiting": "waiting", "held": "held", "filtered": "left out by a flag", "unmanaged": "not managed",
}

func explainSKUs(t *text, e explain.Explanation) {
	if len(e.SKUs) == 0 {
		return
	}
	t.Heading("\nLicenses")
	for _, sku := range e.SKUs {
		line := fmt.Sprintf("%s: %s", sku.PartNumber, cmp.Or(outcomeWords[sku.Outcome], sku.Outcome))
		if sku.Name != "" {
			line = fmt.Sprintf("%s (%s): %s", sku.PartNumber, sku.Name, cmp.Or(outcomeWords[sku.Outcome], sku.Outcome))
		}
		if sku.Detail != "" {
			line += ": " + sku.Detail
		}
		t.Line("  %s", escape.Text(line))
		planBecause(t, sku.Because)
		for _, b := range sku.Overruled {
			t.Line("      overruled: %s", escape.Text(becauseWords(b)))
		}
	}
}

func explainLocation(t *text, l explain.ExplainedLocation) {
	if len(l.Because) == 0 {
		return
	}
	becomes := cmp.Or(l.Before, "unset") + " -> " + l.After
	if l.Before == l.After {
		becomes = cmp.Or(l.Before, "unset") + " stays"
	}
	t.Line("\nUsage location: %s", escape.Text(cmp.Or(l.Detail, becomes)))
	planBecause(t, l.Because)
}

func explainPolicies(t *text, policies []explain.ExplainedPolicy) {
	if len(policies) == 0 {
		t.Line("\nNo policy matches or almost matches.")
		return
	}
	t.Heading("\nPolicies")
	for _, p := range policies {
		verdict := "does not match"
		if p.Matches {
			verdict = "matches"
		}
		t.Line("  %s:%d:%d  %s %s: %s", escape.Text(p.File), p.Line, p.Column, escape.Text(p.Name), verdict, escape.Text(p.Detail))
	}
}

// SKUExplanation writes everything that a plan knows about one SKU.
func SKUExplanation(w io.Writer, format Format, e explain.SKUExplanation) error {
	if format == FormatJSON {
		return writeJSON(w, e)
	}
	t := newText(w, screen.Screen{})
	sku := e.SKU
	t.Line("%s  %s", escape.Text(sku.PartNumber), escape.Text(sku.Name))
	t.Line("  bought %s, in use %d, free now %s, after the plan %s", owned(sku.Enabled, sku.Warning), sku.Consumed,
		free(sku.AvailableBefore+sku.Reserve, sku.Reserve), free(sku.AvailableAfter+sku.Reserve, sku.Reserve))
	if sku.Short > 0 {
		t.Line("  to buy, so that no user waits: %d", sku.Short)
	}
	t.Line("  users with direct assignments: %d, inherited: %d, both: %d", e.Direct, e.ByGroup, e.Both)
	t.Heading("\nUsers who keep it")
	rows := [][]string{}
	for _, kept := range e.Kept {
		rows = append(rows, []string{escape.Text(kept.Policy), plural(kept.Users, "user", "users")})
	}
	rows = append(rows, []string{"not covered by any policy", plural(e.Ignored, "user", "users")})
	t.Table(rows)
	if len(e.Outcomes) == 0 {
		return t.Err()
	}
	t.Heading("\nOther users (%d)", len(e.Outcomes))
	for _, o := range e.Outcomes {
		line := o.User.UserPrincipalName + "  " + cmp.Or(outcomeWords[o.Outcome], o.Outcome)
		if o.Detail != "" {
			line += ": " + o.Detail
		}
		t.Line("  %s", escape.Text(line))
		planBecause(t, o.Because)
	}
	return t.Err()
}
