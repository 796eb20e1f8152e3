package statetest

import (
	"testing"

	"github.com/seatwright/seatwright/state"
)

// Fixture is the little tenant in a backend.
type Fixture struct {
	Reader state.Reader
	Writer state.Writer // of the same tenant; nil for a backend that only reads
	Source state.Source // the source that snapshots must have
}

// RunReader runs the cases of a reader. The function open starts a fresh little tenant
// and closes it by t.Cleanup. Each case runs inside the functions inside, for instance
// synctest.Test.
func RunReader(t *testing.T, open func(t testing.TB) Fixture, inside ...func(*testing.T, func(*testing.T))) {
	t.Helper()
	run(t, open, readerCases(), inside)
}

// RunWriter runs the cases of a writer, which reads back through the Reader.
func RunWriter(t *testing.T, open func(t testing.TB) Fixture, inside ...func(*testing.T, func(*testing.T))) {
	t.Helper()
	run(t, open, writerCases(), inside)
}

// testCase is one case of the suite. It takes a TB, so that the suite's own tests can see
// it fail.
type testCase struct {
	name  string
	check func(t testing.TB, f Fixture)
}

func run(t *testing.T, open func(t testing.TB) Fixture, cases []testCase, inside []func(*testing.T, func(*testing.T))) {
	for _, c := range cases {
		check := func(t *testing.T) { c.check(t, open(t)) }
		for _, around := range inside {
			inner := check
			check = func(t *testing.T) { around(t, inner) }
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			check(t)
		})
	}
}
