package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/plan/seats"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// ledger keeps the seats of every SKU. It is signed: a SKU with 225 units and 232 users has
// -7, and three users that leave free no seat.
type ledger struct {
	facts    *facts
	accounts []account           // by the number that a SKU has in a move
	number   map[state.SKUID]int // by SKU
	schedule *seats.Schedule
}

// account is the seats of one SKU.
type account struct {
	sku     state.SKUID
	free    int // now, after the reserve; can be negative
	reserve int // seats that settings keep back
	pending int // group members that wait for a seat, and get one first
	taken   int // by groups that are served
	given   int // freed by groups that are served
}

// openLedger counts the free seats. The service's own count of seats in use lags behind, so
// the larger of it and the number of holders counts.
func openLedger(f *facts) *ledger {
	l := &ledger{facts: f, number: map[state.SKUID]int{}}
	users := f.census()
	for n, id := range f.managed {
		sku, _ := f.Snapshot.SKU(id)
		a := account{sku: id, free: sku.Units() - max(sku.Consumed, users.Holding[id]), pending: users.Waiting[id]}
		for _, reserve := range f.Set.Tenant.Reserve {
			if reserve.SKU.ID == id {
				a.reserve += reserve.Seats
			}
		}
		a.free -= a.reserve
		l.number[id] = n
		l.accounts = append(l.accounts, a)
	}
	return l
}

// allocate allocates the seats, and makes every group that gets none wait, with the reason.
func allocate(f *facts, users []*userPlan) *ledger {
	l := openLedger(f)
	groups := ranked(f, users)
	free := make([]int, len(l.accounts))
	for n, a := range l.accounts {
		free[n] = a.free - a.pending
	}
	moves := make([]seats.Move, len(groups))
	for i, u := range groups {
		moves[i] = seats.Move{Takes: l.numbers(u.takes), Frees: l.numbers(u.frees)}
		u.needs, u.isSource = nil, false
	}
	l.schedule = seats.Arrange(free, moves)
	for i, u := range groups {
		if u.served = l.schedule.Outcomes[i].Served; u.served {
			l.recordServed(u, l.schedule.Outcomes[i], groups)
		}
	}
	for i, u := range groups {
		if !u.served {
			l.leaveWaiting(u, l.schedule.Outcomes[i])
		}
	}
	return l
}

func (l *ledger) numbers(skus []state.SKUID) []int {
	numbers := make([]int, len(skus))
	for i, sku := range skus {
		numbers[i] = l.number[sku]
	}
	return numbers
}

// recordServed records what a group takes, what it frees and which groups it needs.
func (l *ledger) recordServed(u *swapGroup, o seats.Outcome, groups []*swapGroup) {
	u.wave = o.Wave
	for _, source := range o.Needs {
		groups[source].isSource = true
		u.needs = append(u.needs, groups[source])
	}
	for _, sku := range u.takes {
		l.accounts[l.number[sku]].taken++
	}
	for _, sku := range u.frees {
		l.accounts[l.number[sku]].given++
	}
}

// leaveWaiting makes every assignment in the group wait, and names what it waits for.
func (l *ledger) leaveWaiting(u *swapGroup, o seats.Outcome) {
	missing := l.accounts[o.Missing].sku
	u.each(func(x *assignment) {
		if x.disposition != DispositionAdd || !slices.Contains(u.takes, x.sku) {
			return
		}
		switch a := l.accounts[l.number[x.sku]]; {
		case x.sku != missing && a.remaining() > 0:
		case o.Group >= 0:
			x.stop(DispositionWaiting, ReasonSpareSeat, "%s", l.describeCycle(o.Group))
		default:
			x.stop(DispositionWaiting, ReasonNoSeat, "no seat of %s is free%s", l.facts.part(x.sku), a.formatReserve())
		}
	})
	u.waitFor(missing, l.facts.part(missing))
	u.userPlan.groups = slices.DeleteFunc(u.userPlan.groups, func(other *swapGroup) bool { return other == u })
}

// remaining returns the seats that are left in the end for users that are promised none.
func (a account) remaining() int { return a.free - a.pending - a.taken + a.given }

// describeCycle describes which spare seats would start a cycle of groups that only wait for each
// other's seats.
func (l *ledger) describeCycle(group int) string {
	g := l.schedule.Groups[group]
	others := fmt.Sprintf("%d swaps wait for each other's seats", len(g.Moves))
	if len(g.Spare) == 0 {
		return others + ", and no order was found in which every user keeps a license: a few spare seats would help"
	}
	var spare []string
	toBuy := 0
	for _, skus := range g.Spare {
		var parts []string
		for _, n := range skus {
			parts = append(parts, l.facts.part(l.accounts[n].sku))
			toBuy += l.schedule.Buy[n]
		}
		slices.Sort(parts)
		spare = append(spare, "one spare seat of "+formatAlternatives(parts))
	}
	back := "it can be given back"
	if len(spare) > 1 {
		back = "they can be given back"
	}
	if toBuy > 0 {
		back += fmt.Sprintf(" (others wait for seats of these SKUs, of which %d must be bought; those before them in rank come first)", toBuy)
	}
	return fmt.Sprintf("%s: %s for %s would do; %s", others, strings.Join(spare, " and "), formatHours(len(g.Moves)), back)
}

// formatAlternatives formats a list of things of which one is enough.
func formatAlternatives(things []string) string {
	last := len(things) - 1
	if last == 0 {
		return things[0]
	}
	return strings.Join(things[:last], ", ") + " or " + things[last]
}

// HandOverTime is about how long a step takes until the next one, which takes the seat
// that it frees, can be sent: the write, and reading it back.
const HandOverTime = time.Second

// formatHours formats how long a chain of steps takes, rounded up.
func formatHours(steps int) string {
	n := (steps*int(HandOverTime.Seconds()) + 3599) / 3600
	if n <= 1 {
		return "an hour"
	}
	return fmt.Sprintf("%d hours", n)
}

// formatReserve formats the number of free seats that the reserve keeps back.
func (a account) formatReserve() string {
	if n := min(a.reserve, a.free+a.reserve); n > 0 {
		return fmt.Sprintf(" (%d kept in reserve)", n)
	}
	return ""
}

// ranked returns the groups in the order in which they are served: the highest priority
// first, then users without a mailbox, then by name.
func ranked(f *facts, users []*userPlan) []*swapGroup {
	type ranking struct {
		*swapGroup
		priority int
		mailbox  bool
		name     string
	}
	var order []ranking
	for _, x := range users {
		mailbox := hasMailbox(f, x)
		for _, u := range x.groups {
			order = append(order, ranking{u, u.priority(), mailbox, strings.ToLower(x.user.UserPrincipalName())})
		}
	}
	slices.SortFunc(order, func(a, b ranking) int {
		return cmp.Or(-cmp.Compare(a.priority, b.priority), falseFirst(a.mailbox, b.mailbox), cmp.Compare(a.name, b.name),
			cmp.Compare(a.assignments[0], b.assignments[0]))
	})
	groups := make([]*swapGroup, len(order))
	for i, r := range order {
		groups[i] = r.swapGroup
	}
	return groups
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

// priority returns the highest priority of the policies that want something of the group.
func (u *swapGroup) priority() int {
	highest := u.userPlan.assignments[u.assignments[0]].priority()
	u.each(func(x *assignment) {
		if x.wanted {
			highest = max(highest, x.priority())
		}
	})
	return highest
}

func hasMailbox(f *facts, x *userPlan) bool {
	if len(x.groups) == 0 {
		return false
	}
	for plan := range effective.Plans(f.Snapshot, x.user.Paths()) {
		for _, tier := range catalog.TiersOf(plan) {
			if tier.Family == catalog.Mailbox {
				return true
			}
		}
	}
	return false
}

// rows returns the rows of the SKU table of the plan.
func (l *ledger) rows() []SKU {
	accounts := []SKU{}
	for n, a := range l.accounts {
		sku, owned := l.facts.Snapshot.SKU(a.sku)
		if !owned {
			continue
		}
		accounts = append(accounts, SKU{
			ID: a.sku, PartNumber: l.facts.part(a.sku), Name: l.facts.Catalog.ProductName(a.sku),
			Enabled: sku.Enabled, Warning: sku.Warning, Consumed: sku.Consumed, Reserve: a.reserve, Pending: a.pending,
			AvailableBefore: a.free, AvailableAfter: a.free - a.taken + a.given, Short: l.schedule.Buy[n],
		})
	}
	slices.SortFunc(accounts, func(a, b SKU) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), a.ID.Compare(b.ID))
	})
	return accounts
}
