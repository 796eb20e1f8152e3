package rows_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCSVStopsAtTheLimitOfRows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ kind, text, want string }{
		"of a CSV file": {"csv", "ObjectId,Name\n" + strings.Repeat(",\n", 2_000_000), "f.txt:2000001:1: more than 2000000 rows; split the file [limit]\n"},
		"of a list":     {"list", strings.Repeat("#\n", 2_000_001), "f.txt:2000001: more than 2000000 lines; split the file [limit]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readRows(t, test.kind, test.text)
			if diff := cmp.Diff(test.want, report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
