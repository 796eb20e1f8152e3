package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"
)

// Pos is a place in a file. Lines and columns count from 1; a zero Line means the
// file as a whole, and the zero Pos means nothing was written.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsZero reports whether the position is unset.
func (p Pos) IsZero() bool { return p == Pos{} }

// String returns "file:line:col", as editors and compilers write it.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Compare orders places by file, line, column.
func (p Pos) Compare(other Pos) int {
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line), cmp.Compare(p.Col, other.Col))
}

// Problem is a mistake, or something doubtful, in a file that a person wrote.
type Problem struct {
	Pos     Pos
	Message string // lower case; quotes foreign text cut to 64 characters
	Hint    string // what to write instead, or ""
	Rule    Rule
}

// Error returns "file:line:col: message; hint [rule]".
func (p Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", p.Pos, p.Message)
	if p.Hint != "" {
		fmt.Fprintf(&b, "; %s", p.Hint)
	}
	fmt.Fprintf(&b, " [%s]", p.Rule)
	return b.String()
}

// MaxProblems is how many problems are shown before the rest is only counted.
const MaxProblems = 50

// Problems collects all problems, so that they are reported together. The
// zero value is ready to use.
type Problems struct {
	list []Problem
}

// Add adds one problem.
func (ps *Problems) Add(pos Pos, rule Rule, hint, format string, args ...any) {
	ps.list = append(ps.list, Problem{Pos: pos, Rule: rule, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

// Len returns the number of problems that were added.
func (ps *Problems) Len() int { return len(ps.list) }

// List returns all problems sorted by position, without repetitions.
func (ps *Problems) List() []Problem {
	sorted := slices.Clone(ps.list)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(sorted)
}

// Err returns nil if there are none; otherwise each problem can be had with
// [ProblemsIn].
func (ps *Problems) Err() error {
	var all *multierror.Error
	for _, problem := range ps.List() {
		all = multierror.Append(all, problem)
	}
	if all != nil {
		all.ErrorFormat = formatProblems
	}
	return all.ErrorOrNil()
}

// formatProblems writes one problem per line, and the count of those over [MaxProblems].
func formatProblems(errs []error) string {
	lines := make([]string, 0, min(len(errs), MaxProblems+1))
	for i, err := range errs {
		if i == MaxProblems {
			lines = append(lines, fmt.Sprintf("and %d more problems", len(errs)-MaxProblems))
			break
		}
		lines = append(lines, err.Error())
	}
	return strings.Join(lines, "\n")
}

// ProblemsIn returns the problems of an error that [Problems.Err] made.
func ProblemsIn(err error) []Problem {
	all, ok := errors.AsType[*multierror.Error](err)
	if !ok {
		return nil
	}
	var problems []Problem
	for _, e := range all.WrappedErrors() {
		if p, ok := errors.AsType[Problem](e); ok {
			problems = append(problems, p)
		}
	}
	return problems
}

// Rule names a kind of problem. Messages end with it in brackets.
type Rule string
