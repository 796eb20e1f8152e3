package seats

// canStart reports whether a seat can get from a root to every SKU that a chosen move
// takes. The answer changes only with the first chosen move of a class and with the last
// one that is given up, so that only these are checked.
func (a *allocation) canStart() bool {
	if a.loose || !a.affectsStart() {
		return true
	}
	reach := a.reachableSKUs()
	for c := range a.classes {
		if a.chosenCount(c) > 0 && !a.takesReachable(c, reach) {
			return false
		}
	}
	a.reach = reach
	return true
}

// affectsStart reports whether the changes include the first chosen move of a class, or
// gave up its last one.
func (a *allocation) affectsStart() bool {
	for _, made := range a.changes {
		if n := a.chosenCount(made.class); made.by > 0 && n <= len(a.changes) || made.by < 0 && n == 0 {
			return true
		}
	}
	return false
}

// chosenCount returns how many moves of the class are chosen.
func (a *allocation) chosenCount(c int) int { return a.early[c] + a.fixed[c] }

// reachableSKUs reports for each SKU whether the chosen moves can bring a seat there.
func (a *allocation) reachableSKUs() []bool {
	reach := make([]bool, len(a.free))
	for s, n := range a.free {
		reach[s] = n > 0
	}
	done := make([]bool, len(a.classes))
	for again := true; again; {
		again = false
		for c, class := range a.classes {
			if done[c] || a.chosenCount(c) == 0 || !a.takesReachable(c, reach) {
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

// takesReachable reports whether a seat can get to every SKU that the class takes.
func (a *allocation) takesReachable(c int, reach []bool) bool {
	for _, s := range a.classes[c].takes {
		if !reach[s] {
			return false
		}
	}
	return true
}
