package rows

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/diag"
)

// ReadList reads the users that a list names, one per line, with # comments. A list has no
// header that proves what it is. So a line that names no user is never repeated in a
// message: it may be a line of any file.
func ReadList(file string, data []byte, problems, warnings *diag.Problems) []Row {
	source := newRowSource(file, "line", problems, warnings)
	defer source.close()
	text, err := plainText(data)
	if err != nil {
		source.problems.add(diag.Pos{File: file, Line: 1}, diag.RuleEncoding, "save the file as UTF-8 text", "%v", err)
		return nil
	}
	var rows []Row
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if number > maxRows {
			source.problems.add(diag.Pos{File: file, Line: number}, diag.RuleLimit, "split the file", "more than %d lines", maxRows)
			break
		}
		if row, ok := source.listLine(number, line); ok {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 && source.problems.seen == 0 {
		source.warnings.add(diag.Pos{File: file, Line: 1}, diag.RuleList, "", "the list names no user")
	}
	return source.settle(rows)
}

// listLine reads one line, and returns false for one that names no user.
func (s *rowSource) listLine(number int, line []byte) (Row, bool) {
	text, indent := withoutComment(line)
	if text == "" {
		return Row{}, false
	}
	row := Row{Number: number, Pos: diag.Pos{File: s.file, Line: number, Col: indent + 1}}
	if len(text) > maxCellBytes {
		s.problems.add(row.Pos, diag.RuleLimit, "", "the line has more than %d bytes", maxCellBytes)
		return Row{}, false
	}
	if !utf8.ValidString(text) {
		s.problems.add(row.Pos, diag.RuleEncoding, "save the file as UTF-8 text", "the line is not UTF-8")
		return Row{}, false
	}
	var fault, hint string
	row.ID, row.UPN, fault, hint = person(text)
	if fault == "" {
		return row, true
	}
	if key := headerKey(text); strings.Contains(key, headerKey(columnUPN)) || strings.Contains(key, headerKey(columnID)) {
		hint = "this looks like the header of a CSV file: write csv: FILE instead of list: FILE"
	}
	s.problems.add(row.Pos, diag.RuleList, hint, "the line %s", fault)
	return Row{}, false
}

// withoutComment cuts a comment and the blanks around a line. A # inside of a word
// is part of it: guests have #EXT# in their names.
func withoutComment(line []byte) (text string, indent int) {
	for i, c := range line {
		if c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	trimmed := bytes.TrimSpace(line)
	if len(trimmed) == 0 {
		return "", 0
	}
	return string(trimmed), bytes.Index(line, trimmed)
}
