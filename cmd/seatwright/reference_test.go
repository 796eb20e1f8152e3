package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/guard"
)

// The tables of the reference come from the tables that the program itself works with.

var update = flag.Bool("update", false, "write the generated tables into the pages of the reference")

// referenceTables returns every generated table.
func referenceTables(t *testing.T) []topics.Table {
	t.Helper()
	return append(cli.Reference(),
		keyTable(t, "policy-keys", "policy"), keyTable(t, "selector-keys", "selector"), keyTable(t, "license-keys", "license"),
		keyTable(t, "location-keys", "usage-location"), keyTable(t, "settings-keys", "settings"), keyTable(t, "tenant-keys", "tenant"),
		keyTable(t, "record-keys", "records"), keyTable(t, "directory-keys", "directory"),
		keyTable(t, "waiver-keys", "waiver"), keyTable(t, "accept-keys", "accepted"),
		limitTable(), guardTable(), credentialTable(), familyTable(),
	)
}

// inWords are mappings that have no table of their own, with the page that describes
// their keys.
var inWords = map[string]string{
	"policy-file": "policies", "defaults": "settings", "seats": "settings", "prices-file": "settings", "lock-file": "settings",
	"credentials": "sign-in", "credential": "sign-in", "bind": "active-directory",
	"waivers-file": "guards", "accept-file": "drift",
}

func TestReference(t *testing.T) {
	t.Parallel()
	used := map[string]int{}
	tables := referenceTables(t)
	for _, topic := range topics.All() {
		page, err := topics.Insert(topic.Text, tables, used)
		if err != nil {
			t.Errorf("%s.md: %v", topic.Name, err)
			continue
		}
		if *update && page != topic.Text {
			if err := os.WriteFile(filepath.Join("internal", "topics", "pages", topic.Name+".md"), []byte(page), 0o644); err != nil {
				t.Error(err)
			}
			continue
		}
		if diff := cmp.Diff(page, topic.Text); diff != "" {
			t.Errorf("%s.md is not up to date: run go test ./cmd/seatwright -run TestReference -update (-want +got):\n%s", topic.Name, diff)
		}
	}
	for _, table := range tables {
		if used[table.Name] == 0 {
			t.Errorf("no page has the table %s: add <!-- generated: %[1]s --> and <!-- end of %[1]s --> to one", table.Name)
		}
	}
}

func TestReferenceHasEveryKey(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{"policy": true, "selector": true, "license": true, "usage-location": true, "settings": true, "tenant": true,
		"records": true, "directory": true, "waiver": true, "accepted": true, "guards": true,
		"locked-sku": true, // only `catalog lock` writes it
	}
	for _, m := range policies.Mappings() {
		page, found := topics.Find(inWords[m.ID])
		if shown[m.ID] || strings.HasPrefix(m.ID, "guards.") {
			continue
		}
		if !found {
			t.Errorf("no page describes the mapping %s: give it a table, or name its page in inWords", m.ID)
			continue
		}
		for _, key := range m.Keys {
			if m.ID != "defaults" && m.ID != "lock-file" && !key.Refused && !strings.Contains(page.Text, key.Name) {
				t.Errorf("%s.md does not describe %s of %s", page.Name, key.Name, m.ID)
			}
		}
	}
}

// keyTable returns the keys of a mapping of the language.
func keyTable(t *testing.T, name, id string) topics.Table {
	t.Helper()
	table := topics.Table{Name: name, Columns: []string{"key", "takes", "required or default", "meaning"}}
	all := policies.Mappings()
	i := slices.IndexFunc(all, func(m policies.Mapping) bool { return m.ID == id })
	if i < 0 {
		t.Fatalf("there is no mapping %q", id)
	}
	table.Rows = keyRows(all[i], "")
	return table
}

func keyRows(m policies.Mapping, prefix string) [][]string {
	var rows [][]string
	for _, key := range m.Keys {
		if key.Refused {
			continue
		}
		need := key.Default
		switch {
		case key.Required:
			need = "required"
		case key.When != "":
			need = "required " + key.When
		}
		rows = append(rows, []string{"`" + prefix + key.Name + "`", key.Type.String(), need, key.Meaning})
	}
	return rows
}

// limitTable returns the keys under `guards` in the settings.
func limitTable() topics.Table {
	table := topics.Table{Name: "guard-limits", Columns: []string{"key", "takes", "default", "meaning"}}
	for _, m := range policies.Mappings() {
		if guard, isLimit := strings.CutPrefix(m.ID, "guards."); isLimit {
			table.Rows = append(table.Rows, keyRows(m, guard+".")...)
		}
	}
	return table
}

func guardTable() topics.Table {
	table := topics.Table{Name: "guards", Columns: []string{"guard", "counts", "default limit", "class", "with `--hold`", "allowed by"}}
	for _, row := range guard.All().Rows() {
		table.Rows = append(table.Rows, []string{
			"`" + string(row.Name) + "`", row.Summary, defaultLimit(row), string(row.Class), heldSteps(row), overrides(row),
		})
	}
	return table
}

// defaultLimit returns the numbers of a guard in words.
func defaultLimit(row guard.Row) string {
	if len(row.Settings) == 0 {
		return "any"
	}
	var numbers []string
	for _, s := range row.Settings {
		unit := string(s.Unit())
		if s.Unit() == guard.Percent {
			unit = "%"
		}
		number := fmt.Sprintf("%d %s", s.Default, unit)
		if s.Fixed {
			number += " (fixed)"
		}
		numbers = append(numbers, number)
	}
	return strings.Join(numbers, ", ")
}

func heldSteps(row guard.Row) string {
	words := map[guard.Holds]string{
		guard.HoldsNothing: "stops", guard.HoldsCounted: "holds the steps it counts", guard.HoldsTaking: "holds every step that removes something",
		guard.HoldsTakingAndExposed: "holds every step that removes something, and all steps of a policy whose exceptions shrank",
	}
	return words[row.Holds]
}

func overrides(row guard.Row) string {
	words := map[guard.Override]string{guard.OverrideNone: "nothing", guard.OverrideFlagAndWaiver: "`--allow`, or a waiver"}
	return words[row.Override]
}

func credentialTable() topics.Table {
	table := topics.Table{Name: "credential-kinds", Columns: []string{"kind", "required keys", "optional keys"}}
	for _, shape := range policies.CredentialShapes() {
		table.Rows = append(table.Rows, []string{"`" + string(shape.Kind) + "`", inCode(shape.Required), inCode(shape.Optional)})
	}
	return table
}

func inCode(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

func familyTable() topics.Table {
	table := topics.Table{Name: "families", Columns: []string{"family", "service", "tiers, the lowest first", "after a loss", "after a fall to a lower tier"}}
	all := catalog.Services()
	for len(all) > 0 {
		s, names := all[0], []string{all[0].Name}
		for all = all[1:]; len(s.Tiers) == 1 && len(all) > 0 && inOneRow(s, all[0]); all = all[1:] {
			names = append(names, all[0].Name)
		}
		tiers, fall := strings.Join(s.Tiers, ", "), consequence(s.Fallen)
		if len(s.Tiers) == 1 {
			tiers, fall = "one", ""
		}
		table.Rows = append(table.Rows, []string{"`" + string(s.Family) + "`", serviceList(names), tiers, consequence(s.Lost), fall})
	}
	return table
}

// inOneRow reports whether two services of one tier differ in their names alone.
func inOneRow(a, b catalog.Service) bool {
	return a.Family == b.Family && len(b.Tiers) == 1 && a.Lost == b.Lost
}

// mostServices is the number of services that a cell of the table lists.
const mostServices = 10

func serviceList(names []string) string {
	if len(names) <= mostServices {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%d services: %s to %s", len(names), names[0], names[len(names)-1])
}

func consequence(c catalog.Consequence) string {
	text := c.Then
	if c.Days > 0 {
		text = fmt.Sprintf("after %d days: %s", c.Days, text)
	}
	if c.Undo != "" {
		text += ". To undo: " + c.Undo
	}
	return text
}

func TestReferenceWordsCoverEveryGuard(t *testing.T) {
	t.Parallel()
	for _, row := range guard.All().Rows() {
		if row.Summary == "" || heldSteps(row) == "" || overrides(row) == "" {
			t.Errorf("the table of guards has no words for %s", row.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inWords)) {
		if _, found := topics.Find(inWords[name]); !found {
			t.Errorf("%s: there is no page %s", name, inWords[name])
		}
	}
}
