package seats

// starts says whether a seat gets to every SKU that is taken from, from a root. Only
// the first of a class, or the last that is given up, can change that.
func (a *allocation) starts() bool {
	if a.loose || !a.turned() {
		return true
	}
	reach := a.spread()
	for c := range a.classes {
		if a.chosen(c) > 0 && !a.reached(c, reach) {
			return false
		}
	}
	a.reach = reach
	return true
}

// turned says whether a class has been chosen from for the first time, or no more.
func (a *allocation) turned() bool {
	for _, made := range a.changes {
		if n := a.chosen(made.class); made.by > 0 && n <= len(a.changes) || made.by < 0 && n == 0 {
			return true
		}
	}
	return false
}

func (a *allocation) chosen(c int) int { return a.early[c] + a.fixed[c] }

// spread finds the SKUs that a seat gets to by what is chosen.
func (a *allocation) spread() []bool {
	reach := make([]bool, len(a.free))
	for s, n := range a.free {
		reach[s] = n > 0
	}
	done := make([]bool, len(a.classes))
	for again := true; again; {
		again = false
		for c, class := range a.classes {
			if done[c] || a.chosen(c) == 0 || !a.reached(c, reach) {
				continue
			}
			done[c], again = true, true
			for _, s := range class.frees {
				reach[s] = true
			}
		}
	}
	return reach
}

// reached says whether a seat gets to all that the class takes.
func (a *allocation) reached(c int, reach []bool) bool {
	for _, s := range a.classes[c].takes {
		if !reach[s] {
			return false
		}
	}
	return true
}
