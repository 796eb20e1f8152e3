package view

import (
	"cmp"
	"slices"
)

// tally counts changes by section.
type tally struct {
	Counts map[string]int
	Total  int
}

func (t *tally) add(key string) {
	if t.Counts == nil {
		t.Counts = map[string]int{}
	}
	t.Counts[key]++
	t.Total++
}

func (t tally) counts(key string) bool { return t.Counts[key] > 0 }

// columnsOf returns the sections that at least one row of a table counts.
func columnsOf[R interface{ counts(string) bool }](r *review, rows []R) []reviewSection {
	return sectionsWhere(r.Sections, func(s reviewSection) bool {
		return slices.ContainsFunc(rows, func(row R) bool { return row.counts(s.Key) })
	})
}

// reviewOU counts the changes to users of an OU.
type reviewOU struct {
	tally

	Name string // "": of users without one
}

// addOUs counts the rows of each OU, the largest first. It adds nothing if no user has an OU.
func (r *review) addOUs() {
	found, any := map[string]*reviewOU{}, false
	for _, s := range r.Sections {
		if s.Key == sectionReport || s.Key == sectionEnded { // it is not done
			continue
		}
		for _, item := range s.items {
			name := item.user.Container
			any = any || name != ""
			if found[name] == nil {
				found[name] = &reviewOU{Name: name}
			}
			found[name].add(s.Key)
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
