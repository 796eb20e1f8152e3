// Command seatwright reconciles the licenses of a Microsoft 365 tenant with
// policies that are kept in git. See the README.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	program := cli.Program{
		Streams: cli.Standard(term.IsTerminal), Now: cli.Clock(os.Getenv), Version: version(),
	}
	go func() { os.Exit(int(program.Obey(signals, cancel))) }()
	os.Exit(int(program.Main(ctx, os.Args[1:])))
}

// version is what the build knows of itself.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
