package catalog

import (
	"testing"

	"github.com/agnivade/levenshtein"
	"pgregory.net/rapid"
)

// The bounded distance is the usual one, as far as the limit goes.
func TestDistanceWithinIsLevenshteins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("abü")), 1, 9, -1)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		limit := rapid.IntRange(0, farthest).Draw(t, "limit")
		want := levenshtein.ComputeDistance(a, b)
		got, near := distanceWithin([]rune(a), []rune(b), limit)
		if near != (want <= limit) || near && got != want {
			t.Errorf("distanceWithin(%q, %q, %d) = %d, %t, want %d", a, b, limit, got, near, want)
		}
	})
}
