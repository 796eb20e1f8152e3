package policies_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
)

func TestProblemsAreToldInOrderAndOnce(t *testing.T) {
	t.Parallel()
	at := func(file string, line, col int) policies.Pos { return policies.Pos{File: file, Line: line, Col: col} }
	var problems policies.Problems
	problems.Add(at("b", 1, 1), policies.RuleValue, "", "last")
	problems.Add(at("a", 10, 1), policies.RuleValue, "do that", "third")
	problems.Add(at("a", 9, 2), policies.RuleValue, "", "second")
	problems.Add(at("a", 9, 1), policies.RuleValue, "", "first")
	problems.Append(policies.Problem{Pos: at("a", 9, 1), Rule: policies.RuleValue, Message: "first"})
	want := "a:9:1: first [value]\na:9:2: second [value]\na:10:1: third; do that [value]\nb:1:1: last [value]"
	if diff := cmp.Diff(want, problems.Err().Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestNoProblemsAreNoError(t *testing.T) {
	t.Parallel()
	var problems policies.Problems
	if err := problems.Err(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if got := policies.ProblemsIn(errors.New("of somebody else")); got != nil {
		t.Errorf("got %v in a foreign error, want none", got)
	}
}

func TestProblemsOverTheLimitAreCounted(t *testing.T) {
	t.Parallel()
	var problems policies.Problems
	for i := range policies.MaxProblems + 7 {
		problems.Add(policies.Pos{File: "a", Line: i + 1}, policies.RuleValue, "", "wrong")
	}
	lines := strings.Split(problems.Err().Error(), "\n")
	if len(lines) != policies.MaxProblems+1 || lines[policies.MaxProblems] != "and 7 more problems" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if got := len(policies.ProblemsIn(problems.Err())); got != policies.MaxProblems+7 {
		t.Errorf("the error holds %d problems, want all", got)
	}
}

func TestASelectorShowsAsItIsWritten(t *testing.T) {
	t.Parallel()
	text := `policies: [{name: a, licenses: [E5], users: [%s]}]`
	for written, want := range map[string]string{
		"{all: true, domain: Corp.example.com}":       "all: true, domain: corp.example.com",
		"{search: anna}":                              "search: anna",
		"{ou: ['OU=A,DC=x', 'OU=B, DC=x']}":           "ou: OU=A,DC=x; OU=B, DC=x",
		"{list: l.txt}":                               "list: l.txt",
		"{upns: [a@b.ch, c@b.ch]}":                    "upns: 2 listed",
		"{ids: [" + guid + "], domain: example.com }": "ids: 1 listed, domain: example.com",
	} {
		set := mustLoad(t, files("policies/a.yaml", fmt.Sprintf(text, written), "l.txt", "a@b.ch"))
		if got := set.Policies[0].Users[0].String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
