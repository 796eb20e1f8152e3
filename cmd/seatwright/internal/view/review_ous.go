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
		if s.Key == sectionReport || s.Key == sectionEnded { // nothing of it is done
			continue
		}
		for _, item := range s.items {
			name := item.user.Container
			any = any || name != ""
			if found[name] == nil {
				found[name] = &reviewOU{Name: name, Counts: map[string]int{}}
			}
			found[name].Counts[s.Key]++
			found[name].Total++
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
	return sectionsWhere(r.Sections, func(s reviewSection) bool {
		return slices.ContainsFunc(r.OUs, func(ou reviewOU) bool { return ou.Counts[s.Key] > 0 })
	})
}
