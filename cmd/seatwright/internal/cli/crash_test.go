package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

// TestMainReportsACrashAsAnError has a broken clock. Go itself ends a program that crashes
// with 2, which here means that differences remain.
func TestMainReportsACrashAsAnError(t *testing.T) {
	t.Parallel()
	var printed strings.Builder
	program := cli.Program{Streams: cli.Streams{In: strings.NewReader(""), Out: &printed, Err: &printed}, Now: func() time.Time { panic("no clock\nexit_reason: ok (0)") }}
	code := program.Main(t.Context(), []string{"-C", "../../../../examples/ci", "--state-dir", t.TempDir(), "--tenant", "sandbox", "plan"})
	if code != cli.ExitError || !strings.Contains(printed.String(), "defect of Seatwright") || !strings.HasSuffix(printed.String(), "exit_reason: crashed (1)\n") {
		t.Errorf("exit %d\n%s", code, printed.String())
	}
}
