package view

import (
	"fmt"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
)

// sources returns the frame of users who entered or left selectors. The numbers stay in the
// heading when rows are left out.
func (m *markdownText) sources(r *review) frame {
	return frame{before: func(shown, total int) string {
		return "#### Sources" + of(shown, total) + "\n\n" + "Since " + escape.Words(r.Sources.Since) + ": " + r.Sources.Moves() + "." + "\n\n" + escape.TableHead("Policy", "Selector", "Where", "-Now", "-Entered", "-Left", "Remark")
	}, after: "\n"}
}

func (m *markdownText) sourceRows(r *review) []string {
	var rows []string
	for _, s := range r.Sources.Moving {
		rows = append(rows, escape.TableRow(escape.Code(s.Policy), escape.Code(s.Selector), m.place(s.Place), blankZero(s.Users), blankZero(s.Entered), blankZero(s.Left), s.State()))
	}
	return rows
}

// moves returns the frame of the names of these users, with a row for each selector and
// direction.
func (m *markdownText) moves() frame {
	return m.folded("Users who entered or left", escape.TableHead("Policy", "Selector", "Direction", "Users"))
}

// maxMovedInComment is how many users a row names before it counts the rest.
const maxMovedInComment = 10

func (m *markdownText) moveRows(r *review) []string {
	var rows []string
	for _, s := range r.Sources.Moving {
		for _, way := range []struct {
			what  string
			names []string
			more  int
		}{{"entered", s.CameIn, s.MoreCame}, {"left", s.WentAway, s.MoreWent}} {
			if len(way.names) > 0 {
				rows = append(rows, escape.TableRow(escape.Code(s.Policy), escape.Code(s.Selector), way.what, m.people(way.names, way.more)))
			}
		}
	}
	return rows
}

func (m *markdownText) people(names []string, more int) string {
	text := ""
	for i, name := range names {
		if i == maxMovedInComment {
			more += len(names) - i
			break
		}
		if i > 0 {
			text += ", "
		}
		text += escape.Code(name)
	}
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// ous returns the frame of the changes of each OU.
func (m *markdownText) ous(r *review) frame {
	titles := []string{"OU"}
	for _, s := range columnsOf(r, r.OUs) {
		titles = append(titles, "-"+s.Title)
	}
	return m.folded("Changes by OU", escape.TableHead(titles...))
}

func (m *markdownText) ouRows(r *review) []string {
	var rows []string
	for _, ou := range r.OUs {
		cells := []string{"none"}
		if ou.Name != "" {
			cells[0] = escape.Code(ou.Name)
		}
		for _, s := range columnsOf(r, r.OUs) {
			cells = append(cells, blankZero(ou.Counts[s.Key]))
		}
		rows = append(rows, escape.TableRow(cells...))
	}
	return rows
}
