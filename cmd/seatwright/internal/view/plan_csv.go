package view

import (
	"io"
	"strings"
)

// planCSV writes a row for each step, and for each assignment that is not done. The key is the
// object id, since a name may have to be escaped.
func planCSV(w io.Writer, r *review) error {
	records := [][]string{{"ObjectId", "UserPrincipalName", "DisplayName", "Kind", "Removes", "Adds", "Plans", "Location", "Sku", "Loses", "Detail", "Policies", "Because", "Since", "StepId", "Container"}}
	for _, s := range r.Sections {
		for row := range s.Rows() {
			var because, losses []string
			for _, why := range row.Reasons {
				because = append(because, why.Place.String()+" "+why.Text)
			}
			for _, loss := range row.Losses {
				losses = append(losses, loss.Whole())
			}
			about := row.Change
			if row.Step {
				about = ""
			}
			records = append(records, []string{row.UserID.String(), row.User, row.Name, row.Kind,
				strings.Join(row.Removes, "; "), strings.Join(row.Adds, "; "), strings.Join(row.Plans, "; "), row.Location, about,
				strings.Join(losses, "; "), row.Detail,
				strings.Join(row.Policies, " "), strings.Join(because, "; "), row.Since, row.StepID, row.OU})
		}
	}
	return writeCSV(w, records)
}
