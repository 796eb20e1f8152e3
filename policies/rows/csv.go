package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// table is a CSV file of users while it is being read.
type table struct {
	*rowSource
	text    []byte
	reader  *csv.Reader
	columns columns
	width   int // cells of the header
	number  int // of the row read last, as a spreadsheet counts: with blank lines
	offset  int // bytes of text read so far
	line    int // line the next record begins on, if no blank line comes before it
}

// ReadCSV reads the users that a CSV file names. Cells are only repeated in
// messages once the header has shown that this is a file of users.
func ReadCSV(file string, data []byte, problems, warnings *diag.Problems) []Row {
	source := newRowSource(file, "row", problems, warnings)
	defer source.close()
	text, err := plainText(data)
	if err != nil {
		source.problems.add(diag.Pos{File: file, Line: 1}, diag.RuleEncoding, "save the file as CSV UTF-8", "%v", err)
		return nil
	}
	if line := longLine(text); line > 0 {
		source.problems.add(diag.Pos{File: file, Line: line}, diag.RuleLimit, "", "the line has more than %d bytes", maxLineBytes)
		return nil
	}
	t := &table{rowSource: source, text: text, line: 1}
	if !t.readHeader() {
		return nil
	}
	rows := t.readRows()
	if len(rows) == 0 && source.problems.seen == 0 {
		source.warnings.add(diag.Pos{File: file, Line: 1}, diag.RuleCSV, "", "the file has a header and no rows")
	}
	return source.settle(rows)
}

// maxLineBytes is far above any row of users. Each delimiter of a longer line would need
// memory for a cell.
const maxLineBytes = 256 << 10

// longLine returns the number of the first line that is too long, or 0.
func longLine(text []byte) int {
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if len(line) > maxLineBytes {
			return number
		}
	}
	return 0
}

// delimiters are the characters that programs write between cells, the likeliest first.
var delimiters = []rune{',', ';', '\t'}

// readHeader finds the delimiter by which the first record is a header of users.
func (t *table) readHeader() bool {
	var best []string
	for _, delimiter := range delimiters {
		t.restart(delimiter)
		header, err := t.reader.Read()
		if err != nil {
			continue
		}
		t.columns = findColumns(header)
		if t.columns.named() {
			t.width = len(header)
			t.advance(t.startLine())
			return t.checkColumns()
		}
		if len(header) > len(best) {
			best = header
		}
	}
	hint := headerHint(best)
	t.problems.add(diag.Pos{File: t.file, Line: 1}, diag.RuleCSV, hint, "the header has no column ObjectId or UserPrincipalName")
	return false
}

func (t *table) restart(delimiter rune) {
	t.reader = csv.NewReader(bytes.NewReader(t.text))
	t.reader.Comma = delimiter
	t.reader.FieldsPerRecord = -1
	t.reader.ReuseRecord = true
}

func (t *table) checkColumns() bool {
	if twice := t.columns.twice; twice != "" {
		t.problems.add(diag.Pos{File: t.file, Line: t.startLine()}, diag.RuleCSV, "keep one of them", "the header has column %s twice", twice)
		return false
	}
	return true
}

func (t *table) startLine() int {
	line, _ := t.reader.FieldPos(0)
	return line
}

// advance counts the rows up to the record just read, which began on a line. The
// reader leaves blank lines out; a spreadsheet shows them as rows.
func (t *table) advance(began int) {
	t.number += 1 + began - t.line
	end := int(t.reader.InputOffset())
	t.line += bytes.Count(t.text[t.offset:end], []byte("\n"))
	t.offset = end
}

func (t *table) readRows() []Row {
	var rows []Row
	for {
		record, err := t.reader.Read()
		switch malformed, ok := errors.AsType[*csv.ParseError](err); {
		case errors.Is(err, io.EOF):
			return rows
		case ok:
			t.advance(malformed.StartLine)
			t.malformed(malformed)
			continue
		case err != nil: // impossible: the text is in memory
			t.problems.add(diag.Pos{File: t.file}, diag.RuleCSV, "", "cannot be read: %v", err)
			return rows
		}
		t.advance(t.startLine())
		if t.number > maxRows {
			t.problems.add(t.cellPos(0), diag.RuleLimit, "split the file", "more than %d rows", maxRows)
			return rows
		}
		if row, ok := t.row(record); ok {
			rows = append(rows, row)
		}
	}
}

func (t *table) malformed(err *csv.ParseError) {
	pos := diag.Pos{File: t.file, Line: err.Line, Col: err.Column}
	if err.Line > err.StartLine { // the row goes on past its line
		pos = diag.Pos{File: t.file, Line: err.StartLine}
	}
	t.problems.add(pos, diag.RuleCSV, "double the quotation marks inside a cell", "row %d has a misplaced quotation mark, or one that is not closed", t.number)
}

func (t *table) cellPos(column int) diag.Pos {
	line, col := t.reader.FieldPos(column)
	return diag.Pos{File: t.file, Line: line, Col: col}
}

// row reads one record; a record of empty cells is what spreadsheets leave behind.
func (t *table) row(record []string) (Row, bool) {
	filled := 0 // cells up to the last that is not empty
	for i, cell := range record {
		if len(cell) > maxCellBytes {
			t.problems.add(t.cellPos(i), diag.RuleLimit, "", "row %d has a cell of more than %d bytes", t.number, maxCellBytes)
			return Row{}, false
		}
		if strings.TrimSpace(cell) != "" {
			filled = i + 1
		}
	}
	switch {
	case filled == 0:
		return Row{}, false
	case filled > t.width || len(record) < t.width:
		t.problems.add(t.cellPos(0), diag.RuleCSV, "", "row %d has %d cells, and the header has %d", t.number, len(record), t.width)
		return Row{}, false
	}
	return t.user(record)
}

// user reads the columns that count.
func (t *table) user(record []string) (Row, bool) {
	row := Row{Number: t.number}
	before := t.problems.seen
	if text := t.cell(record, t.columns.upn); text != "" {
		row.Pos = t.cellPos(t.columns.upn)
		row.UPN = text
		fault, hint := UPNFault(text)
		t.fault(row.Pos, text, fault, hint)
	}
	if text := t.cell(record, t.columns.id); text != "" {
		row.Pos = t.cellPos(t.columns.id)
		id, fault, hint := ObjectID(text)
		row.ID = id
		t.fault(row.Pos, text, fault, hint)
	}
	if row.Pos.IsZero() {
		t.problems.add(t.cellPos(0), diag.RuleCSV, "", "row %d names no user: its key cells are empty", t.number)
	}
	if text := t.cell(record, t.columns.location); text != "" {
		row.Location = strings.ToUpper(text)
		if hint, known := catalog.Country(row.Location); !known {
			t.fault(t.cellPos(t.columns.location), text, "is not a country code", hint)
		}
	}
	return row, t.problems.seen == before
}

// cell returns the text of a column without the blanks around it, and "" if there is no
// such column. It is a copy: the rest of the row, which may be personal, goes.
func (t *table) cell(record []string, column int) string {
	if column < 0 {
		return ""
	}
	return strings.Clone(strings.TrimSpace(record[column]))
}

func (t *table) fault(pos diag.Pos, text, fault, hint string) {
	switch {
	case fault == "":
	case !utf8.ValidString(text):
		t.problems.add(pos, diag.RuleEncoding, "save the file as CSV UTF-8", "row %d has a cell that is not UTF-8", t.number)
	default:
		t.problems.add(pos, diag.RuleUser, hint, "row %d: %s %s", t.number, diag.Quote(text), fault)
	}
}
