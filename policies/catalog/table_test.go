package catalog

import (
	"strings"
	"testing"
)

func TestEmbeddedTablesAreConsistent(t *testing.T) {
	t.Parallel()
	skus, err := parse(skusTSV, readSKU)
	if err != nil {
		t.Fatal(err)
	}
	plans, err := parse(plansTSV, readPlan)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(skus.entries); n < 120 {
		t.Errorf("%d SKUs, want 120 or more", n)
	}
	if n := len(plans.entries); n < 200 {
		t.Errorf("%d plans, want 200 or more", n)
	}
	for _, spelling := range append(skus.spellings(), plans.spellings()...) {
		if strings.TrimSpace(spelling) != spelling || strings.ContainsAny(spelling, "\u00a0\t\r|") {
			t.Errorf("%q has white space at its ends, or characters of the file format", spelling)
		}
	}
	for plan := range tiersByPlan {
		if _, known := plans.entry(plan); !known {
			t.Errorf("plan %s has a tier and no name", plan)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const (
		a = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
		b = "16ebc4ee-1bb5-47dd-8120-11324bc54e06"
	)
	for _, test := range []struct{ sentence, text, want string }{
		{"a missing column", "A\t" + a + "\tbought\n", "read table: line 1: expected 4 or 5 columns, got 3"},
		{"a column too many", "A\t" + a + "\tbought\tA\tB\tC\n", "read table: line 1: expected 4 or 5 columns, got 6"},
		{"an unknown kind", "A\t" + a + "\tborrowed\tA\n", `read table: line 1: unknown kind "borrowed"`},
		{"a malformed GUID", "A\tb\tbought\tA\n", `read table: line 1: read GUID "b": want the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`},
		{"the zero GUID", "A\t00000000-0000-0000-0000-000000000000\tbought\tA\n", "read table: line 1: no name or no id"},
		{"an empty part number", "\t" + a + "\tbought\tA\n", "read table: line 1: no name or no id"},
		{"an empty name", "# comment\n\nA\t" + a + "\tbought\tA\tB||C\n", `read table: line 3: "A" has an empty name, or one twice`},
		{"a name twice", "A\t" + a + "\tbought\tName\tNAME\n", `read table: line 1: "A" has an empty name, or one twice`},
		{"an id twice", "A\t" + a + "\tbought\tA\nB\t" + a + "\tbought\tB\n", "read table: line 2: the id " + a + " is repeated"},
		{"part numbers out of order", "B\t" + a + "\tbought\tB\na\t" + b + "\tbought\tA\n", `read table: line 2: "a" is not in order`},
		{"ids out of order", "A\t" + b + "\tbought\tB\nA\t" + a + "\tbought\tA\n", `read table: line 2: "A" is not in order`},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := parse(test.text, readSKU); err == nil || err.Error() != test.want {
				t.Errorf("parse: %v, want %s", err, test.want)
			}
		})
	}
	if _, err := parse("A\t"+a+"\n", readPlan); err == nil || err.Error() != "read table: line 1: expected 3 columns, got 2" {
		t.Errorf("parse plans: %v", err)
	}
}
