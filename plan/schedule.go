package plan

import (
	"math"
	"time"

	"github.com/seatwright/seatwright/plan/seats"
)

// DefaultRate is the writes a second that a run makes unless it is told otherwise:
// 80 % of the 3,000 per 150 seconds that Microsoft allows one app in one tenant
// (Graph: "Microsoft Graph service-specific throttling limits", Identity and access).
const DefaultRate = 0.8 * QuotaRate

// QuotaRate is the writes a second that the quota allows.
const QuotaRate = 3000.0 / 150

// linkTime is about how long a step takes until the next one, which takes the seat
// that it frees, can be sent: the write, and reading it back.
const linkTime = time.Second

// Schedule is how long the steps take. What counts is the chains in which a seat is
// handed on, since those steps go one after the other.
type Schedule struct {
	LongestChain    int     `json:"longest_chain"` // in changes that hand one seat on
	Seconds         int     `json:"seconds"`       // about, for all steps
	WritesPerSecond float64 `json:"writes_per_second"`
	Spare           []Spare `json:"spare"` // what more seats would save; none where chains are short
}

// Spare is what some more seats of one SKU would make of the schedule. They are free
// again in the end.
type Spare struct {
	Seats        int    `json:"seats"`
	PartNumber   string `json:"sku_part_number"`
	LongestChain int    `json:"longest_chain"`
	Seconds      int    `json:"seconds"`
}

// spareSeats are the numbers of seats that the plan tries.
var spareSeats = []int{1, 10, 50}

// shortChain is a chain that no spare seat is worth shortening.
const shortChain = 2

// schedule says how long the steps take, and what more seats would save.
func (p *planner) schedule(l *ledger, steps []*draft) Schedule {
	s := Schedule{WritesPerSecond: p.Rate, Spare: []Spare{}}
	if s.WritesPerSecond <= 0 {
		s.WritesPerSecond = DefaultRate
	}
	locations := 0
	for _, d := range steps {
		if d.Kind == KindLocation {
			locations++
		}
	}
	measure := func(schedule *seats.Schedule) (chain, seconds int) {
		waves := schedule.Waves()
		return len(waves), secondsOf(append(waves, locations), s.WritesPerSecond)
	}
	s.LongestChain, s.Seconds = measure(l.schedule)
	if s.LongestChain <= shortChain {
		return s
	}
	sku := l.schedule.Bottleneck()
	for _, n := range spareSeats {
		with, all := l.schedule.With(sku, n)
		if !all {
			continue
		}
		chain, seconds := measure(with)
		s.Spare = append(s.Spare, Spare{Seats: n, PartNumber: p.part(l.accounts[sku].sku), LongestChain: chain, Seconds: seconds})
	}
	return s
}

// secondsOf is how long waves of writes take, one after the other, each at the rate
// and none faster than a single step.
func secondsOf(waves []int, rate float64) int {
	total := 0.0
	for _, writes := range waves {
		if writes > 0 {
			total += max(linkTime.Seconds(), float64(writes)/rate)
		}
	}
	return int(math.Ceil(total))
}
