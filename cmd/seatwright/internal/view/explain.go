package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/seatwright/seatwright/plan/explain"
)

// Explanation writes all that a plan knows of one user.
func Explanation(w io.Writer, format Format, e explain.Explanation) error {
	if format == FormatJSON {
		return writeJSON(w, e)
	}
	t := &text{w: w}
	t.line("%s  %s", escapeText(e.User.UserPrincipalName), escapeText(e.User.DisplayName))
	t.line("  %s", e.User.ID)
	for _, fact := range accountFacts(e) {
		t.line("  %s", escapeText(fact))
	}
	explainChange(t, e)
	explainSKUs(t, e)
	explainLocation(t, e.Location)
	explainPolicies(t, e.Policies)
	return t.err
}

// accountFacts is what about the account decides over licences.
func accountFacts(e explain.Explanation) []string {
	var facts []string
	if !e.Enabled {
		facts = append(facts, "disabled: nothing is given to the account unless a policy includes it")
	}
	if !e.Internal {
		facts = append(facts, "a guest or an external member")
	}
	if e.Synced {
		facts = append(facts, "synced from Active Directory: "+cmp.Or(e.Container, "where it lies is not known"))
	}
	if e.Shield != "" {
		facts = append(facts, e.Shield)
	}
	return facts
}

// explainChange shows the holdings now and when the steps are done.
func explainChange(t *text, e explain.Explanation) {
	t.line("\nHolds")
	before, after := holdingLines(e.Before, e.Location.Before), holdingLines(e.After, e.Location.After)
	for _, line := range lineDiff(before, after) {
		t.line("  %s", escapeText(line))
	}
	for _, step := range e.Steps {
		for _, loss := range step.Loses {
			t.line("  loses %s", escapeText(lossWords(loss)))
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

// outcomeWords say what becomes of a SKU.
var outcomeWords = map[string]string{
	"keep": "as it should be", "add": "is added", "remove": "is removed", "plans": "its service plans change", "ignored": "left alone",
	"blocked": "blocked", "waiting": "waiting", "held": "held", "filtered": "left out by a flag", "unmanaged": "not managed",
}

func explainSKUs(t *text, e explain.Explanation) {
	if len(e.SKUs) == 0 {
		return
	}
	t.line("\nLicences")
	for _, sku := range e.SKUs {
		line := fmt.Sprintf("%s: %s", sku.PartNumber, cmp.Or(outcomeWords[sku.Outcome], sku.Outcome))
		if sku.Name != "" {
			line = fmt.Sprintf("%s (%s): %s", sku.PartNumber, sku.Name, cmp.Or(outcomeWords[sku.Outcome], sku.Outcome))
		}
		if sku.Detail != "" {
			line += ": " + sku.Detail
		}
		t.line("  %s", escapeText(line))
		planBecause(t, sku.Because)
		for _, b := range sku.Overruled {
			t.line("      overruled: %s", escapeText(becauseWords(b)))
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
	t.line("\nUsage location: %s", escapeText(cmp.Or(l.Detail, becomes)))
	planBecause(t, l.Because)
}

func explainPolicies(t *text, policies []explain.ExplainedPolicy) {
	if len(policies) == 0 {
		t.line("\nNo policy matches, or nearly does.")
		return
	}
	t.line("\nPolicies")
	for _, p := range policies {
		verdict := "does not match"
		if p.Matches {
			verdict = "matches"
		}
		t.line("  %s:%d:%d  %s %s: %s", escapeText(p.File), p.Line, p.Column, escapeText(p.Name), verdict, escapeText(p.Detail))
	}
}

// SKUExplanation writes all that a plan knows of one SKU.
func SKUExplanation(w io.Writer, format Format, e explain.SKUExplanation) error {
	if format == FormatJSON {
		return writeJSON(w, e)
	}
	t := &text{w: w}
	sku := e.SKU
	t.line("%s  %s", escapeText(sku.PartNumber), escapeText(sku.Name))
	t.line("  bought %s, in use %d, free now %s, after the plan %s", owned(sku.Enabled, sku.Warning), sku.Consumed,
		free(sku.AvailableBefore+sku.Reserve, sku.Reserve), free(sku.AvailableAfter+sku.Reserve, sku.Reserve))
	if sku.Short > 0 {
		t.line("  to buy, so that nobody waits: %d", sku.Short)
	}
	t.line("  held directly by %d, by groups by %d, both ways by %d", e.Direct, e.ByGroup, e.Both)
	t.line("\nHolders who keep it")
	rows := [][]string{}
	for _, kept := range e.Kept {
		rows = append(rows, []string{escapeText(kept.Policy), plural(kept.Users, "user", "users")})
	}
	rows = append(rows, []string{"no policy speaks of it", plural(e.Ignored, "user", "users")})
	t.table(rows)
	if len(e.Outcomes) == 0 {
		return t.err
	}
	t.line("\nEverybody else (%d)", len(e.Outcomes))
	for _, o := range e.Outcomes {
		line := o.User.UserPrincipalName + "  " + cmp.Or(outcomeWords[o.Outcome], o.Outcome)
		if o.Detail != "" {
			line += ": " + o.Detail
		}
		t.line("  %s", escapeText(line))
		planBecause(t, o.Because)
	}
	return t.err
}
