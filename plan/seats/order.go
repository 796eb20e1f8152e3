package seats

import "slices"

// order carries moves out on paper: each takes the seat that has been free longest
// and remembers who freed it.
type order struct {
	moves    []Move
	outcomes []Outcome
	accounts []account
	sources  []int // of one seat; kept for the next
}

// account is the seats of one SKU as they come and go.
type account struct {
	free   int   // seats that were free from the start
	freed  []int // moves whose freed seat is still there, first freed first
	owed   int   // freed seats that still go to what the SKU owes
	payers []int // the moves that freed those
	first  int   // where something was owed: the first to take a seat after that; -1: nobody yet
}

func newOrder(free []int, moves []Move) *order {
	o := &order{moves: moves, outcomes: make([]Outcome, len(moves)), accounts: make([]account, len(free))}
	for s, n := range free {
		o.accounts[s] = account{free: max(0, n), owed: max(0, -n), first: -1}
	}
	for i := range o.outcomes {
		o.outcomes[i].Missing, o.outcomes[i].Group = -1, -1
	}
	return o
}

// left is the seats there are, below zero what is still owed.
func (o *order) left() []int {
	left := make([]int, len(o.accounts))
	for s, a := range o.accounts {
		left[s] = a.free + len(a.freed) - a.owed
	}
	return left
}

// run carries a move out. All its seats must be there.
func (o *order) run(i int) {
	out := &o.outcomes[i]
	out.Served = true
	for _, s := range o.moves[i].Takes {
		o.sources = o.accounts[s].take(i, o.sources[:0])
		for _, source := range o.sources {
			if !slices.Contains(out.Needs, source) {
				out.Needs = append(out.Needs, source)
			}
			out.Wave = max(out.Wave, o.outcomes[source].Wave+1)
		}
	}
	for _, s := range o.moves[i].Frees {
		o.accounts[s].give(i)
	}
}

// take hands out the seat that has been there longest and appends the moves that must
// have run before. Where the SKU owed seats, those who paid are among them; but only
// the first to take a seat names them all, the others name him.
func (a *account) take(taker int, needs []int) []int {
	switch {
	case len(a.payers) == 0:
	case a.first < 0:
		a.first = taker
		needs = append(needs, a.payers...)
	default:
		needs = append(needs, a.first)
	}
	if a.free > 0 {
		a.free--
		return needs
	}
	needs = append(needs, a.freed[0])
	a.freed = a.freed[1:]
	return needs
}

// give takes a freed seat in.
func (a *account) give(source int) {
	if a.owed > 0 {
		a.owed--
		a.payers = append(a.payers, source)
		return
	}
	a.freed = append(a.freed, source)
}
