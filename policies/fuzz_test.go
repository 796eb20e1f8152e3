package policies_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
)

// seed gives the fuzzer what the golden tests know.
func seed(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds at %s: %v", pattern, err)
	}
	for _, path := range paths {
		f.Add([]byte(read(f, path)))
	}
}

// checkProblems asks that every problem has a place that exists in its file, a rule
// and a bounded message.
func checkProblems(t *testing.T, fsys fstest.MapFS, problems []policies.Problem) {
	t.Helper()
	for _, problem := range problems {
		file, known := fsys[problem.Pos.File]
		if !known {
			t.Fatalf("problem in no file: %v", problem)
		}
		lines := bytes.Count(file.Data, []byte("\n")) + bytes.Count(file.Data, []byte("\r")) + 1
		if problem.Pos.Line < 0 || problem.Pos.Line > lines {
			t.Errorf("problem beyond the %d lines of its file: %v", lines, problem)
		}
		if problem.Rule == "" || problem.Message == "" || len(problem.Message) > 2000 {
			t.Errorf("problem without rule, without message or with an endless one: %v", problem)
		}
	}
}

func FuzzLoadSettings(f *testing.F) {
	seed(f, "testdata/*/settings-*.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{"seatwright.yaml": {Data: text}}
		settings, err := policies.LoadSettings(fsys)
		if (settings == nil) == (err == nil) {
			t.Fatalf("got settings %v and error %v", settings, err)
		}
		checkProblems(t, fsys, diag.ProblemsIn(err))
	})
}

func FuzzLoad(f *testing.F) {
	seed(f, "testdata/*/*.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{
			"policies/a.yaml": {Data: text}, "data/joiners.csv": {Data: []byte("ObjectId\n" + guid + "\n")},
			"seatwright.yaml": {Data: []byte("\n\n\n\n\n")},
		}
		set, warnings, err := policies.Load(fsys, tenant())
		if (set == nil) == (err == nil) {
			t.Fatalf("got set %v and error %v", set, err)
		}
		checkProblems(t, fsys, append(diag.ProblemsIn(err), warnings...))
	})
}

func FuzzWaivers(f *testing.F) {
	seed(f, "testdata/*/waivers-*.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{"policies/a.yaml": {Data: []byte(staff)}, policies.WaiversFile: {Data: text}}
		set, warnings, err := policies.Load(fsys, tenant())
		checkProblems(t, fsys, append(diag.ProblemsIn(err), warnings...))
		if err != nil {
			return
		}
		for _, waiver := range set.Waivers {
			if waiver.Guard == "" || waiver.Reason == "" || waiver.Limit < 0 || waiver.Expires.Year() < 2000 {
				t.Errorf("a waiver without guard, reason, limit or end: %+v", waiver)
			}
		}
	})
}

func FuzzPrices(f *testing.F) {
	seed(f, "testdata/*/prices-*.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{"policies/a.yaml": {Data: []byte(staff)}, "prices.yaml": {Data: text}, "seatwright.yaml": {}}
		settings := tenant()
		settings.Prices = "prices.yaml"
		set, warnings, err := policies.Load(fsys, settings)
		checkProblems(t, fsys, append(diag.ProblemsIn(err), warnings...))
		if err != nil {
			return
		}
		for _, price := range set.Prices.Monthly {
			if price.Cents < 0 || price.SKU.Name == "" || len(set.Prices.Currency) != 3 {
				t.Errorf("a price below nothing, of nothing, or in nothing: %+v %q", price, set.Prices.Currency)
			}
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("OU=Staff,DC=contoso,DC=com", "SPE_E5, Power BI Pro", "SPE_E3=SPE_E5", "all", "CH")
	f.Add("OU=#,DC=a", "null", "a: b=~", "-", "NO")
	f.Fuzz(func(t *testing.T, ou, licenses, replace, absent, location string) {
		words := policies.PolicyWords{
			OU: []string{ou}, Licenses: []string{licenses}, Replace: []string{replace}, Absent: []string{absent}, UsageLocation: []string{location},
		}
		set, text, warnings, err := policies.ParsePolicy(fstest.MapFS{}, tenant(), words)
		if (set == nil) == (err == nil) {
			t.Fatalf("got set %v and error %v", set, err)
		}
		checkProblems(t, fstest.MapFS{"command line": {Data: []byte(text)}}, append(diag.ProblemsIn(err), warnings...))
	})
}

func FuzzLoadAccepted(f *testing.F) {
	seed(f, "testdata/*/accept-*.yaml")
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := fstest.MapFS{"accept.yaml": {Data: text}}
		accepted, err := policies.LoadAccepted(fsys, tenant())
		if err != nil && len(accepted) > 0 {
			t.Fatalf("got %v and error %v", accepted, err)
		}
		for _, a := range accepted {
			if a.Key == "" || a.Expires.IsZero() || a.Reason == "" {
				t.Errorf("accepted without key, reason or end: %+v", a)
			}
		}
		checkProblems(t, fsys, diag.ProblemsIn(err))
	})
}
