package view

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan"
)

// place is a position in a policy file of the repository.
type place struct {
	File         string
	Line, Column int
	URL          string // "": there is no link
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// reason is the cause of a row.
type reason struct {
	Place place
	Text  string // "staff: wants SPE_E5  (csv: data/new.csv, row 2)"
	Group string // the text without the row, which differs from user to user
}

// String returns the reason with its place, column included.
func (r reason) String() string { return fmt.Sprintf("%s:%d  %s", r.Place, r.Place.Column, r.Text) }

func newReason(b plan.Because, links Links) reason {
	words, whole := b.Policy+": "+effectWords(b), b
	whole.Row = 0
	return reason{links.place(b), words + selectorWords(b), words + selectorWords(whole)}
}

// reasonsOf returns each reason once: several service plans that one line of a policy switches
// off are one reason to a reader.
func reasonsOf(because []plan.Because, links Links) []reason {
	var reasons []reason
	for _, b := range because {
		reasons = append(reasons, newReason(b, links))
	}
	return slices.CompactFunc(reasons, func(a, b reason) bool {
		return a.Text == b.Text && a.Place.File == b.Place.File && a.Place.Line == b.Place.Line
	})
}
