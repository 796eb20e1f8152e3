package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
)

// planSchedule says how long the steps take, and what more seats would save.
func planSchedule(t *text, p *plan.Plan) {
	if len(p.Steps) == 0 {
		return
	}
	s := p.Schedule
	line := fmt.Sprintf("\nTime: about %s at %g writes a second", duration(s.Seconds), s.WritesPerSecond)
	if s.LongestChain > 1 {
		line += fmt.Sprintf("; the longest chain in which a seat is handed on has %d links", s.LongestChain)
	}
	t.line("%s.", line)
	var spare []string
	shortest := s.LongestChain
	for _, more := range s.Spare {
		if more.LongestChain < shortest {
			shortest = more.LongestChain
			spare = append(spare, fmt.Sprintf("with %s of %s %s and %s", plural(more.Seats, "spare seat", "spare seats"), Terminal(more.PartNumber),
				plural(more.LongestChain, "link", "links"), duration(more.Seconds)))
		}
	}
	if len(spare) > 0 {
		t.line("It would be %s. Spare seats are free again in the end.", strings.Join(spare, ", "))
	}
}

// duration is a length of time as people say it: 40 s, 12 min, 22 h.
func duration(seconds int) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
}
