package sandbox_test

import (
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
)

// nth is the calls with these numbers, counted from 1.
func nth(numbers ...int) []faults.Span {
	out := make([]faults.Span, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, faults.Span{First: n, Last: n})
	}
	return out
}
