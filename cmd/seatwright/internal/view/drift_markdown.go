package view

import (
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
)

// driftMarkdown writes the report as the body of one issue. The next report finds the issue
// by its marker, updates it, and closes it if nothing needs attention. Where there is no room,
// whole rows are left out, the least important first.
func driftMarkdown(w io.Writer, d *driftReview, budget Budget) error {
	m := &markdownText{budget}
	doc := &document{}
	head := m.marker("drift", d.Tenant) + "\n\n### Drift of tenant " + escape.Code(d.Tenant) + "\n\n" + escape.Words(d.Summary) + "\n\n"
	if d.Next != "" {
		head += d.Next + "\n\n"
	}
	doc.fixed(head)
	doc.add(&block{frame: m.alert("**Note**", false), rows: m.alertRows(d.Alerts)})
	for _, s := range d.Sections {
		doc.add(&block{rank: 1 + slices.Index(driftRanks, s.Key), frame: m.driftFrame(s), rows: m.driftRows(s)})
	}
	doc.add(&block{rank: rankNotes, frame: m.list("Notes"), rows: m.items(d.Notes)})
	var facts []string
	for _, fact := range d.Facts {
		facts = append(facts, escape.Words(fact))
	}
	doc.fixed(strings.Join(facts, " · ") + "\n")
	_, err := io.WriteString(w, doc.fit(budget.Bytes))
	return err
}

// driftRanks are the sections, the most important first.
var driftRanks = []string{"fight", "drift", "stuck", "data", "corrected", "pending", "accepted", "known", "moot"}

// driftFrame is open if its rows need attention, and folded otherwise.
func (m *markdownText) driftFrame(s reviewSection) frame {
	columns := []string{"User", "What", "Who and when", "Because", "Key"}
	if s.Data {
		columns = columns[:3]
	}
	head := escape.TableHead(columns...)
	if m.Plain || !s.Folds {
		return m.open(escape.Words(s.Title), head)
	}
	return m.folded(s.Title, head)
}

func (m *markdownText) driftRows(s reviewSection) []string {
	var rows []string
	for row := range s.Rows() {
		what := escape.Code(row.Change)
		if len(row.Losses) > 0 {
			what += "; correcting it loses " + escape.Code(strings.Join(lossNames(row.Losses), ", "))
		}
		cells := []string{escape.Code(row.User), what, escape.CodeOrNothing(row.Detail), m.reasons(row.Reasons), escape.Code(row.Key)}
		if s.Data {
			cells = cells[:3]
		}
		rows = append(rows, escape.TableRow(cells...))
	}
	return rows
}
