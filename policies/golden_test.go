package policies_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
)

var update = flag.Bool("update", false, "write what the tests got into testdata/err/*.out")

// TestGolden tests every refusal of the language: testdata/err/X.yaml must give exactly
// X.out. Files named settings-*, waivers-*, accept-* and prices-* are read as such files,
// the others as the only policy file of a project.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, file := range cases(t, "err") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			warnings, err := load(t, file)
			got := report(warnings, err)
			if err == nil {
				t.Fatalf("%s was accepted", file)
			}
			out := strings.TrimSuffix(file, ".yaml") + ".out"
			if *update {
				write(t, out, got)
			}
			if diff := cmp.Diff(read(t, out), got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGoldenRules tests that a golden file, or a test of binding or warnings, shows each
// rule, so that no rule is unused.
func TestGoldenRules(t *testing.T) {
	t.Parallel()
	shown := ""
	for _, file := range cases(t, "err") {
		shown += read(t, strings.TrimSuffix(file, ".yaml")+".out")
	}
	elsewhere := []diag.Rule{diag.RuleSKU, diag.RulePlan, diag.RuleWindow}
	for _, rule := range rules() {
		if !slices.Contains(elsewhere, rule) && !strings.Contains(shown, " ["+string(rule)+"]\n") {
			t.Errorf("no file in testdata/err breaks the rule %q", rule)
		}
	}
}

func rules() []diag.Rule {
	return []diag.Rule{
		diag.RuleSyntax, diag.RuleEncoding, diag.RuleLimit, diag.RuleAnchor, diag.RuleTag,
		diag.RuleDuplicateKey, diag.RuleUnknownKey, diag.RuleUnsupported, diag.RuleType,
		diag.RuleValue, diag.RuleRequired, diag.RuleName, diag.RuleConflict, diag.RuleSelector,
		diag.RuleUser, diag.RuleSKU, diag.RulePlan, diag.RuleManage, diag.RulePath,
		diag.RuleFile, diag.RuleCSV, diag.RuleList, diag.RuleDuplicate, diag.RuleWindow,
	}
}

func TestLoadAcceptsValidFiles(t *testing.T) {
	t.Parallel()
	for _, file := range cases(t, "ok") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if warnings, err := load(t, file); err != nil || len(warnings) > 0 {
				t.Errorf("want neither problems nor warnings, got\n%s", report(warnings, err))
			}
		})
	}
}

// staff is a policy file for the projects whose case is another file.
const staff = "policies: [{name: staff, users: {all: true}, licenses: [SPE_E5]}]\n"

func cases(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", dir, err)
	}
	return files
}

// load reads a case inside of testdata/project.
func load(t *testing.T, file string) ([]policies.Problem, error) {
	t.Helper()
	project := project(t)
	if strings.HasPrefix(filepath.Base(file), "settings-") {
		project["seatwright.yaml"] = &fstest.MapFile{Data: []byte(read(t, file))}
		_, err := policies.LoadSettings(project)
		return nil, err
	}
	settings := tenant()
	if filepath.Base(filepath.Dir(file)) == "ok" {
		settings.Manage.Mode = policies.ManageAll
	}
	name := "policies/case.yaml"
	switch kind, _, _ := strings.Cut(filepath.Base(file), "-"); kind {
	case "waivers":
		name, settings.Among = policies.WaiversFile, []string{"contoso", "lab"}
		project["policies/staff.yaml"] = &fstest.MapFile{Data: []byte(staff)}
	case "accept":
		project[policies.AcceptFile] = &fstest.MapFile{Data: []byte(read(t, file))}
		settings.Among = []string{"contoso", "lab"}
		_, err := policies.LoadAccepted(project, settings)
		return nil, err
	case "prices":
		name, settings.Prices = "prices.yaml", "prices.yaml"
		project["policies/staff.yaml"] = &fstest.MapFile{Data: []byte(staff)}
	}
	project[name] = &fstest.MapFile{Data: []byte(read(t, file))}
	_, warnings, err := policies.Load(project, settings)
	return warnings, err
}

// project is testdata/project, and a pipe.
func project(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"data/pipe": {Mode: fs.ModeNamedPipe | 0o600}}
	paths, err := filepath.Glob("testdata/project/data/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		files["data/"+filepath.Base(path)] = &fstest.MapFile{Data: []byte(read(t, path))}
	}
	return files
}

// tenant returns the least that a tenant needs to have its policies loaded.
func tenant() policies.Tenant {
	return policies.Tenant{
		Name:     "contoso",
		Policies: []policies.Pattern{{Glob: "policies/*.yaml", Pos: policies.Pos{File: "seatwright.yaml", Line: 5, Col: 16}}},
		Manage:   policies.Manage{Mode: policies.ManageMentioned},
	}
}

// report returns problems and warnings, one per line.
func report(warnings []policies.Problem, err error) string {
	var b strings.Builder
	for _, problem := range diag.ProblemsIn(err) {
		b.WriteString(problem.Error() + "\n")
	}
	for _, warning := range warnings {
		b.WriteString("warning: " + warning.Error() + "\n")
	}
	return b.String()
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
