package pipelines_test

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"seatwright": seatwright, "pipeline-tool": pipelineTool})
}

// seatwright is the program without the signals of its main: this binary is the program
// too, so that go test does not take the result of another program for this one's.
func seatwright() {
	program := cli.Program{Streams: cli.Standard(term.IsTerminal), Now: cli.Clock(os.Getenv), Version: "(devel)"}
	os.Exit(int(program.Main(context.Background(), os.Args[1:])))
}

// promptly is the value of GORACE for the programs that tests run: under the race detector each
// would sleep for a second before it ends.
const promptly = "atexit_sleep_ms=10"
