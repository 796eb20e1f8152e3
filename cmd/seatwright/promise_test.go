package main

import (
	"bufio"
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
	"github.com/seatwright/seatwright/state/slowtest"
)

// What the README, the examples and the reference pages promise is run here.

// copyOfExamples is a folder that looks like the top of the repository.
func copyOfExamples(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	if err := os.CopyFS(filepath.Join(top, "examples"), os.DirFS(filepath.Join("..", "..", "examples"))); err != nil {
		t.Fatal(err)
	}
	for _, project := range []string{"ci", "contoso", "hybrid", "jobs", "seed"} { // left by a manual try in the checkout
		if err := os.RemoveAll(filepath.Join(top, "examples", project, ".seatwright")); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// seatwright runs the program and returns what it printed and how it ended.
func seatwright(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "seatwright", args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("seatwright %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// commandsIn are the command lines in the sh blocks of a document.
func commandsIn(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	inside := false
	for scanner := bufio.NewScanner(bytes.NewReader(data)); scanner.Scan(); {
		switch line := strings.TrimSpace(scanner.Text()); {
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh"
		case inside && line != "" && !strings.HasPrefix(line, "#"):
			command, _, _ := strings.Cut(line, "  #")
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	return commands
}

// TestTheCommandsOfTheDocumentsRun runs every command of the README, of the READMEs of
// the examples, and of the reference pages, in their order, on a copy. A command ends as
// it should if it ends with 0, or with what --detailed-exitcode is for.
func TestTheCommandsOfTheDocumentsRun(t *testing.T) {
	t.Parallel()
	readmes := []string{"README.md", "examples/contoso/README.md", "examples/seed/README.md", "examples/jobs/README.md", "examples/hybrid/README.md", "examples/ci/README.md"}
	for _, readme := range readmes {
		t.Run(readme, func(t *testing.T) {
			t.Parallel()
			if ran := runCommandsOf(t, readme); ran < 3 {
				t.Errorf("only %d commands were found in %s", ran, readme)
			}
		})
	}
	for _, name := range topics.Names() {
		page := "cmd/seatwright/internal/topics/pages/" + name + ".md"
		if len(commandsIn(t, filepath.Join("..", "..", page))) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slowtest.Require(t, "the commands of the reference pages")
			runCommandsOf(t, page)
		})
	}
}

// runCommandsOf runs the commands of one document on a copy of the examples, and returns
// how many there are. `seatwright` without -C runs in examples/contoso.
func runCommandsOf(t *testing.T, document string) (ran int) {
	t.Helper()
	top := copyOfExamples(t)
	for _, command := range commandsIn(t, filepath.Join("..", "..", document)) {
		line, ours := strings.CutPrefix(command, "go run ./cmd/seatwright ")
		dir := top
		if !ours {
			if line, ours = strings.CutPrefix(command, "seatwright "); !ours {
				continue
			}
			dir = filepath.Join(top, "examples", "contoso")
		}
		ran++
		stdout, stderr, code := seatwright(t, dir, splitWords(line)...)
		if differences := code == 2 && strings.Contains(line, "--detailed-exitcode"); code != 0 && !differences {
			t.Errorf("%s: exit %d\n%s%s", command, code, stdout, stderr)
		}
	}
	return ran
}

// splitWords cuts a command line at blanks outside of quotes.
func splitWords(line string) []string {
	var words []string
	for _, match := range regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, match[1]+match[2]+match[3])
	}
	return words
}

func TestTheREADMESaysWhatCIRuns(t *testing.T) {
	t.Parallel()
	commands := commandsIn(t, filepath.Join("..", "..", "README.md"))
	for _, want := range []string{"go run ./cmd/seatwright -C examples/contoso plan", "go test ./..."} {
		if !slices.Contains(commands, want) {
			t.Errorf("the README does not give the command %q", want)
		}
	}
}

// TestEveryExampleComesToRest plans, applies, and plans again, for every tenant of
// every example; without the slow tests, for one box of examples/seed.
func TestEveryExampleComesToRest(t *testing.T) {
	t.Parallel()
	tenants := map[string][]string{"ci": {"sandbox"}, "contoso": {"contoso"}, "hybrid": {"synced"}, "jobs": {"fabrikam"}, "seed": seedTenants(t)}
	for project, names := range tenants {
		for _, name := range names {
			t.Run(project+"/"+name, func(t *testing.T) {
				t.Parallel()
				if project == "seed" && name != "replace" {
					slowtest.Require(t, "the other boxes of examples/seed")
				}
				flags := []string{"-C", filepath.Join("examples", project), "--tenant", name}
				top := copyOfExamples(t)
				run := func(want int, args ...string) string {
					stdout, stderr, code := seatwright(t, top, append(slices.Clone(flags), args...)...)
					if code != want {
						t.Fatalf("seatwright %v: exit %d, want %d\n%s%s", args, code, want, stdout, stderr)
					}
					return stdout
				}
				run(0, "validate")
				if name == "refresh" { // has nothing to do until another box was applied
					run(0, "plan", "--detailed-exitcode")
					run(0, "apply", "--auto-approve", "--tenant", "add")
				}
				if plan := run(2, "plan", "--first-run", "--detailed-exitcode"); strings.Contains(plan, "exceeded: ") || strings.Contains(plan, "overridden: ") {
					t.Errorf("the example needs an override:\n%s", plan)
				}
				run(0, "apply", "--auto-approve", "--first-run")
				if plan := run(0, "plan", "--first-run", "--detailed-exitcode"); !strings.Contains(plan, "Nothing to do.") {
					t.Errorf("the second plan is not empty:\n%s", plan)
				}
			})
		}
	}
}

// seedTenants are the boxes of examples/seed, by its settings.
func seedTenants(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "seed", "seatwright.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range regexp.MustCompile(`(?m)^  ([a-z0-9-]+): \{sandbox`).FindAllStringSubmatch(string(data), -1) {
		names = append(names, match[1])
	}
	if len(names) < 12 {
		t.Fatalf("only %d tenants in examples/seed: %v", len(names), names)
	}
	return names
}

// TestContosoShowsEverything holds the example to what the issue wants it to show.
func TestContosoShowsEverything(t *testing.T) {
	t.Parallel()
	plan, _, code := seatwright(t, copyOfExamples(t), "-C", "examples/contoso", "plan", "--first-run")
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, plan)
	}
	for _, want := range []string{
		"Removals (", "Replacements (", "Additions (", "Service plan changes (", "Usage locations (", "Blocked (", "Waiting (",
		`OU=Finance\, Legal`, "OU=Zürich", ".csv, row ", ".txt, row ", "in grace", "others: remove wants", "until SPE_E5", "no seat of SPE_E5 is free",
	} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan of examples/contoso does not show %q", want)
		}
	}
}

// TestRightAfterARunNothingDrifts runs the examples with every special case, whatever of
// their policies cannot be done.
func TestRightAfterARunNothingDrifts(t *testing.T) {
	t.Parallel()
	for _, project := range []string{"contoso", "jobs"} {
		t.Run(project, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(copyOfExamples(t), "examples", project)
			if _, stderr, code := seatwright(t, dir, "apply", "--auto-approve", "--first-run"); code != 0 {
				t.Fatalf("apply ended with %d: %s", code, stderr)
			}
			if stdout, stderr, code := seatwright(t, dir, "drift"); code != 0 || !strings.Contains(stderr, "no_drift (0)") {
				t.Errorf("drift ended with %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

// TestTheSettingsOfThePipelinesHoldOnEveryPlatform tries the identities of the other
// platforms, which the settings show as remarks.
func TestTheSettingsOfThePipelinesHoldOnEveryPlatform(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "ci", "seatwright.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	settings := string(data)
	const id = "6a1f0c2e-5b7d-4f3a-9e88-0d4c2b1a7f31"
	kinds := map[string]string{"GitHub": ""}
	for _, found := range regexp.MustCompile(`(?m)^    # ([A-Z]\w+(?: \w+)?): +(\{kind: .*\})$`).FindAllStringSubmatch(settings, -1) {
		kinds[found[1]] = strings.ReplaceAll(found[2], "...", id)
	}
	if names := slices.Sorted(maps.Keys(kinds)); !slices.Equal(names, []string{"Azure Pipelines", "GitHub", "GitLab", "Kubernetes"}) {
		t.Errorf("the settings show %q", names)
	}
	for platform, kind := range kinds {
		top := copyOfExamples(t)
		if kind != "" {
			changed := regexp.MustCompile(`\{kind: github-oidc.*\}`).ReplaceAllString(settings, kind)
			if err := os.WriteFile(filepath.Join(top, "examples", "ci", "seatwright.yaml"), []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if stdout, stderr, code := seatwright(t, top, "-C", "examples/ci", "--tenant", "contoso", "validate"); code != 0 {
			t.Errorf("%s: exit %d\n%s%s", platform, code, stdout, stderr)
		}
	}
}
