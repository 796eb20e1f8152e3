package view

import (
	"fmt"
	"slices"
	"strings"
)

// document is a text of blocks. It leaves out rows to fit a budget.
type document struct{ blocks []*block }

// block is a heading with rows. A block of fixed text has neither rank nor rows.
type block struct {
	rank  int // rows of higher ranks are dropped first
	frame frame
	rows  []string
	shown int
	text  string // fixed
}

// frame is the text around rows, with the count of those that are shown.
type frame struct {
	before func(shown, total int) string
	after  string
}

func (d *document) fixed(text string) { d.blocks = append(d.blocks, &block{text: text}) }

func (d *document) add(b *block) {
	if len(b.rows) > 0 {
		d.blocks = append(d.blocks, b)
	}
}

// fit returns the text with as many whole rows as fit, the most important first. After the
// first row that does not fit it shows no less important one: "120 of 903" means the first 120.
func (d *document) fit(bytes int) string {
	for _, b := range d.blocks {
		bytes -= len(b.text)
		if b.text == "" { // the heading stays, with the longest count
			bytes -= max(len(b.frame.before(0, len(b.rows))), len(b.frame.before(len(b.rows)-1, len(b.rows)))) + len(b.frame.after)
		}
	}
	byRank := slices.Clone(d.blocks)
	slices.SortStableFunc(byRank, func(a, b *block) int { return a.rank - b.rank })
	for _, b := range byRank {
		for _, row := range b.rows {
			if bytes -= len(row); bytes < 0 {
				return d.render()
			}
			b.shown++
		}
	}
	return d.render()
}

func (d *document) render() string {
	var text strings.Builder
	for _, b := range d.blocks {
		text.WriteString(b.text)
		if b.text == "" {
			text.WriteString(b.frame.before(b.shown, len(b.rows)))
			text.WriteString(strings.Join(b.rows[:b.shown], ""))
			text.WriteString(b.frame.after)
		}
	}
	return text.String()
}

// of returns how many rows are shown; "" for all.
func of(shown, total int) string {
	if shown == total {
		return ""
	}
	return count(shown, total)
}

func count(shown, total int) string {
	if shown == total {
		return fmt.Sprintf(" (%d)", total)
	}
	return fmt.Sprintf(" (%d of %d)", shown, total)
}
