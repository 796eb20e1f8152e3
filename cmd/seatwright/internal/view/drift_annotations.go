package view

import (
	"fmt"
	"strings"
)

// annotations are the news, those of one sort at one place together.
func (d *driftReview) annotations() []annotation {
	type spot struct {
		place      place
		sort, what string
	}
	rows, order := map[spot][]driftRow{}, []spot{}
	for _, s := range d.Sections {
		if s.Folds || s.Data {
			continue
		}
		for _, row := range s.Rows {
			at := spot{sort: row.Sort, what: row.What}
			if s.Key == "fight" {
				at.sort = "fight"
			}
			if len(row.Reasons) > 0 {
				at.place = row.Reasons[0].Place
			}
			if rows[at] == nil {
				order = append(order, at)
			}
			rows[at] = append(rows[at], row)
		}
	}
	var all []annotation
	for _, at := range order {
		var users []string
		for _, row := range rows[at][:min(len(rows[at]), maxNeeds)] {
			users = append(users, row.User)
		}
		who := strings.Join(users, ", ")
		if more := len(rows[at]) - len(users); more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		all = append(all, annotation{at.place, "drift-" + at.sort, "The tenant has drifted", who + ": " + at.what})
	}
	return all
}
