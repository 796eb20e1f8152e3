package policies

import (
	"strings"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
)

// checkText refuses text that is not UTF-8, and invisible characters anywhere in the file.
// In a comment too, they can make a reviewer read another text than the parser.
func (d *document) checkText(data []byte) bool {
	if rows.LooksUTF16(data) {
		d.problems.Add(Pos{File: d.file, Line: 1}, diag.RuleEncoding, "save the file as UTF-8", "the file is UTF-16, or not text at all")
		return false
	}
	before := d.problems.Len()
	line := 0
	for text := range strings.Lines(string(rows.WithoutMark(data))) {
		line++
		if d.problems.Len()-before < diag.MaxProblems {
			d.checkLine(line, text)
		}
	}
	return d.problems.Len() == before
}

func (d *document) checkLine(line int, text string) {
	column := 0
	for i, r := range text {
		column++
		pos := Pos{File: d.file, Line: line, Col: column}
		switch _, width := utf8.DecodeRuneInString(text[i:]); {
		case r == utf8.RuneError && width == 1:
			d.problems.Add(pos, diag.RuleEncoding, "save the file as UTF-8", "not UTF-8")
			return
		case diag.IsInvisible(r):
			d.problems.Add(pos, diag.RuleEncoding, "remove it", "the invisible character %U is not allowed", r)
			return
		}
	}
}
