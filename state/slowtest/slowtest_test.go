package slowtest_test

import (
	"testing"

	"github.com/seatwright/seatwright/state/slowtest"
)

func TestRequireSkipsUnlessTheVariableIsSet(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "1": true, "true": true} {
		t.Run(value, func(t *testing.T) {
			t.Setenv(slowtest.Variable, value)
			ran, skipped := false, false
			t.Run("slow", func(t *testing.T) {
				defer func() { skipped = t.Skipped() }()
				slowtest.Require(t, "an example")
				ran = true
			})
			if ran != want || skipped == want || slowtest.Enabled() != want {
				t.Errorf("%s=%q: ran is %v, skipped is %v, want %v and %v", slowtest.Variable, value, ran, skipped, want, !want)
			}
		})
	}
}
