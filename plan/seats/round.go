package seats

import (
	"cmp"
	"slices"
)

// round puts the chosen moves of a network into an order, wave by wave.
type round struct {
	*network
	attempt int     // 0: by rank; others try what else there is
	members [][]int // by class: moves still to be run, by rank
	seats   []int   // by SKU
	takers  []int   // by SKU: moves still to be run that take a seat of it
	budget  []int   // by SKU: seats that were there when the wave began
	ways    []ways  // by SKU
	emptied int     // classes that have no more members
	ran     []int   // moves, in their order
}

// ways are the SKUs from which a seat can get to one SKU by the moves still to be run.
type ways struct {
	emptied int // when this was found; a class that is emptied closes ways
	open    []bool
}

// sequence is an order in which chosen moves can run, and how many of them are left
// over because they wait for each other's seats.
func (n *network) sequence(chosen []int, attempt int) (ran []int, stuck int) {
	skus := len(n.free)
	r := &round{network: n, attempt: attempt, members: make([][]int, len(n.classes)), seats: slices.Clone(n.free),
		takers: make([]int, skus), budget: make([]int, skus), ways: make([]ways, skus), ran: make([]int, 0, len(chosen))}
	for _, i := range chosen {
		c := n.classOf[i]
		r.members[c] = append(r.members[c], i)
		for _, s := range n.classes[c].takes {
			r.takers[s]++
		}
	}
	for r.wave(true) || r.wave(false) {
	}
	return r.ran, len(chosen) - len(r.ran)
}

// wave runs moves on the seats that are there, and says whether there were any. It
// heeds the rule of the last seat if it is careful; otherwise it runs one move
// without, which is of use in tangles only.
func (r *round) wave(careful bool) bool {
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
func (r *round) runBest(classes []int, careful bool) bool {
	best := -1
	for _, c := range classes {
		if len(r.members[c]) == 0 || best >= 0 && r.compare(c, best) > 0 || !r.ready(c) || careful && r.strands(c) {
			continue
		}
		best = c
	}
	if best >= 0 {
		r.run(best)
	}
	return best >= 0
}

// compare puts classes into the order in which the attempt tries them.
func (r *round) compare(a, b int) int {
	if r.attempt == 0 {
		return cmp.Compare(r.members[a][0], r.members[b][0])
	}
	turn := r.attempt + maxAttempts*len(r.ran)
	return cmp.Compare(shuffled(a, turn), shuffled(b, turn))
}

// ready says whether all the seats were there when the wave began.
func (r *round) ready(c int) bool {
	for _, s := range r.classes[c].takes {
		if r.budget[s] <= 0 {
			return false
		}
	}
	return true
}

// strands says that the class takes the last seat of a SKU for good, while others
// wait for it, one of which would bring it back.
func (r *round) strands(c int) bool {
	for _, s := range r.classes[c].takes {
		if r.seats[s] == 1 && r.takers[s] > 1 && !r.brings(c, s) &&
			slices.ContainsFunc(r.taking[s], func(other int) bool { return len(r.members[other]) > 0 && r.brings(other, s) }) {
			return true
		}
	}
	return false
}

// brings says whether a seat that the class frees can get to the SKU.
func (r *round) brings(c, s int) bool {
	w := &r.ways[s]
	if w.open == nil || w.emptied != r.emptied {
		w.emptied, w.open = r.emptied, r.waysTo(s)
	}
	for _, freed := range r.classes[c].frees {
		if w.open[freed] {
			return true
		}
	}
	return false
}

func (r *round) waysTo(s int) []bool {
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

// run runs the first move of the class.
func (r *round) run(c int) {
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
