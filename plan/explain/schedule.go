package explain

import (
	"math"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/seats"
	"github.com/seatwright/seatwright/policies/catalog"
)

// spareSeats are the numbers of seats that the plan tries.
var spareSeats = []int{1, 10, 50}

// shortChain is a chain that no spare seat is worth shortening.
const shortChain = 2

// schedule returns how long the steps take, and what more seats would save.
func schedule(rate float64, names *catalog.Catalog, p *plan.Plan, d *plan.Details) plan.Schedule {
	s := plan.Schedule{WritesPerSecond: rate, Spare: []plan.Spare{}}
	if s.WritesPerSecond <= 0 {
		s.WritesPerSecond = plan.DefaultRate
	}
	locations := p.Count(plan.KindLocation)
	measure := func(schedule *seats.Schedule) (chain, seconds int) {
		waves := schedule.Waves()
		return len(waves), secondsOf(append(waves, locations), s.WritesPerSecond)
	}
	now, numbered := d.Schedule()
	s.LongestChain, s.Seconds = measure(now)
	if s.LongestChain <= shortChain {
		return s
	}
	sku := now.Bottleneck()
	for _, n := range spareSeats {
		with, all := now.With(sku, n)
		if !all {
			continue
		}
		chain, seconds := measure(with)
		s.Spare = append(s.Spare, plan.Spare{Seats: n, PartNumber: names.PartNumber(numbered(sku)), LongestChain: chain, Seconds: seconds})
	}
	return s
}

// secondsOf returns how long waves of writes take, one after the other. Each runs at the
// rate, and none is faster than a single step.
func secondsOf(waves []int, rate float64) int {
	total := 0.0
	for _, writes := range waves {
		if writes > 0 {
			total += max(plan.HandOverTime.Seconds(), float64(writes)/rate)
		}
	}
	return int(math.Ceil(total))
}
