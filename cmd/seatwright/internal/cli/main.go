package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

// Streams is where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Each of these reports that a terminal is at the other end. A user can answer there,
	// sees the plan, or sees the question and the progress.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width is that of the terminal of Out in characters; 0: there is none.
	Width int
	Color bool // the environment allows color on a terminal
}

// Program has what the commands need from outside.
type Program struct {
	Streams
	Now     func() time.Time
	Version string
}

// Main runs the command line and returns the exit code. The first signal
// cancels the context with an [*Interrupted].
func (p Program) Main(ctx context.Context, args []string) (code ExitCode) {
	defer func() {
		if crash := recover(); crash != nil {
			code = reportCrash(p, crash, debug.Stack())
		}
	}()
	root := rootCommand(p) //nolint:contextcheck // cobra hands the context to the command that runs
	root.SetArgs(args)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		if word := misplaced(called); word != "" {
			err = unknownWord(called, word, "command", nil)
		} else if nothingRan(called) {
			return ExitOK
		}
	}
	return reportEnd(p, cause(ctx, err))
}

// reportCrash reports a defect of the program. Go ends a program that crashes with 2,
// which here means that differences remain.
func reportCrash(p Program, crash any, stack []byte) ExitCode {
	return reportEnd(p, ends(reasonCrashed, fmt.Errorf("this is a defect of Seatwright: %v\n%s", crash, stack),
		"run again, since steps that are done are not repeated; and report the defect with the lines above"))
}

// nothingRan reports whether the call asked for help or the version only.
func nothingRan(called *cobra.Command) bool {
	return called.HasSubCommands() || called.Name() == "version" || called.Name() == "help" || called.Flags().Changed("help")
}

// reportEnd shows how the program ends: the error, what to do about it, and a last line
// that scripts can read.
func reportEnd(p Program, err error) ExitCode {
	end := classify(err)
	if end.err != nil {
		_ = view.Failure(p.Err, end.err, end.hint)
	}
	if end.journal != "" {
		_ = view.Remark(p.Err, end.journal)
	}
	_ = view.ExitReason(p.Err, string(end.reason), int(end.code))
	return end.code
}

// globals are the flags of every command.
type globals struct {
	dir     string
	tenant  string
	state   string // folder; "": .seatwright beside the settings
	verbose bool
	// settingsFrom names the git revision that settings are read from; "": the checkout.
	settingsFrom string
}

func rootCommand(p Program) *cobra.Command {
	var g globals
	var showVersion bool
	root := &cobra.Command{
		Use:   "seatwright",
		Short: "Microsoft 365 licenses as code: policies in git, a plan to review, an apply that does only what the plan shows",
		Long: "Seatwright assigns Microsoft 365 licenses as policies in YAML files ask for.\n\n" +
			"Begin with `seatwright validate`, then `seatwright plan`. `seatwright apply` carries out a plan.",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if showVersion {
				return printVersion(p)
			}
			return cmd.Help()
		},
	}
	setHelp(root, p)
	root.Flags().BoolVar(&showVersion, "version", false, "print the version")
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	root.PersistentFlags().StringVarP(&g.dir, "chdir", "C", ".", "`FOLDER` that has seatwright.yaml")
	root.PersistentFlags().StringVar(&g.tenant, "tenant", "", "`NAME` of the tenant in the settings; optional if there is only one")
	root.PersistentFlags().StringVar(&g.state, "state-dir", "", "`FOLDER` for the records of runs (default .seatwright beside seatwright.yaml); for CI, which starts with an empty checkout")
	root.PersistentFlags().StringVar(&g.settingsFrom, "settings-from", "", "read settings, waivers, accept.yaml, prices and protected users from this git `REVISION`, and only the policies from the checkout; for pull requests")
	root.PersistentFlags().BoolVarP(&g.verbose, "verbose", "v", false, "write a line to stderr for every request: method, route, status, request id")
	root.AddCommand(
		validateCommand(p, &g), usersCommand(p, &g), seatsCommand(p, &g), snapshotCommand(p, &g), planCommand(p, &g), showCommand(p, &g), diffCommand(p),
		explainCommand(p, &g), applyCommand(p, &g), driftCommand(p, &g), runsCommand(p, &g), undoCommand(p, &g), unlockCommand(p, &g),
		catalogCommand(p, &g), doctorCommand(p, &g), sandboxCommand(p, &g), versionCommand(p),
	)
	return root
}

// noArgs refuses arguments. For a command that only has others below it, an argument is a
// command that does not exist.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return unknownWord(cmd, args[0], "command", nil)
	default:
		return usage("see "+cmd.CommandPath()+" --help", "%s takes no argument, got %q", cmd.CommandPath(), args[0])
	}
}

// addFormat adds --format with the formats of a command.
func addFormat(cmd *cobra.Command, format *string, formats []view.Format) {
	cmd.Flags().StringVar(format, "format", string(view.FormatText), "`FORMAT`: one of "+joinFormats(formats))
}

func joinFormats(formats []view.Format) string {
	names := make([]string, len(formats))
	for i, format := range formats {
		names[i] = string(format)
	}
	return strings.Join(names, ", ")
}

// checkFormat refuses a --format that the command does not have.
func checkFormat(format string, formats []view.Format) error {
	if !slices.Contains(formats, view.Format(format)) {
		return usage("give one of "+joinFormats(formats), "--format is %q, which this command does not have", format)
	}
	return nil
}

// Clock returns the real time, or the time that SOURCE_DATE_EPOCH fixes so that a plan can
// be made again byte for byte.
func Clock(getenv func(string) string) func() time.Time {
	if epoch, err := time.ParseDuration(getenv("SOURCE_DATE_EPOCH") + "s"); err == nil && getenv("SOURCE_DATE_EPOCH") != "" {
		fixed := time.Unix(0, 0).UTC().Add(epoch)
		return func() time.Time { return fixed }
	}
	return func() time.Time { return time.Now().UTC() }
}

// Standard returns the streams of the process.
func Standard(isTerminal func(int) bool) Streams {
	s := Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Color: allowsColor(),
		InTerminal: isTerminal(int(os.Stdin.Fd())), OutTerminal: isTerminal(int(os.Stdout.Fd())), ErrTerminal: isTerminal(int(os.Stderr.Fd())),
	}
	if s.OutTerminal {
		s.Width, _, _ = term.GetSize(int(os.Stdout.Fd())) // 0: the usual width
	}
	return s
}
