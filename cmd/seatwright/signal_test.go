//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
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
			_ = cmd.Wait() // its exit status tells
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
