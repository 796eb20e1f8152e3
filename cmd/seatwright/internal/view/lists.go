package view

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/state"
)

// UserRow is one user of a list, with the assigned licenses and their paths.
type UserRow struct {
	ID                state.UserID `json:"id"`
	UserPrincipalName string       `json:"user_principal_name"`
	DisplayName       string       `json:"display_name"`
	Enabled           bool         `json:"enabled"`
	Internal          bool         `json:"internal"`
	UsageLocation     string       `json:"usage_location"`
	Container         string       `json:"container"`
	Direct            []string     `json:"direct"`    // part numbers
	Inherited         []string     `json:"inherited"` // "SPE_E3 by Staff licenses"
	Row               int          `json:"row"`       // of the file that names the user; 0: none
}

// Users writes a list of users.
func Users(w io.Writer, format Format, rows []UserRow, on screen.Screen) error {
	switch format {
	case FormatJSON:
		return writeJSON(w, rows)
	case FormatCSV:
		records := [][]string{{"UserPrincipalName", "ObjectId", "DisplayName", "Enabled", "UsageLocation", "Container", "Direct", "Inherited"}}
		for _, r := range rows {
			records = append(records, []string{r.UserPrincipalName, r.ID.String(), r.DisplayName, fmt.Sprint(r.Enabled), r.UsageLocation, r.Container,
				strings.Join(r.Direct, " "), strings.Join(r.Inherited, "; ")})
		}
		return writeCSV(w, records)
	}
	t := newText(w, on)
	t.Line("%s", plural(len(rows), "user", "users"))
	lines := [][]string{{"USER", "NAME", "LOCATION", "DIRECT", "INHERITED", "ACCOUNT"}}
	for _, r := range rows {
		lines = append(lines, []string{escape.Text(r.UserPrincipalName), escape.Text(r.DisplayName), escape.Text(dash(r.UsageLocation)),
			escape.Text(dash(strings.Join(r.Direct, " "))), escape.Text(dash(strings.Join(r.Inherited, ", "))), remarks(r)})
	}
	if len(rows) > 0 {
		t.Table(lines)
	}
	return t.Err()
}

func remarks(r UserRow) string {
	var words []string
	if !r.Enabled {
		words = append(words, "disabled")
	}
	if !r.Internal {
		words = append(words, "external")
	}
	return strings.Join(words, ", ")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// SeatRow has the seats of one SKU.
type SeatRow struct {
	ID         state.SKUID      `json:"sku_id"`
	PartNumber string           `json:"sku_part_number"`
	Name       string           `json:"name"`
	Status     state.Capability `json:"capability_status"`
	AppliesTo  state.Scope      `json:"applies_to"`
	Enabled    int              `json:"enabled"`
	Warning    int              `json:"warning"`
	Consumed   int              `json:"consumed"`
	Available  int              `json:"available"` // signed
	Direct     int              `json:"direct"`    // users with a direct assignment only
	Inherited  int              `json:"inherited"` // inherited only
	Both       int              `json:"both"`
	Errors     int              `json:"errors"` // users whose group could not assign it
}

// Seats writes the seats of a tenant.
func Seats(w io.Writer, format Format, rows []SeatRow, on screen.Screen) error {
	switch format {
	case FormatJSON:
		return writeJSON(w, rows)
	case FormatCSV:
		records := [][]string{{"SkuPartNumber", "SkuId", "Product", "Status", "Enabled", "Warning", "Consumed", "Available", "Direct", "Inherited", "Both", "Errors"}}
		for _, r := range rows {
			record := []string{r.PartNumber, r.ID.String(), r.Name, string(r.Status)}
			for _, n := range []int{r.Enabled, r.Warning, r.Consumed, r.Available, r.Direct, r.Inherited, r.Both, r.Errors} {
				record = append(record, fmt.Sprint(n))
			}
			records = append(records, record)
		}
		return writeCSV(w, records)
	}
	t := newText(w, on)
	lines := [][]string{{"SKU", "PRODUCT", "STATUS", "OWNED", "USED", "FREE", "DIRECT", "BY GROUP", "BOTH", "ERRORS"}}
	for _, r := range rows {
		status := string(r.Status)
		if r.AppliesTo != state.ScopeUser {
			status += ", for the " + strings.ToLower(string(r.AppliesTo))
		}
		lines = append(lines, []string{escape.Text(r.PartNumber), escape.Text(r.Name), escape.Text(status), owned(r.Enabled, r.Warning), fmt.Sprint(r.Consumed), free(r.Available, 0),
			blankZero(r.Direct), blankZero(r.Inherited), blankZero(r.Both), blankZero(r.Errors)})
	}
	if 0 < on.Width && on.Width < narrow { // the part number names the product too
		for i, line := range lines {
			lines[i] = slices.Delete(line, 1, 2)
		}
	}
	t.Table(lines)
	return t.Err()
}

// narrow is the width below which the list of seats leaves out product names.
const narrow = 100

func writeJSON(w io.Writer, value any) error {
	return escape.JSON(w, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(value)
	})
}

// writeCSV writes records, and escapes all cells below the heading. The first column is a key
// that other programs look up. A key that would have to be escaped is an error, and nothing is
// written.
func writeCSV(w io.Writer, records [][]string) error {
	escaped := [][]string{records[0]}
	for i, record := range records[1:] {
		record = slices.Clone(record)
		for j := range record {
			key := record[j]
			if record[j] = escape.CSV(key); j == 0 && record[j] != key {
				return fmt.Errorf("write CSV: row %d: a spreadsheet or a log would execute %q, so it cannot be a key in a CSV file; use --format json", i+2, key)
			}
		}
		escaped = append(escaped, record)
	}
	return csv.NewWriter(w).WriteAll(escaped)
}
