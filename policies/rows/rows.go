package rows

import (
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// The limits of a CSV file or a list.
const (
	maxRows      = 2_000_000
	maxCellBytes = 4 << 10
)

// Row names one user in a file or an inline list.
type Row struct {
	Pos      diag.Pos     // for a CSV: the row's line, and the column of the cell
	Number   int          // row number as a spreadsheet shows it: the CSV header is row 1; lists count lines, inline lists items
	ID       state.UserID // zero: named by UPN only
	UPN      string       // "": named by id only
	Location string       // the CSV's UsageLocation, two upper-case letters, or ""
}

// tally collects the problems of one file of rows: the first ones in full, the rest as a
// number, since two million bad rows must not become two million messages.
type tally struct {
	to   *diag.Problems
	file string
	seen int
	rule diag.Rule // of the first problem; the count of the rest has it too
}

func (t *tally) add(pos diag.Pos, rule diag.Rule, hint, format string, args ...any) {
	t.seen++
	if t.seen == 1 {
		t.rule = rule
	}
	if t.seen <= diag.MaxProblems {
		t.to.Add(pos, rule, hint, format, args...)
	}
}

// close adds the number of problems that were not added.
func (t *tally) close() {
	if more := t.seen - diag.MaxProblems; more > 0 {
		t.to.Add(diag.Pos{File: t.file}, t.rule, "", "and %d more problems in this file", more)
	}
}

// rowSource is a file or an inline list whose rows are being read.
type rowSource struct {
	file     string
	noun     string // the word for a row in messages: "row", "line", "item"
	problems tally
	warnings tally
}

func newRowSource(file, noun string, problems, warnings *diag.Problems) *rowSource {
	return &rowSource{
		file: file, noun: noun,
		problems: tally{to: problems, file: file}, warnings: tally{to: warnings, file: file},
	}
}

// Settle returns rows without repetitions, for an inline list, whose rows were read
// elsewhere. It reports the problems that a file would have. The slice is used again.
func Settle(file, noun string, rows []Row, problems, warnings *diag.Problems) []Row {
	source := newRowSource(file, noun, problems, warnings)
	defer source.close()
	return source.settle(rows)
}

func (s *rowSource) close() {
	s.problems.close()
	s.warnings.close()
}

// settle reports users that are named more than once. Rows that agree are a warning. Rows
// that contradict each other are a problem, since either can be right. Rows that add
// nothing are left out. The slice is used again: there can be two million rows.
func (s *rowSource) settle(rows []Row) []Row {
	byID := make(map[state.UserID]int32)
	byUPN := make(map[string]int32)
	kept := rows[:0]
	for _, row := range rows {
		upn := strings.ToLower(row.UPN)
		earlier := -1
		if i, found := byID[row.ID]; found && !row.ID.IsZero() {
			earlier = int(i)
		} else if i, found := byUPN[upn]; found && upn != "" {
			earlier = int(i)
		}
		if earlier >= 0 && !s.addsTo(kept[earlier], row) {
			continue
		}
		kept = append(kept, row)
		byID[row.ID], byUPN[upn] = int32(len(kept)-1), int32(len(kept)-1)
	}
	return kept
}

// addsTo adds problems about what a row repeats or contradicts. It reports whether the row
// has a value that the earlier one does not have.
func (s *rowSource) addsTo(earlier, row Row) bool {
	if what := contradiction(earlier, row); what != "" {
		s.problems.add(row.Pos, diag.RuleDuplicate, "keep the right row", "%s %d gives %s another %s than %s %d",
			s.noun, row.Number, who(row), what, s.noun, earlier.Number)
		return false
	}
	s.warnings.add(row.Pos, diag.RuleDuplicate, "", "%s %d names %s again, after %s %d", s.noun, row.Number, who(row), s.noun, earlier.Number)
	return earlier.ID.IsZero() && !row.ID.IsZero() || earlier.UPN == "" && row.UPN != "" || earlier.Location == "" && row.Location != ""
}

// contradiction returns the name of the value on which two rows about one user disagree,
// or "".
func contradiction(a, b Row) string {
	switch {
	case !a.ID.IsZero() && !b.ID.IsZero() && a.ID != b.ID:
		return "object id"
	case a.UPN != "" && b.UPN != "" && !strings.EqualFold(a.UPN, b.UPN):
		return "user principal name"
	case a.Location != "" && b.Location != "" && a.Location != b.Location:
		return "usage location"
	}
	return ""
}

// who returns the user of a row for a message.
func who(row Row) string {
	if row.UPN != "" {
		return diag.Quote(row.UPN)
	}
	return fmt.Sprintf("%q", row.ID)
}
