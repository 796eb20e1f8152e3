package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/seatwright/seatwright/policies/catalog"
	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	keys := []string{"licenses", "users", "except", "absent", "others", "usage_location", "name"}
	for _, test := range []struct {
		sentence string
		word     string
		among    []string
		want     string
	}{
		{"a letter too many", "licensess", keys, "licenses"},
		{"British spelling", "licences", keys, "licenses"},
		{"letters swapped", "absnet", keys, "absent"},
		{"letters swapped in a short word", "uesrs", keys, "users"},
		{"case does not count", "Users", keys, "users"},
		{"a word that is far from all has none", "violet", keys, ""},
		{"a word of one letter has none", "u", keys, ""},
		{"a word of two letters is not replaced whole", "ou", []string{"is"}, ""},
		{"the empty word has none", "", keys, ""},
		{"nothing to choose from", "users", nil, ""},
		{"the nearest wins over the first", "anna@contoso.com", []string{"hanna@contoso.org", "ana@contoso.com"}, "ana@contoso.com"},
		{"of equally near ones the first by text", "spe_e4", []string{"SPE_E5", "SPE_E3"}, "SPE_E3"},
		{"letters beyond ASCII count as one", "muller@contoso.com", []string{"müller@contoso.com"}, "müller@contoso.com"},
		{"a word that is too long has none", strings.Repeat("x", 129), []string{strings.Repeat("x", 129)}, ""},
		{"a word just short enough has", strings.Repeat("x", 128), []string{strings.Repeat("x", 130)}, strings.Repeat("x", 130)},
		{"a candidate that is too long is passed over", "users", []string{strings.Repeat(" ", 1<<20) + "users"}, ""},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			if got := catalog.Nearest(test.word, test.among); got != test.want {
				t.Errorf("Nearest(%q) = %q, want %q", test.word, got, test.want)
			}
			reversed := slices.Clone(test.among)
			slices.Reverse(reversed)
			if got := catalog.Nearest(test.word, reversed); got != test.want {
				t.Errorf("Nearest(%q) among the same in reverse = %q, want %q", test.word, got, test.want)
			}
		})
	}
}

// BenchmarkNearest looks for one user principal name among those of a large tenant.
func BenchmarkNearest(b *testing.B) {
	for _, bench := range []struct{ name, word, pattern string }{
		{"usual", "frieda.mustermann@contoso.com", "user%06d.surname@contoso.com"},
		{"worst", strings.Repeat("ab", 61) + "012345", strings.Repeat("ba", 61) + "%06d"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			among := make([]string, 100_000)
			for i := range among {
				among[i] = fmt.Sprintf(bench.pattern, i)
			}
			for b.Loop() {
				catalog.Nearest(bench.word, among)
			}
		})
	}
}

// TestNearestAgreesWithLevenshtein holds the filter by letters to the distance.
func TestNearestAgreesWithLevenshtein(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abü")), 3, 9, -1)
		word, candidate := text.Draw(t, "word"), text.Draw(t, "candidate")
		length := utf8.RuneCountInString(word)
		limit := min((length+1)/3, 3)
		near := levenshtein.ComputeDistance(word, candidate) <= limit
		if got := catalog.Nearest(word, []string{candidate}); (got != "") != near {
			t.Errorf("Nearest(%q, %q) = %q, want near %t", word, candidate, got, near)
		}
	})
}

func TestNearestStopsWhenTheWorkRunsOut(t *testing.T) {
	t.Parallel()
	const pairs = 60
	word := strings.Repeat("ab", pairs) + "@"
	far := strings.Repeat("ba", pairs/2) + "@" + strings.Repeat("ab", pairs/4) + strings.Repeat("ba", pairs/4)
	among := slices.Repeat([]string{far}, 10_000)
	slip := word + "x"
	if got := catalog.Nearest(word, append([]string{slip}, among...)); got != slip {
		t.Errorf("the first candidate: got %q", got)
	}
	if got := catalog.Nearest(word, append(among, slip)); got != "" {
		t.Errorf("a candidate behind 10000 that have the same letters: got %q, want none", got)
	}
}
