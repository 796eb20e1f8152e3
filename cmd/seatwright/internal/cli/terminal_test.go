package cli_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

// project returns a folder with the small tenant of the scripts and one policy.
func project(t *testing.T, policy string) string {
	t.Helper()
	dir := t.TempDir()
	small := filepath.Join("..", "..", "testdata", "small")
	if err := os.CopyFS(dir, os.DirFS(small)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "policies"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policies", "p.yaml"), []byte("policies:\n  - "+policy+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const swapAnna = "{name: staff, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}"

// atTerminal runs the program with a terminal, and input that is typed there.
func atTerminal(ctx context.Context, typed io.Reader, args ...string) (out, errs string, code cli.ExitCode) {
	var stdout, stderr bytes.Buffer
	program := cli.Program{
		Streams: cli.Streams{In: typed, Out: &stdout, Err: &stderr, InTerminal: true, OutTerminal: true, ErrTerminal: true},
		Now:     func() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) },
		Version: "test",
	}
	code = program.Main(ctx, args)
	return stdout.String(), stderr.String(), code
}

func TestApplyAtATerminalAsks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, typed string
		code        cli.ExitCode
		wantOut     string
	}{
		{"the number of steps approves", "1\n", cli.ExitOK, "1 step of 1 confirmed"},
		{"yes does not", "yes\n", cli.ExitError, ""},
		{"another number does not", "2\n", cli.ExitError, ""},
		{"nothing does not", "", cli.ExitError, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, swapAnna)
			out, errs, code := atTerminal(t.Context(), strings.NewReader(c.typed), "-C", dir, "apply")
			if code != c.code || !strings.Contains(out, c.wantOut) {
				t.Errorf("exit %d, want %d; stdout:\n%s\nstderr:\n%s", code, c.code, out, errs)
			}
			if !strings.Contains(errs, "Apply to tenant small (48a80680-7326-48cd-9935-b556b81d3a4e)? 1 replacement.") {
				t.Errorf("the question does not name the tenant and what it is about:\n%s", errs)
			}
			_, statErr := os.Stat(filepath.Join(dir, ".seatwright", "sandbox", "tenant.yaml.json"))
			if written := statErr == nil; written != (c.code == cli.ExitOK) {
				t.Errorf("written: %v, want %v", written, c.code == cli.ExitOK)
			}
		})
	}
}

func TestPlanAtATerminalRepeatsNoGuard(t *testing.T) {
	t.Parallel()
	dir := project(t, "{name: leavers, users: {upns: [bea@contoso.com]}, absent: [SPE_E3]}")
	out, errs, code := atTerminal(t.Context(), strings.NewReader(""), "-C", dir, "plan")
	if code != cli.ExitGuard || strings.Count(out, ": losses: 1 user, the limit is 0") != 1 {
		t.Errorf("exit %d, the guard is not in the plan once:\n%s", code, out)
	}
	want := "error: a guard stops this plan\nhint: if the changes are meant, add the waivers above, or run again with --allow losses=1\nexit_reason: guard (5)\n"
	if errs != want {
		t.Errorf("stderr:\n%s\nwant:\n%s", errs, want)
	}
	if _, errs, _ = atTerminal(t.Context(), strings.NewReader(""), "-C", dir, "plan", "--format", "markdown"); !strings.Contains(errs, ": losses: 1 user, the limit is 0") {
		t.Errorf("the guard is not on stderr of another format:\n%s", errs)
	}
	if strings.Contains(out+errs, "nothing was applied") {
		t.Error("plan speaks of what was not applied")
	}
}

func TestApplySignalAtTheQuestionWritesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signal syscall.Signal
		code   cli.ExitCode
	}{{syscall.SIGINT, cli.ExitInterrupted}, {syscall.SIGTERM, cli.ExitTerminated}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		dir := project(t, swapAnna)
		never, typist := io.Pipe()
		asked := readerFunc(func(p []byte) (int, error) {
			cancel(&cli.Interrupted{Signal: c.signal}) // while the question is open
			return never.Read(p)
		})
		_, errs, code := atTerminal(ctx, asked, "-C", dir, "apply")
		if code != c.code || !strings.Contains(errs, "nothing was written") || !strings.HasSuffix(errs, "exit_reason: interrupted ("+map[cli.ExitCode]string{130: "130", 143: "143"}[c.code]+")\n") {
			t.Errorf("%v: exit %d, want %d:\n%s", c.signal, code, c.code, errs)
		}
		_ = typist.Close()
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestPlanRefusesAnUnknownOrEmptyColor(t *testing.T) {
	t.Parallel()
	dir := project(t, "{name: staff, users: {all: true}, licenses: [SPE_E3]}")
	for _, color := range []string{"", "pink"} {
		_, errs, code := atTerminal(t.Context(), strings.NewReader(""), "-C", dir, "plan", "--color="+color)
		if code != cli.ExitUsage || !strings.Contains(errs, "hint: give auto, always or never\n") {
			t.Errorf("--color=%q: exit %d, stderr:\n%s", color, code, errs)
		}
	}
}
