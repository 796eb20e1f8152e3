package statetest

import (
	"testing"

	"github.com/seatwright/seatwright/state"
)

// Fixture is the little tenant behind a backend.
type Fixture struct {
	Reader state.Reader
	Writer state.Writer // of the same tenant; nil for a backend that only reads
	Source state.Source // what the snapshots must say they come from
}

// RunReader runs the cases of a reader. The function opens a fresh little tenant
// and closes it by t.Cleanup.
func RunReader(t *testing.T, open func(t testing.TB) Fixture) {
	t.Helper()
	run(t, open, readerCases())
}

// RunWriter runs the cases of a writer, which reads back through the Reader.
func RunWriter(t *testing.T, open func(t testing.TB) Fixture) {
	t.Helper()
	run(t, open, writerCases())
}

// testCase is one case of the suite. It takes a TB so that the suite's own tests
// can see it fail.
type testCase struct {
	name  string
	check func(t testing.TB, f Fixture)
}

func run(t *testing.T, open func(t testing.TB) Fixture, cases []testCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.check(t, open(t))
		})
	}
}
