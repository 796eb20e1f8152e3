package cli_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
)

// helpOf runs the program with a terminal of some width.
func helpOf(t *testing.T, width int, args ...string) (out, errs string, code cli.ExitCode) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Streams: cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Width: width},
		Now:     func() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }, Version: "test",
	}
	code = program.Main(t.Context(), args)
	return stdout.String(), stderr.String(), code
}

func TestHelpOfCommands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--help"}, {"help"}, {"plan", "--help"}, {"apply", "-h"}, {"help", "apply"}, {"validate", "--help"}, {"users", "--help"}, {"runs", "--help"}, {"runs", "show", "--help"}, {"help", "sandbox", "serve"}, {"sandbox"}, {"help", "--help"}} {
		out, errs, code := helpOf(t, 0, args...)
		if code != cli.ExitOK || errs != "" {
			t.Errorf("%v: exit %d, stderr %q", args, code, errs)
		}
		if !strings.Contains(out, "\nUsage:\n") || !strings.HasSuffix(out, "Exit codes: seatwright help exit-codes\n") {
			t.Errorf("%v: no usage, or no line about exit codes at the end:\n%s", args, out)
		}
		if !strings.Contains(out, "  -h, --help ") {
			t.Errorf("%v: --help is not listed", args)
		}
		if strings.Contains(out, "promise that nothing was written") {
			t.Errorf("%v lists the exit codes", args)
		}
	}
}

func TestHelpOfRootListsTheTopics(t *testing.T) {
	t.Parallel()
	out, _, _ := helpOf(t, 0, "help")
	for _, name := range topics.Names() {
		if !strings.Contains(out, "\n  "+name+" ") {
			t.Errorf("the topic %s is missing:\n%s", name, out)
		}
	}
}

func TestHelpFitsTheWidth(t *testing.T) {
	t.Parallel()
	for width, most := range map[int]int{0: 80, 60: 60, 90: 90, 300: 100} {
		for _, args := range [][]string{{"help", "exit-codes"}, {"apply", "--help"}} {
			out, _, _ := helpOf(t, width, args...)
			out, _, _ = strings.Cut(out, "\nUsage:") // lines of flags and examples are not broken everywhere
			longest := 0
			for line := range strings.Lines(out) {
				longest = max(longest, len([]rune(strings.TrimRight(line, "\n"))))
			}
			if longest > most || longest < most/2 {
				t.Errorf("width %d, %v: the longest line has %d characters, want about %d:\n%s", width, args, longest, most, out)
			}
		}
	}
}

func TestHelpOfTopics(t *testing.T) {
	t.Parallel()
	for _, topic := range topics.All() {
		out, errs, code := helpOf(t, 0, "help", topic.Name)
		if code != cli.ExitOK || errs != "" || !strings.Contains(out, strings.ToUpper(topic.Title)) {
			t.Errorf("%s: exit %d, stderr %q, stdout:\n%s", topic.Name, code, errs, out)
		}
		if strings.Contains(out, "<!-- generated") || strings.Contains(out, "<!-- end of") {
			t.Errorf("%s shows the marks of generated tables", topic.Name)
		}
	}
}

func TestHelpOfUnknownWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"plna"}, []string{`there is no command "plna"`, `did you mean "plan"?`}},
		{[]string{"help", "plna"}, []string{`there is no command or topic "plna"`, `did you mean "plan"?`}},
		{[]string{"help", "exitcodes"}, []string{`there is no command or topic "exitcodes"`, `did you mean "exit-codes"?`}},
		{[]string{"user", "--help"}, []string{`there is no command "user"`, `did you mean "users"?`}},
		{[]string{"user"}, []string{`did you mean "users"?`}},
		{[]string{"exit-codes"}, []string{`there is no command "exit-codes"`, "see seatwright help exit-codes"}},
		{[]string{"sandbox", "serv"}, []string{`there is no command "sandbox serv"`, `did you mean "serve"?`}},
		{[]string{"sandbox", "serv", "--help"}, []string{`there is no command "sandbox serv"`, `did you mean "serve"?`}},
		{[]string{"help", "sandbox", "serv"}, []string{`there is no command or topic "sandbox serv"`, `did you mean "serve"?`}},
		{[]string{"frobnicate"}, []string{`there is no command "frobnicate"`, "see seatwright help"}},
		{[]string{"users", "anna@contoso.com"}, []string{"users takes no argument"}},
	} {
		out, errs, code := helpOf(t, 0, c.args...)
		if code != cli.ExitUsage || out != "" || !strings.HasSuffix(errs, "exit_reason: usage (3)\n") {
			t.Errorf("%v: exit %d, stdout %q, stderr:\n%s", c.args, code, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%v: no %q in:\n%s", c.args, want, errs)
			}
		}
	}
}

func TestHelpGroupsFlags(t *testing.T) {
	t.Parallel()
	groups := map[string][]string{"plan": {"--csv", "--replace", "--absent", "--usage-location"}, "apply": {"--ou", "--licenses"}, "explain": {"--search"}, "drift": {"--auto-approve", "--hold"}}
	titles := map[string]string{"plan": "\nFlags of one policy", "apply": "\nFlags of one policy", "explain": "\nFlags of one policy", "drift": "\nFlags for --correct"}
	for command, flags := range groups {
		out, _, _ := helpOf(t, 0, command, "--help")
		before, after, found := strings.Cut(out, titles[command])
		after, global, last := strings.Cut(after, "\nFlags of every command")
		if !found || !last || !strings.Contains(global, "--chdir") {
			t.Errorf("%s: a group is missing:\n%s", command, out)
		}
		for _, flag := range flags {
			if strings.Contains(before, "\n      "+flag+" ") || !strings.Contains(after, "\n      "+flag+" ") {
				t.Errorf("%s: %s is not in its group:\n%s", command, flag, out)
			}
		}
	}
}

func TestVersionFlagAndCommand(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version"} {
		if out, errs, code := helpOf(t, 0, arg); code != cli.ExitOK || out != "seatwright test, plan format 1\n" || errs != "" {
			t.Errorf("%s: exit %d, %q %q", arg, code, out, errs)
		}
	}
}

// TestReferenceFormatsAreThoseOfTheCommands compares the table with the --format of every
// command.
func TestReferenceFormatsAreThoseOfTheCommands(t *testing.T) {
	t.Parallel()
	var formats topics.Table
	for _, table := range cli.Reference() {
		if table.Name == "formats" {
			formats = table
		}
	}
	commands := []string{"plan", "show", "undo", "apply", "drift", "users", "seats", "explain", "diff", "runs", "runs show", "doctor", "catalog show", "validate", "snapshot", "unlock", "catalog lock", "runs verify"}
	for _, command := range commands {
		out, _, _ := helpOf(t, 100, append(strings.Fields(command), "--help")...)
		_, flag, has := strings.Cut(strings.Join(strings.Fields(out), " "), "--format FORMAT FORMAT: one of ")
		list, _, _ := strings.Cut(flag, " (default")
		var want []string
		if has {
			want = strings.Split(list, ", ")
		}
		var got []string
		for _, row := range formats.Rows {
			if strings.Contains(row[3], "`"+command+"`") {
				got = append(got, strings.Trim(row[0], "`"))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the table has %v, --format has %v", command, got, want)
		}
	}
}

// TestReferenceRowsFitTheirColumns finds a row with a cell too many or too few.
func TestReferenceRowsFitTheirColumns(t *testing.T) {
	t.Parallel()
	for _, table := range cli.Reference() {
		if len(table.Rows) == 0 {
			t.Errorf("%s has no rows", table.Name)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: the row %q does not fit the columns %q", table.Name, row, table.Columns)
			}
		}
	}
}
