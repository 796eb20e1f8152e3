package sandbox_test

import "github.com/seatwright/seatwright/state/sandbox"

// nth is the calls with these numbers, counted from 1.
func nth(numbers ...int) []sandbox.Span {
	out := make([]sandbox.Span, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, sandbox.Span{First: n, Last: n})
	}
	return out
}
