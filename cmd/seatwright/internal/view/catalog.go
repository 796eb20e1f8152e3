package view

import (
	"fmt"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// LockChanges writes the differences between the lock file and the tenant, one a line.
func LockChanges(w io.Writer, changes []policies.LockChange) error {
	t := newText(w, screen.Screen{})
	if len(changes) == 0 {
		t.Line("%s is up to date.", policies.LockFile)
		return t.Err()
	}
	for _, c := range changes {
		sign, what := "-", "the whole SKU"
		if c.Added {
			sign = "+"
		}
		if !c.Plan.IsZero() {
			what = fmt.Sprintf("%s (%s)", c.PlanName, c.Plan)
		}
		t.Line("%s %s  %s", sign, escape.Text(c.SKUName), escape.Text(what))
	}
	return t.Err()
}

// SKURow is a SKU with its service plans.
type SKURow struct {
	ID         state.SKUID `json:"sku_id"`
	PartNumber string      `json:"sku_part_number"`
	Name       string      `json:"name"`
	Plans      []PlanRow   `json:"service_plans"`
}

// PlanRow is a service plan of a SKU.
type PlanRow struct {
	ID        state.PlanID `json:"service_plan_id"`
	PlanName  string       `json:"service_plan_name"`
	Name      string       `json:"name"`
	AppliesTo state.Scope  `json:"applies_to"`
}

// SKU writes one SKU and its service plans.
func SKU(w io.Writer, format Format, row SKURow) error {
	if format == FormatJSON {
		return writeJSON(w, row)
	}
	t := newText(w, screen.Screen{})
	t.Line("%s  %s  %s", escape.Text(row.PartNumber), escape.Text(dash(row.Name)), row.ID)
	lines := [][]string{{"SERVICE PLAN", "NAME", "ID", "FOR"}}
	for _, plan := range row.Plans {
		lines = append(lines, []string{escape.Text(plan.PlanName), escape.Text(dash(plan.Name)), plan.ID.String(), escape.Text(string(plan.AppliesTo))})
	}
	t.Table(lines)
	return t.Err()
}
