//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
)

// TestASignalEndsARunWithItsOwnExitStatus sends one to a run that waits for the lock,
// and says so before.
func TestASignalEndsARunWithItsOwnExitStatus(t *testing.T) {
	t.Parallel()
	const held = `{"run":"20261123T075900Z-abcdefgh","host":"elsewhere","boot":"b","pid":7,"since":"2026-11-23T07:59:00Z","alive":"2026-11-23T07:59:30Z"}`
	for signal, want := range map[syscall.Signal]cli.ExitCode{syscall.SIGINT: cli.ExitInterrupted, syscall.SIGTERM: cli.ExitTerminated} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "small"))); err != nil {
				t.Fatal(err)
			}
			runs := filepath.Join(dir, ".seatwright", "runs")
			write(t, filepath.Join(dir, "policies", "p.yaml"), "policies:\n  - {name: visio, users: {upns: [dora@contoso.com]}, licenses: [VISIOCLIENT]}\n")
			write(t, filepath.Join(runs, "lock-48a80680-7326-48cd-9935-b556b81d3a4e.json"), held)
			cmd := exec.CommandContext(t.Context(), "seatwright", "apply", "--auto-approve", "--lock-timeout", "1h")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "SOURCE_DATE_EPOCH=1795420800")
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(stderr)
			if line, err := lines.ReadString('\n'); !strings.HasPrefix(line, "waiting up to 1h0m0s") {
				t.Errorf("the first line is %q (%v), want that it waits", line, err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(lines)
			if err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the exit status is checked
			if got := cli.ExitCode(cmd.ProcessState.ExitCode()); got != want || !strings.Contains(string(rest), "exit_reason: interrupted") {
				t.Errorf("it ended with %d, want %d:\n%s", got, want, rest)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// underWay is an apply of many steps in a process of its own, some of which it has
// confirmed already, while most are still to come.
type underWay struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	stderr *bufio.Reader
}

// signalledSteps are more than can be in flight at a time, and more than the service's
// quota lets through at once.
const signalledSteps = 120

func startRun(t *testing.T, rate string) *underWay {
	t.Helper()
	u := &underWay{t: t, dir: t.TempDir()}
	tenant, list := "", ""
	small, err := os.ReadFile(filepath.Join("testdata", "small", "tenant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range signalledSteps {
		tenant += fmt.Sprintf("  - {userPrincipalName: user%03d@contoso.com, displayName: User, usageLocation: CH}\n", n)
		list += fmt.Sprintf("user%03d@contoso.com\n", n)
	}
	text := strings.Replace(string(small), "enabled: 5}", "enabled: 5000}", 1) // of Visio
	write(t, filepath.Join(u.dir, "tenant.yaml"), strings.Replace(text, "groups:\n", tenant+"groups:\n", 1))
	write(t, filepath.Join(u.dir, "seatwright.yaml"), "version: 1\ntenants: {small: {sandbox: tenant.yaml, policies: [policies/*.yaml]}}\n")
	write(t, filepath.Join(u.dir, "policies", "p.yaml"), "policies:\n  - {name: visio, users: {list: all.txt}, licenses: [VISIOCLIENT]}\n")
	write(t, filepath.Join(u.dir, "all.txt"), list)
	u.cmd = exec.CommandContext(t.Context(), "seatwright", "apply", "--auto-approve", "-v", "--rate", rate)
	u.cmd.Dir = u.dir
	stderr, err := u.cmd.StderrPipe()
	if err == nil {
		err = u.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	u.stderr = bufio.NewReader(stderr)
	u.until(func(string) bool { return strings.Contains(u.journals(), `"outcome":`) })
	return u
}

// until reads what the run says, a line for each request, until one fits.
func (u *underWay) until(fits func(line string) bool) {
	u.t.Helper()
	said := ""
	for {
		line, err := u.stderr.ReadString('\n')
		if said += line; err != nil {
			u.t.Fatalf("the run ended too early (%v):\n%s", err, said)
		}
		if fits(line) {
			return
		}
	}
}

func (u *underWay) signal(s syscall.Signal) {
	u.t.Helper()
	if err := u.cmd.Process.Signal(s); err != nil {
		u.t.Fatal(err)
	}
}

// ends waits for the end of the run, and wants its exit status and last line.
func (u *underWay) ends(want cli.ExitCode) {
	u.t.Helper()
	rest, err := io.ReadAll(u.stderr)
	if err != nil {
		u.t.Fatal(err)
	}
	_ = u.cmd.Wait() // the exit status is checked
	last := fmt.Sprintf("exit_reason: interrupted (%d)\n", want)
	if got := cli.ExitCode(u.cmd.ProcessState.ExitCode()); got != want || !strings.HasSuffix("\n"+string(rest), "\n"+last) {
		u.t.Errorf("it ended with %d, want %d and %q:\n%s", got, want, last, rest)
	}
}

// journals are all lines that runs have put on record so far.
func (u *underWay) journals() string {
	u.t.Helper()
	files, err := filepath.Glob(filepath.Join(u.dir, ".seatwright", "runs", "*.ndjson"))
	if err != nil {
		u.t.Fatal(err)
	}
	all := ""
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			u.t.Fatal(err)
		}
		all += string(data)
	}
	return all
}

// runs are the journals as they are read, with their chains checked.
func (u *underWay) runs() []*journal.Run {
	u.t.Helper()
	root, err := os.OpenRoot(filepath.Join(u.dir, ".seatwright", "runs"))
	if err != nil {
		u.t.Fatal(err)
	}
	defer root.Close()
	store := journal.NewStore(journal.NewFolder(root, time.Now), time.Now)
	ids, err := store.IDs(u.t.Context())
	if err != nil {
		u.t.Fatal(err)
	}
	var runs []*journal.Run
	for _, id := range ids {
		run, err := store.Read(u.t.Context(), id)
		if err != nil {
			u.t.Fatal(err)
		}
		runs = append(runs, run)
	}
	return runs
}

// finish runs again, wants nothing to be left and nothing confirmed to be sent twice,
// and returns the two runs.
func (u *underWay) finish() (first, second *journal.Run) {
	u.t.Helper()
	if stdout, stderr, code := seatwright(u.t, u.dir, "apply", "--auto-approve"); code != 0 {
		u.t.Fatalf("the run after it: exit %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code := seatwright(u.t, u.dir, "plan", "--detailed-exitcode"); code != 0 || !strings.Contains(stdout, "Nothing to do.") {
		u.t.Errorf("the plan after that: exit %d\n%s%s", code, stdout, stderr)
	}
	runs := u.runs()
	if len(runs) != 2 {
		u.t.Fatalf("there are %d journals, want 2", len(runs))
	}
	confirmed := map[string]bool{}
	for _, entry := range runs[0].Steps {
		confirmed[entry.Intent.Step] = entry.Result == apply.Confirmed
	}
	for _, entry := range runs[1].Steps {
		if confirmed[entry.Intent.Step] {
			u.t.Errorf("%s was confirmed, and is sent again", entry.Step())
		}
	}
	return runs[0], runs[1]
}

// TestASignalInTheMiddleOfARun lets it finish what is in flight, and no more.
func TestASignalInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	for signal, want := range map[syscall.Signal]cli.ExitCode{syscall.SIGINT: cli.ExitInterrupted, syscall.SIGTERM: cli.ExitTerminated} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			u := startRun(t, "100")
			u.signal(signal)
			u.ends(want)
			first, second := u.finish()
			if first.Close == nil || first.Close.Reason != "interrupted" || first.Close.Counts[apply.NotSent] == 0 || first.Close.Counts[apply.Confirmed] == 0 {
				t.Errorf("the journal ends with %+v", first.Close)
			}
			for _, entry := range first.Steps {
				if entry.Open() {
					t.Errorf("%s is open", entry.Step())
				}
			}
			if second.Close == nil || second.Close.Counts[apply.Confirmed] != first.Close.Counts[apply.NotSent] {
				t.Errorf("of %+v the next run did %+v", first.Close, second.Close)
			}
		})
	}
}

// TestASecondSignalEndsARunAtOnce while writes are in flight that a slow rate holds
// back for a minute.
func TestASecondSignalEndsARunAtOnce(t *testing.T) {
	t.Parallel()
	u := startRun(t, "5")
	u.signal(syscall.SIGINT)
	u.until(func(line string) bool { return strings.HasPrefix(line, "stopping: ") })
	u.signal(syscall.SIGTERM)
	u.ends(cli.ExitTerminated)
	if first, _ := u.finish(); first.Close != nil {
		t.Errorf("it waited for its end: %+v", first.Close)
	}
}
