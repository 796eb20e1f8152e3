package seats

import (
	"cmp"
	"slices"
)

// sequencer puts the chosen moves of a network into an order, wave by wave.
type sequencer struct {
	*network
	attempt int       // 0: by rank; later attempts use other orders
	members [][]int   // by class: moves that have not run, by rank
	seats   []int     // by SKU
	takers  []int     // by SKU: number of moves that have not run and take a seat of it
	budget  []int     // by SKU: seats that were there when the wave began
	sources []sources // by SKU
	emptied int       // number of classes without members left
	ran     []int     // the moves that have run, in order
}

// sources are the SKUs from which the remaining moves can bring a seat to one SKU.
type sources struct {
	emptied int // number of empty classes when this was found; a class that gets empty changes it
	open    []bool
}

// sequenceMoves returns an order in which the chosen moves can run, and how many of them
// are left over because they wait for each other's seats.
func (n *network) sequenceMoves(chosen []int, attempt int) (ran []int, stuck int) {
	skus := len(n.free)
	r := &sequencer{network: n, attempt: attempt, members: make([][]int, len(n.classes)), seats: slices.Clone(n.free),
		takers: make([]int, skus), budget: make([]int, skus), sources: make([]sources, skus), ran: make([]int, 0, len(chosen))}
	for _, i := range chosen {
		c := n.classOf[i]
		r.members[c] = append(r.members[c], i)
		for _, s := range n.classes[c].takes {
			r.takers[s]++
		}
	}
	for r.runWave(true) || r.runWave(false) {
	}
	return r.ran, len(chosen) - len(r.ran)
}

// runWave runs moves on the seats that are free now, and reports whether any ran. If it is
// careful, it follows the rule of the last seat. Otherwise it runs one move without that
// rule, which only helps if the network is inexact.
func (r *sequencer) runWave(careful bool) bool {
	before := len(r.ran)
	copy(r.budget, r.seats)
	if r.attempt > 0 {
		return r.runBest(r.all, careful && r.attempt%2 == 0)
	}
	for _, s := range r.scarce {
		for r.budget[s] > 0 && r.runBest(r.taking[s], careful) {
			if !careful {
				return true
			}
		}
	}
	return len(r.ran) > before
}

// runBest runs the first move of the best class whose seats are all there.
func (r *sequencer) runBest(classes []int, careful bool) bool {
	best := -1
	for _, c := range classes {
		if len(r.members[c]) == 0 || best >= 0 && r.compareClasses(c, best) > 0 || !r.hasSeats(c) || careful && r.strandsOthers(c) {
			continue
		}
		best = c
	}
	if best >= 0 {
		r.runFirst(best)
	}
	return best >= 0
}

// compareClasses compares two classes by the order that the attempt uses.
func (r *sequencer) compareClasses(a, b int) int {
	if r.attempt == 0 {
		return cmp.Compare(r.members[a][0], r.members[b][0])
	}
	salt := r.attempt + maxAttempts*len(r.ran)
	return cmp.Compare(pseudoRandom(a, salt), pseudoRandom(b, salt))
}

// hasSeats reports whether all seats of the class were there when the wave began.
func (r *sequencer) hasSeats(c int) bool {
	for _, s := range r.classes[c].takes {
		if r.budget[s] <= 0 {
			return false
		}
	}
	return true
}

// strandsOthers reports whether the class takes the last seat of a SKU for good while other
// moves wait for it, and one of them would bring it back.
func (r *sequencer) strandsOthers(c int) bool {
	for _, s := range r.classes[c].takes {
		if r.seats[s] == 1 && r.takers[s] > 1 && !r.leadsTo(c, s) &&
			slices.ContainsFunc(r.taking[s], func(other int) bool { return len(r.members[other]) > 0 && r.leadsTo(other, s) }) {
			return true
		}
	}
	return false
}

// leadsTo reports whether a seat that the class frees can get to the SKU.
func (r *sequencer) leadsTo(c, s int) bool {
	w := &r.sources[s]
	if w.open == nil || w.emptied != r.emptied {
		w.emptied, w.open = r.emptied, r.findSources(s)
	}
	for _, freed := range r.classes[c].frees {
		if w.open[freed] {
			return true
		}
	}
	return false
}

// findSources reports for each SKU whether the remaining moves can bring a seat from there
// to the given one.
func (r *sequencer) findSources(s int) []bool {
	open := make([]bool, len(r.seats))
	open[s] = true
	for queue := []int{s}; len(queue) > 0; queue = queue[1:] {
		for _, c := range r.freeing[queue[0]] {
			if len(r.members[c]) == 0 {
				continue
			}
			for _, taken := range r.classes[c].takes {
				if !open[taken] {
					open[taken] = true
					queue = append(queue, taken)
				}
			}
		}
	}
	return open
}

// runFirst runs the first move of the class.
func (r *sequencer) runFirst(c int) {
	r.ran = append(r.ran, r.members[c][0])
	if r.members[c] = r.members[c][1:]; len(r.members[c]) == 0 {
		r.emptied++
	}
	for _, s := range r.classes[c].takes {
		r.budget[s]--
		r.seats[s]--
		r.takers[s]--
	}
	for _, s := range r.classes[c].frees {
		r.seats[s]++
	}
}
