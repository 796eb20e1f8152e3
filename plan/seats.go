package plan

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// ledger keeps the seats of every SKU. It is signed: a SKU with 225 units and 232
// users has -7, and three who leave free nothing.
type ledger struct {
	accounts map[state.SKUID]*account
}

// account is the seats of one SKU while they are handed out.
type account struct {
	free    int     // now, after the reserve; can be negative
	reserve int     // seats that settings keep back
	pending int     // group members who wait for a seat: theirs are the first
	initial int     // free seats not handed out yet
	absorb  int     // freed seats that still go to the deficit and to pending members
	freed   []*unit // freed seats not handed out yet, by who frees them, first freed first
	waiting queue   // units that lack a seat of this SKU
	taken   int     // by units that are served
	given   int     // freed by units that are served
}

// openLedger counts the seats there are.
func (p *planner) openLedger() *ledger {
	l := &ledger{accounts: map[state.SKUID]*account{}}
	holders, pending := p.holders()
	for _, id := range p.managed {
		sku, _ := p.Snapshot.SKU(id)
		a := &account{free: sku.Units() - max(sku.Consumed, holders[id]), pending: pending[id]}
		for _, reserve := range p.Set.Tenant.Reserve {
			if reserve.SKU.ID == id {
				a.reserve += reserve.Seats
			}
		}
		a.free -= a.reserve
		a.initial, a.absorb = max(0, a.free-a.pending), max(0, a.pending-a.free)
		l.accounts[id] = a
	}
	return l
}

// holders counts the users who hold each SKU by any path, since the service's own
// count lags behind, and the group members who wait for a seat of it.
func (p *planner) holders() (holding, pending map[state.SKUID]int) {
	holding, pending = map[state.SKUID]int{}, map[state.SKUID]int{}
	for user := range p.Snapshot.Users() {
		paths := user.Paths()
		for i := 0; i < len(paths); {
			of := user.PathsOf(paths[i].SKU)
			i += len(of)
			switch {
			case slices.ContainsFunc(of, state.Path.Holds):
				holding[of[0].SKU]++
			case of[0].Error == "CountViolation":
				pending[of[0].SKU]++
			}
		}
	}
	return holding, pending
}

// has says whether a seat is there to take.
func (a *account) has() bool { return a.initial > 0 || len(a.freed) > 0 }

// take hands out one seat and names the unit that frees it, or nil for one that is
// free now. No seat is handed out twice, so that any order in which every unit
// comes after those it needs keeps each SKU at or above zero.
func (a *account) take() *unit {
	a.taken++
	if a.initial > 0 {
		a.initial--
		return nil
	}
	source := a.freed[0]
	a.freed = a.freed[1:]
	return source
}

// give takes a freed seat in: first what the SKU owes, then for others.
func (a *account) give(source *unit) {
	a.given++
	if a.absorb > 0 {
		a.absorb--
		return
	}
	a.freed = append(a.freed, source)
}

// allocate serves units in their order as long as there are seats; a seat that a
// served unit frees goes to the first in order who waits for it. The rest waits.
func (p *planner) allocate(people []*person) *ledger {
	l := p.openLedger()
	units := p.ranked(people)
	for _, u := range units {
		u.served, u.needs, u.feeds, u.wave = false, nil, false, 0
	}
	for _, u := range units {
		l.serve(u)
	}
	for _, u := range units {
		if !u.served {
			p.leaveWaiting(u, l)
		}
	}
	return l
}

// serve gives a unit its seats, or queues it where one is lacking. Seats that come
// free thereby are offered on; that is a worklist and not a recursion, since chains
// can be as long as the tenant is large.
func (l *ledger) serve(u *unit) {
	if lacking := l.lacking(u); lacking != nil {
		heap.Push(&lacking.waiting, u)
		return
	}
	work := l.book(u)
	for len(work) > 0 {
		a := work[0]
		work = work[1:]
		for a.has() && len(a.waiting) > 0 {
			next := heap.Pop(&a.waiting).(*unit) //nolint:forcetypeassert // the queue holds units only
			if lacking := l.lacking(next); lacking != nil {
				heap.Push(&lacking.waiting, next)
				continue
			}
			work = append(work, l.book(next)...)
		}
	}
}

func (l *ledger) lacking(u *unit) *account {
	for _, sku := range u.takes {
		if a := l.accounts[sku]; !a.has() {
			return a
		}
	}
	return nil
}

// book hands the unit its seats and takes in those it frees; it returns where.
func (l *ledger) book(u *unit) []*account {
	u.served = true
	for _, sku := range u.takes {
		if source := l.accounts[sku].take(); source != nil {
			source.feeds = true
			u.needs = append(u.needs, source)
			u.wave = max(u.wave, source.wave+1)
		}
	}
	var freed []*account
	for _, sku := range u.frees {
		l.accounts[sku].give(u)
		freed = append(freed, l.accounts[sku])
	}
	return freed
}

// leaveWaiting says of every pair in the unit what it waits for.
func (p *planner) leaveWaiting(u *unit, l *ledger) {
	var lacking state.SKUID
	u.each(func(x *pair) {
		if x.fate == fateAdd && slices.Contains(u.takes, x.sku) && !l.accounts[x.sku].has() {
			lacking = x.sku
			x.stop(fateWaiting, ReasonNoSeat, "no seat of %s is free%s", p.part(x.sku), l.accounts[x.sku].kept())
		}
	})
	u.wait(lacking, p.part(lacking))
	u.person.units = slices.DeleteFunc(u.person.units, func(other *unit) bool { return other == u })
}

// kept speaks of the seats that would be there but for the reserve.
func (a *account) kept() string {
	if n := min(a.reserve, a.free+a.reserve); n > 0 {
		return fmt.Sprintf(" (%d kept in reserve)", n)
	}
	return ""
}

// ranked puts units into the order in which they are served: the highest priority,
// then people without a mailbox, then by name.
func (p *planner) ranked(people []*person) []*unit {
	type ranking struct {
		*unit
		priority int
		mailbox  bool
		name     string
	}
	var order []ranking
	for _, x := range people {
		mailbox := p.hasMailbox(x)
		for _, u := range x.units {
			order = append(order, ranking{u, u.priority(), mailbox, strings.ToLower(x.user.UserPrincipalName())})
		}
	}
	slices.SortFunc(order, func(a, b ranking) int {
		return cmp.Or(-cmp.Compare(a.priority, b.priority), falseFirst(a.mailbox, b.mailbox), cmp.Compare(a.name, b.name),
			cmp.Compare(a.pairs[0], b.pairs[0]))
	})
	units := make([]*unit, len(order))
	for i, r := range order {
		r.rank = i
		units[i] = r.unit
	}
	return units
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// priority is the highest of the policies that want something of the unit.
func (u *unit) priority() int {
	highest := u.person.pairs[u.pairs[0]].priority()
	u.each(func(x *pair) {
		if x.wanted {
			highest = max(highest, x.priority())
		}
	})
	return highest
}

func (p *planner) hasMailbox(x *person) bool {
	if len(x.units) == 0 {
		return false
	}
	for plan := range effective(p.Snapshot, x.user.Paths()) {
		for _, tier := range catalog.TiersOf(plan) {
			if tier.Family == catalog.Mailbox {
				return true
			}
		}
	}
	return false
}

// queue is a heap of units, the first in order on top.
type queue []*unit

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].rank < q[j].rank }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*unit)) } //nolint:forcetypeassert // heap.Interface

func (q *queue) Pop() any {
	last := len(*q) - 1
	u := (*q)[last]
	*q = (*q)[:last]
	return u
}

// seatAccounts are the rows of the plan's SKU table.
func (p *planner) seatAccounts(l *ledger, people []*person) []SKU {
	short := map[state.SKUID]int{}
	for _, x := range people {
		for _, y := range x.pairs {
			if y.reason == ReasonNoSeat {
				short[y.sku]++
			}
		}
	}
	accounts := []SKU{}
	for _, id := range p.managed {
		sku, owned := p.Snapshot.SKU(id)
		if !owned {
			continue
		}
		a := l.accounts[id]
		accounts = append(accounts, SKU{
			ID: id, PartNumber: p.part(id), Name: p.Catalog.ProductName(id),
			Enabled: sku.Enabled, Warning: sku.Warning, Consumed: sku.Consumed, Reserve: a.reserve,
			AvailableBefore: a.free, AvailableAfter: a.free - a.taken + a.given, Short: a.toBuy(short[id]),
		})
	}
	slices.SortFunc(accounts, func(a, b SKU) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), a.ID.Compare(b.ID))
	})
	return accounts
}

// toBuy is how many seats must be bought so that nobody waits: first what the SKU
// owes, to users it has too many of, to its reserve and to group members.
func (a *account) toBuy(waiting int) int {
	if waiting == 0 {
		return 0
	}
	return waiting + a.absorb
}

// notePending says aloud that seats are left to group members who wait for them.
func (p *planner) notePending(l *ledger) {
	for _, id := range p.managed {
		if a := l.accounts[id]; a.pending > 0 {
			p.noteCount(a.pending, "group members wait for a seat of %s: as many are left to them", p.part(id))
		}
	}
}

// noteGrace says aloud where steps rely on units that have expired.
func (p *planner) noteGrace(accounts []SKU) {
	for _, a := range accounts {
		if used := a.Enabled + a.Warning - a.AvailableAfter; a.AvailableAfter < a.AvailableBefore && a.Warning > 0 && used > a.Enabled {
			p.noteCount(a.AvailableBefore-a.AvailableAfter, "seats of %s are handed out of units that have expired and are in their grace period", a.PartNumber)
		}
	}
}
