package view

import (
	"cmp"
	"slices"
)

// reviewOU counts the changes to users of an OU, by section.
type reviewOU struct {
	Name   string // "": of users without one
	Counts map[string]int
	Total  int
}

// addOUs counts the rows of each OU, those with the most first; nothing where nobody has
// one.
func (r *review) addOUs() {
	found, any := map[string]*reviewOU{}, false
	for _, s := range r.Sections {
		if s.Key == "report" || s.Key == "ended" { // nothing of it is done
			continue
		}
		for _, row := range s.Rows {
			any = any || row.OU != ""
			if found[row.OU] == nil {
				found[row.OU] = &reviewOU{Name: row.OU, Counts: map[string]int{}}
			}
			found[row.OU].Counts[s.Key]++
			found[row.OU].Total++
		}
	}
	if !any {
		return
	}
	for _, ou := range found {
		r.OUs = append(r.OUs, *ou)
	}
	slices.SortFunc(r.OUs, func(a, b reviewOU) int { return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name)) })
}

// sectionsOfOUs are the sections that users of any OU have a part in.
func sectionsOfOUs(r *review) []reviewSection {
	return slices.DeleteFunc(slices.Clone(r.Sections), func(s reviewSection) bool {
		return !slices.ContainsFunc(r.OUs, func(ou reviewOU) bool { return ou.Counts[s.Key] > 0 })
	})
}
