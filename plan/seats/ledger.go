package seats

import "slices"

// ledger runs moves on paper. Each move takes the seat that has been free longest, and
// the ledger records which move freed it.
type ledger struct {
	moves    []Move
	outcomes []Outcome
	accounts []account
	sources  []int // of one seat; its memory is used again
}

// account counts the seats of one SKU as moves take and free them.
type account struct {
	free   int   // seats that were free from the start
	freed  []int // moves whose freed seat is still there, oldest first
	owed   int   // freed seats that the SKU still owes
	payers []int // moves whose freed seats paid what the SKU owed
	first  int   // if seats were owed: the first move that took a seat afterwards; -1: none yet
}

func newLedger(free []int, moves []Move) *ledger {
	o := &ledger{moves: moves, outcomes: make([]Outcome, len(moves)), accounts: make([]account, len(free))}
	for s, n := range free {
		o.accounts[s] = account{free: max(0, n), owed: max(0, -n), first: -1}
	}
	for i := range o.outcomes {
		o.outcomes[i].Missing, o.outcomes[i].Group = -1, -1
	}
	return o
}

// seatsLeft returns the seats left of each SKU; below zero, what the SKU still owes.
func (o *ledger) seatsLeft() []int {
	left := make([]int, len(o.accounts))
	for s, a := range o.accounts {
		left[s] = a.free + len(a.freed) - a.owed
	}
	return left
}

// runMove runs a move. All its seats must be there.
func (o *ledger) runMove(i int) {
	out := &o.outcomes[i]
	out.Served = true
	for _, s := range o.moves[i].Takes {
		o.sources = o.accounts[s].takeSeat(i, o.sources[:0])
		for _, source := range o.sources {
			if !slices.Contains(out.Needs, source) {
				out.Needs = append(out.Needs, source)
			}
			out.Wave = max(out.Wave, o.outcomes[source].Wave+1)
		}
	}
	for _, s := range o.moves[i].Frees {
		o.accounts[s].addSeat(i)
	}
}

// takeSeat hands out the seat that has been free longest and appends the moves that must
// run before. If the SKU owed seats, the moves that paid are among them. Only the first
// taker lists them all; later takers list the first taker, which keeps the lists short.
func (a *account) takeSeat(taker int, needs []int) []int {
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

// addSeat accepts a freed seat. It first pays what the SKU owes.
func (a *account) addSeat(source int) {
	if a.owed > 0 {
		a.owed--
		a.payers = append(a.payers, source)
		return
	}
	a.freed = append(a.freed, source)
}
