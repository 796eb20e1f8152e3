package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/policies/catalog"
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
		{"a word that is far from all has none", "colour", keys, ""},
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
