package topics

import (
	"fmt"
	"strings"
)

// Table is rows that the code knows and a page shows.
type Table struct {
	Name    string // of the block, as its marks give it
	Columns []string
	Rows    [][]string // Markdown, a cell a column
}

// Markdown returns the table as Markdown.
func (t Table) Markdown() string {
	var b strings.Builder
	writeRow := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell) + " ")
		}
		b.WriteString("|\n")
	}
	writeRow(t.Columns)
	rule := make([]string, len(t.Columns))
	for i := range rule {
		rule[i] = "---"
	}
	writeRow(rule)
	for _, row := range t.Rows {
		writeRow(row)
	}
	return b.String()
}

func opening(name string) string { return "<!-- generated: " + name + " -->\n" }
func closing(name string) string { return "<!-- end of " + name + " -->" }

// Insert returns a page with its generated blocks written again from the tables. It
// fails for a block that has no table or no end. used counts the blocks of each table.
func Insert(page string, tables []Table, used map[string]int) (string, error) {
	for _, table := range tables {
		before, rest, found := strings.Cut(page, opening(table.Name))
		if !found {
			continue
		}
		_, after, ended := strings.Cut(rest, closing(table.Name))
		if !ended {
			return "", fmt.Errorf("the block %q has no end: add %s", table.Name, closing(table.Name))
		}
		used[table.Name]++
		page = before + opening(table.Name) + "\n" + table.Markdown() + "\n" + closing(table.Name) + after
	}
	for _, line := range strings.SplitAfter(page, "\n") {
		name, isOpening := strings.CutPrefix(line, "<!-- generated: ")
		name, _, _ = strings.Cut(name, " -->")
		if isOpening && used[name] == 0 {
			return "", fmt.Errorf("no table of the code is called %q", name)
		}
	}
	return page, nil
}
