package strict

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one thing wrong with a tenant file.
type Problem struct {
	File    string // as given to Parse
	Line    int    // counted from 1
	Message string
}

// String returns "file:line: message".
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message) }

// ParseError holds the problems of a file in the order in which they were found, at most 50
// of them.
type ParseError struct {
	Problems []Problem
	Omitted  int // problems beyond the limit
}

// Error returns the problems, one a line.
func (e *ParseError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	if e.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.Omitted))
	}
	return strings.Join(lines, "\n")
}

const maxProblems = 50

func (e *ParseError) add(p Problem) {
	if len(e.Problems) >= maxProblems {
		e.Omitted++
		return
	}
	e.Problems = append(e.Problems, p)
}

func oneProblem(name string, line int, message string) error {
	return &ParseError{Problems: []Problem{{File: name, Line: max(line, 1), Message: message}}}
}

// Quoted returns a word of the file for a message, cut if it is long.
func Quoted(word string) string {
	const limit = 64
	if utf8.RuneCountInString(word) > limit {
		word = string([]rune(word)[:limit]) + "..."
	}
	return fmt.Sprintf("%q", word)
}

// DidYouMean returns a hint with the known word nearest to an unknown one, or nothing if
// none is near.
func DidYouMean(word string, known []string) string {
	best, distance := "", len(word)/3+2
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k), distance); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + Quoted(best) + "?"
}

// editDistance returns the number of insertions, deletions and replacements of bytes
// between two words. Words whose lengths differ by the limit are not compared.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
