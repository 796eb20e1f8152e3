package diag_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/diag"
)

func TestProblemsListIsSortedWithoutRepetitions(t *testing.T) {
	t.Parallel()
	at := func(file string, line, col int) diag.Pos { return diag.Pos{File: file, Line: line, Col: col} }
	var problems diag.Problems
	problems.Add(at("b", 1, 1), diag.RuleValue, "", "last")
	problems.Add(at("a", 10, 1), diag.RuleValue, "do that", "third")
	problems.Add(at("a", 9, 2), diag.RuleValue, "", "second")
	problems.Add(at("a", 9, 1), diag.RuleValue, "", "first")
	problems.Add(at("a", 9, 1), diag.RuleValue, "", "first")
	want := "a:9:1: first [value]\na:9:2: second [value]\na:10:1: third; do that [value]\nb:1:1: last [value]"
	if diff := cmp.Diff(want, problems.Err().Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestProblemsErrWithoutProblems(t *testing.T) {
	t.Parallel()
	var problems diag.Problems
	if err := problems.Err(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if got := diag.ProblemsIn(errors.New("of another package")); got != nil {
		t.Errorf("got %v in a foreign error, want none", got)
	}
}

func TestProblemsErrCountsThoseOverTheLimit(t *testing.T) {
	t.Parallel()
	var problems diag.Problems
	for i := range diag.MaxProblems + 7 {
		problems.Add(diag.Pos{File: "a", Line: i + 1}, diag.RuleValue, "", "wrong")
	}
	lines := strings.Split(problems.Err().Error(), "\n")
	if len(lines) != diag.MaxProblems+1 || lines[diag.MaxProblems] != "and 7 more problems" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if got := len(diag.ProblemsIn(problems.Err())); got != diag.MaxProblems+7 {
		t.Errorf("the error holds %d problems, want all", got)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"": nil, `did you mean "a"?`: {"a"}, `did you mean "a" or "b"?`: {"a", "b"}, `did you mean "a", "b" or "\x1b"?`: {"a", "b", "\x1b"},
	} {
		if got := diag.DidYouMean(names...); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", names, got, want)
		}
	}
}
