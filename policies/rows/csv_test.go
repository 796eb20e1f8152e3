package rows_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
	"github.com/seatwright/seatwright/state"
)

// readRows reads a file with that text, as a CSV file or as a list.
func readRows(t testing.TB, kind, text string) ([]rows.Row, []diag.Problem, error) {
	t.Helper()
	read := rows.ReadCSV
	if kind == "list" {
		read = rows.ReadList
	}
	var problems, warnings diag.Problems
	users := read("f.txt", []byte(text), &problems, &warnings)
	if err := problems.Err(); err != nil {
		return nil, warnings.List(), err
	}
	return users, warnings.List(), nil
}

// report writes problems and warnings a line each.
func report(warnings []diag.Problem, err error) string {
	var b strings.Builder
	for _, problem := range diag.ProblemsIn(err) {
		b.WriteString(problem.Error() + "\n")
	}
	for _, warning := range warnings {
		b.WriteString("warning: " + warning.Error() + "\n")
	}
	return b.String()
}

const guid = "5f0c1c1e-7a2b-4c57-9d3e-0123456789ab"

func userID(text string) state.UserID { return state.MustParseID[state.User](text) }

func utf16Text(order binary.AppendByteOrder, text string) string {
	data := order.AppendUint16(nil, 0xFEFF)
	for _, unit := range utf16.Encode([]rune(text)) {
		data = order.AppendUint16(data, unit)
	}
	return string(data)
}

func TestCSVReadsExports(t *testing.T) {
	t.Parallel()
	anna := rows.Row{Number: 2, UPN: "anna@contoso.com"}
	for name, test := range map[string]struct {
		text string
		want []rows.Row
	}{
		"commas":                    {"UserPrincipalName,Name\nanna@contoso.com,Anna\n", []rows.Row{anna}},
		"semicolons":                {"Name;UserPrincipalName\nA, Anna;anna@contoso.com\n", []rows.Row{anna}},
		"tabs":                      {"Name\tUserPrincipalName\r\nA, Anna\tanna@contoso.com\r\n", []rows.Row{anna}},
		"one column, no last break": {"UserPrincipalName\nanna@contoso.com", []rows.Row{anna}},
		"a byte order mark":         {"\uFEFFUserPrincipalName\nanna@contoso.com\n", []rows.Row{anna}},
		"a quoted header":           {"\"UserPrincipalName\",\"Name\"\n\"anna@contoso.com\",\"say \"\"hi\"\"\"\n", []rows.Row{anna}},
		"blanks around":             {"UserPrincipalName , Name\n anna@contoso.com\u00a0,Anna\n", []rows.Row{anna}},
		"the header of the admin center": {"User principal name,Object Id,Usage location\nanna@contoso.com," + guid + ",ch\n",
			[]rows.Row{{Number: 2, UPN: "anna@contoso.com", ID: userID(guid), Location: "CH"}}},
		"other spellings of the header": {"OBJECT_ID;usage-location\n" + strings.ToUpper(guid) + ";DE\n",
			[]rows.Row{{Number: 2, ID: userID(guid), Location: "DE"}}},
		"UTF-16, little end first":                        {utf16Text(binary.LittleEndian, "UserPrincipalName\tName\nanna@contoso.com\t\U0001F600\n"), []rows.Row{anna}},
		"UTF-16, big end first":                           {utf16Text(binary.BigEndian, "UserPrincipalName\tName\nanna@contoso.com\tÄnna\n"), []rows.Row{anna}},
		"a foreign encoding in a column that is not read": {"UserPrincipalName,Name\nanna@contoso.com,M\xfcller\n", []rows.Row{anna}},
		"empty and blank rows": {"UserPrincipalName;Name\n;;;\n\n \u00a0;\nanna@contoso.com;Anna;;\n;\n",
			[]rows.Row{{Number: 5, UPN: "anna@contoso.com"}}},
		"a cell of several lines": {"Name,UserPrincipalName\n\"A\n\nB\",x@contoso.com\nA,anna@contoso.com\n",
			[]rows.Row{{Number: 2, UPN: "x@contoso.com"}, {Number: 3, UPN: "anna@contoso.com"}}},
		"a guest": {"UserPrincipalName\nanna_gmail.com#EXT#@contoso.onmicrosoft.com\n",
			[]rows.Row{{Number: 2, UPN: "anna_gmail.com#EXT#@contoso.onmicrosoft.com"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := readRows(t, "csv", test.text)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("want no problems, got\n%s", report(warnings, err))
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(rows.Row{}, "Pos")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCSVKeepsThePositionOfEveryRow(t *testing.T) {
	t.Parallel()
	got, _, err := readRows(t, "csv", "Name,UserPrincipalName,ObjectId\nÄ,a@contoso.com,\n\nB,b@contoso.com,"+guid+"\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []rows.Row{
		{Number: 2, UPN: "a@contoso.com", Pos: diag.Pos{File: "f.txt", Line: 2, Col: 4}},
		{Number: 4, UPN: "b@contoso.com", ID: userID(guid), Pos: diag.Pos{File: "f.txt", Line: 4, Col: 17}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCSVRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for name, test := range map[string]struct{ text, want string }{
		"an empty file":           {"", "f.txt:1: the file is empty; save the file as CSV UTF-8 [encoding]"},
		"half a character":        {"\xff\xfeU\x00s", "f.txt:1: the file is cut short: UTF-16 with half a character at the end; save the file as CSV UTF-8 [encoding]"},
		"half a pair":             {"\xff\xfe\x00\xd8U\x00", "f.txt:1: the file begins like UTF-16, but is not valid UTF-16: half of a pair of characters is missing; save the file as CSV UTF-8 [encoding]"},
		"half a pair at the end":  {"\xff\xfeU\x00\x00\xd8", "f.txt:1: the file begins like UTF-16, but is not valid UTF-16: half of a pair of characters is missing; save the file as CSV UTF-8 [encoding]"},
		"UTF-16 without a mark":   {"U\x00s\x00", "f.txt:1: the file has zero bytes: it is UTF-16 without a mark, or not text; save the file as CSV UTF-8 [encoding]"},
		"the lines of an old Mac": {"UserPrincipalName\ra@contoso.com\r", "f.txt:1: the lines end in CR only, as on a very old Mac; save the file as CSV UTF-8 [encoding]"},
		"a PowerShell type line":  {"#TYPE Selected.User\n\"UserPrincipalName\"\n", "f.txt:1: the header has no column ObjectId or UserPrincipalName; delete the first line, or export with -NoTypeInformation [csv]"},
		"a column called Email":   {"Name;E-Mail\nAnna;anna@contoso.com\n", "f.txt:1: the header has no column ObjectId or UserPrincipalName; if column 2 has it, rename the column to UserPrincipalName [csv]"},
		"a column called Id":      {"Id,Name\n" + guid + ",Anna\n", "f.txt:1: the header has no column ObjectId or UserPrincipalName; if column 1 has it, rename the column to ObjectId [csv]"},
		"a misspelled column":     {"UserPrincipleName\nanna@contoso.com\n", "f.txt:1: the header has no column ObjectId or UserPrincipalName; if column 1 has it, rename the column to UserPrincipalName [csv]"},
		"a column twice":          {"ObjectId,Object Id\n", "f.txt:1: the header has column ObjectId twice; keep one of them [csv]"},
		"a header of any file":    {"AUTHORIZATION: basic hunter2\n", "f.txt:1: the header has no column ObjectId or UserPrincipalName [csv]"},
		"a huge cell":             {"UserPrincipalName,Name\na@contoso.com," + long + "\n", "f.txt:2:15: row 2 has a cell of more than 4096 bytes [limit]"},
		"a row of delimiters":     {"UserPrincipalName,Name\n" + strings.Repeat(",", 300<<10) + "\n", "f.txt:2: the line has more than 262144 bytes [limit]"},
		"a header of delimiters":  {strings.Repeat(";", 300<<10), "f.txt:1: the line has more than 262144 bytes [limit]"},
		"a long name":             {"UserPrincipalName\n" + long[:300] + "@contoso.com\n", fmt.Sprintf("f.txt:2:1: row 2: %q is too long for a user principal name [user]", long[:64]+"...")},
		"a foreign encoding in a key": {"UserPrincipalName\nm\xfcller@contoso.com\n",
			"f.txt:2:1: row 2 has a cell that is not UTF-8; save the file as CSV UTF-8 [encoding]"},
		"an invisible character": {"UserPrincipalName\nanna\u200b@contoso.com\n",
			`f.txt:2:1: row 2: "anna\u200b@contoso.com" has characters that cannot be seen or read; type it again [user]`},
		"terminal escapes": {"UserPrincipalName\n\x1b[31manna@contoso.com\n",
			`f.txt:2:1: row 2: "\x1b[31manna@contoso.com" has characters that cannot be seen or read; type it again [user]`},
		"a name in the id column": {"ObjectId\nanna@contoso.com\n",
			`f.txt:2:1: row 2: "anna@contoso.com" is not an object id; it looks like a user principal name [user]`},
		"too many cells": {"UserPrincipalName,Name\na@contoso.com,a,b\n", "f.txt:2:1: row 2 has 3 cells, and the header has 2 [csv]"},
		"a quotation mark inside of a cell": {"UserPrincipalName,Name\na@contoso.com,5\" pipe\nb@contoso.com,x\n",
			"f.txt:2:16: row 2 has a misplaced quotation mark, or one that is not closed; double the quotation marks inside a cell [csv]"},
		"a quotation mark that swallows the file": {"UserPrincipalName,Name\na@contoso.com,\"x\nb@contoso.com,x\n",
			"f.txt:2: row 2 has a misplaced quotation mark, or one that is not closed; double the quotation marks inside a cell [csv]"},
		"two names of one id": {"ObjectId,UserPrincipalName\n" + guid + ",a@contoso.com\n" + guid + ",b@contoso.com\n",
			`f.txt:3:1: row 3 gives "b@contoso.com" another user principal name than row 2; keep the right row [duplicate]`},
		"two ids of one name": {"ObjectId,UserPrincipalName\n" + guid + ",a@contoso.com\n" + strings.Replace(guid, "5", "6", 1) + ",A@contoso.com\n",
			`f.txt:3:1: row 3 gives "A@contoso.com" another object id than row 2; keep the right row [duplicate]`},
		"two locations": {"UPN,UserPrincipalName,UsageLocation\n,a@contoso.com,\n,a@contoso.com,CH\n,a@contoso.com,DE\n",
			`f.txt:4:2: row 4 gives "a@contoso.com" another usage location than row 3; keep the right row [duplicate]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readRows(t, "csv", test.text)
			if diff := cmp.Diff(test.want+"\n", report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCSVWarns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, want string
		rows       int
	}{
		"of no rows":    {"UserPrincipalName\n\n", "warning: f.txt:1: the file has a header and no rows [csv]\n", 0},
		"of duplicates": {"UserPrincipalName\na@contoso.com\nA@contoso.com\n", "warning: f.txt:3:1: row 3 names \"A@contoso.com\" again, after row 2 [duplicate]\n", 1},
		"of duplicates, and keeps what they add": {"UserPrincipalName,UsageLocation\na@contoso.com,\na@contoso.com,CH\n",
			"warning: f.txt:3:1: row 3 names \"a@contoso.com\" again, after row 2 [duplicate]\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			users, warnings, err := readRows(t, "csv", test.text)
			if diff := cmp.Diff(test.want, report(warnings, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if len(users) != test.rows {
				t.Errorf("got %d rows, want %d", len(users), test.rows)
			}
		})
	}
}

func TestCSVCountsTheProblemsItDoesNotKeep(t *testing.T) {
	t.Parallel()
	_, _, err := readRows(t, "csv", "UserPrincipalName\n"+strings.Repeat("no user\n", 1000))
	problems := diag.ProblemsIn(err)
	if len(problems) != diag.MaxProblems+1 {
		t.Fatalf("got %d problems, want %d and a count", len(problems), diag.MaxProblems)
	}
	if got, want := problems[0].Error(), "f.txt: and 950 more problems in this file [user]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
