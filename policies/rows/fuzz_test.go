package rows_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/seatwright/seatwright/policies/diag"
)

// seed gives the fuzzer the files that the golden tests of policies know.
func seed(f *testing.F) {
	f.Helper()
	paths, err := filepath.Glob("../testdata/project/data/*")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzCSV(f *testing.F) {
	seed(f)
	f.Add([]byte("\xff\xfeO\x00b\x00j\x00e\x00c\x00t\x00I\x00d\x00\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) { fuzzRows(t, "csv", text) })
}

func FuzzList(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) { fuzzRows(t, "list", text) })
}

// fuzzRows checks that every row names a user at a place, and that every problem has a
// place that exists in the file, a rule and a bounded message.
func fuzzRows(t *testing.T, kind string, text []byte) {
	t.Helper()
	users, problems, err := readRows(t, kind, string(text))
	problems = append(problems, diag.ProblemsIn(err)...)
	lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) + 1
	for _, problem := range problems {
		if problem.Pos.File != "f.txt" || problem.Pos.Line < 0 || problem.Pos.Line > lines {
			t.Errorf("problem beyond the %d lines of its file: %v", lines, problem)
		}
		if problem.Rule == "" || problem.Message == "" || len(problem.Message) > 2000 {
			t.Errorf("problem without rule, without message or with an endless one: %v", problem)
		}
	}
	for _, row := range users {
		if row.ID.IsZero() && row.UPN == "" {
			t.Errorf("row %d names no user", row.Number)
		}
		if row.Number < 1 || row.Pos.Line < 1 || row.Pos.Col < 1 {
			t.Errorf("row %d has no place: %v", row.Number, row.Pos)
		}
	}
}
