package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

// TestACrashIsNotTakenForDifferences has a clock that is broken. Go itself ends a program
// that crashes with 2.
func TestACrashIsNotTakenForDifferences(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	program := cli.Program{Streams: cli.Streams{In: strings.NewReader(""), Out: &told, Err: &told}, Now: func() time.Time { panic("no clock\nexit_reason: ok (0)") }}
	code := program.Main(t.Context(), []string{"-C", "../../../../examples/ci", "--state-dir", t.TempDir(), "--tenant", "sandbox", "plan"})
	if code != cli.ExitError || !strings.Contains(told.String(), "mistake in seatwright") || !strings.HasSuffix(told.String(), "exit_reason: crashed (1)\n") {
		t.Errorf("exit %d\n%s", code, told.String())
	}
}
