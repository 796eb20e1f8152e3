package rows_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
)

func TestListReadsOneUserPerLine(t *testing.T) {
	t.Parallel()
	want := []rows.Row{
		{Number: 2, UPN: "anna@contoso.com", Pos: diag.Pos{File: "f.txt", Line: 2, Col: 3}},
		{Number: 4, ID: userID(guid), Pos: diag.Pos{File: "f.txt", Line: 4, Col: 1}},
		{Number: 5, UPN: "x#EXT#@contoso.com", Pos: diag.Pos{File: "f.txt", Line: 5, Col: 1}},
	}
	text := "# people\n  anna@contoso.com # until June\n\t \n" + guid + "\t# a comment\nx#EXT#@contoso.com\n#"
	for name, text := range map[string]string{
		"plain":             text,
		"a byte order mark": "\uFEFF" + text,
		"CRLF":              strings.ReplaceAll(text, "\n", "\r\n"),
		"UTF-16":            utf16Text(binary.LittleEndian, text),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := readRows(t, "list", text)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("want no problems, got\n%s", report(warnings, err))
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListRefusesAndWarns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"an empty file":    {"", "f.txt:1: the file is empty; save the file as UTF-8 text [encoding]\n"},
		"comments only":    {"# none yet\n", "warning: f.txt:1: the list names no user [list]\n"},
		"a secret":         {"password = hunter2\n", "f.txt:1:1: the line looks like a display name; write the user principal name: user@domain [list]\n"},
		"the empty id":     {"00000000-0000-0000-0000-000000000000\n", "f.txt:1:1: the line is the empty object id, which no user has [list]\n"},
		"a header":         {"Display name,User principal name\n", "f.txt:1:1: the line looks like a display name; this looks like the header of a CSV file: write csv: FILE instead of list: FILE [list]\n"},
		"a long line":      {strings.Repeat("x", 5000), "f.txt:1:1: the line has more than 4096 bytes [limit]\n"},
		"another encoding": {"m\xfcller@contoso.com\n", "f.txt:1:1: the line is not UTF-8; save the file as UTF-8 text [encoding]\n"},
		"a user twice": {"a@contoso.com\n" + guid + "\nA@contoso.com\n" + guid + "\n",
			"warning: f.txt:3:1: line 3 names \"A@contoso.com\" again, after line 1 [duplicate]\n" +
				"warning: f.txt:4:1: line 4 names \"" + guid + "\" again, after line 2 [duplicate]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, warnings, err := readRows(t, "list", test.text)
			if diff := cmp.Diff(test.want, report(warnings, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
