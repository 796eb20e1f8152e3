package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// These say whether a person is at the other end: one who can answer, who sees
	// the plan, and who sees the question and the progress.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width is that of the terminal of Out in characters; 0: there is none.
	Width int
	Color bool // the environment allows color on a terminal
}

// Program is what the commands need from outside.
type Program struct {
	Streams
	Now     func() time.Time
	Version string
}

// Main runs the command line and returns the exit code. The context is cancelled
// with an [*Interrupted] by the first signal.
func (p Program) Main(ctx context.Context, args []string) (code ExitCode) {
	defer func() {
		if crash := recover(); crash != nil {
			code = reportCrash(p, crash, debug.Stack())
		}
	}()
	root := rootCommand(p) //nolint:contextcheck // cobra hands the context to the command that runs
	root.SetArgs(args)
	called, err := root.ExecuteContextC(ctx)
	if err == nil && nothingRan(called) {
		return ExitOK
	}
	return reportEnd(p, cause(ctx, err))
}

// reportCrash reports a defect of the program. Go ends a program that crashes with 2,
// which here means that differences remain.
func reportCrash(p Program, crash any, stack []byte) ExitCode {
	return reportEnd(p, &exit{code: ExitError, reason: "crashed", err: fmt.Errorf("this is a mistake in seatwright: %v\n%s", crash, stack),
		hint: "run again: what has been done is seen and not repeated; and report it with the lines above"})
}

// nothingRan reports whether the call asked for help or the version only.
func nothingRan(called *cobra.Command) bool {
	return called.HasSubCommands() || called.Name() == "version" || called.Name() == "help" || called.Flags().Changed("help")
}

// reportEnd shows how the program ends: the error, what to do, and a last line for
// machines.
func reportEnd(p Program, err error) ExitCode {
	how := classify(err)
	if how.err != nil {
		_ = view.Failure(p.Err, how.err, how.hint)
	}
	if how.journal != "" {
		_ = view.Remark(p.Err, how.journal)
	}
	_ = view.ExitReason(p.Err, how.reason, int(how.code))
	return how.code
}

// globals are the flags of every command.
type globals struct {
	dir     string
	tenant  string
	state   string // folder; "": .seatwright beside the settings
	verbose bool
	// settingsFrom names the commit that the settings are taken from; "": the checkout.
	settingsFrom string
}

func rootCommand(p Program) *cobra.Command {
	var g globals
	root := &cobra.Command{
		Use:           "seatwright",
		Short:         "Microsoft 365 licences as code: policies in git, a plan to review, an apply that keeps to it",
		Long:          "Seatwright reconciles Microsoft 365 licences with YAML policies.\n\nBegin with `seatwright validate`, then `seatwright plan`; `seatwright apply` carries a plan out.\n\n" + exitMeanings,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("see seatwright --help", "there is no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	root.PersistentFlags().StringVarP(&g.dir, "chdir", "C", ".", "folder that holds seatwright.yaml")
	root.PersistentFlags().StringVar(&g.tenant, "tenant", "", "tenant of the settings; may be left out where there is one")
	root.PersistentFlags().StringVar(&g.state, "state-dir", "", "folder that runs are kept in (default .seatwright beside seatwright.yaml); for CI, which starts with an empty checkout")
	root.PersistentFlags().StringVar(&g.settingsFrom, "settings-from", "", "take settings, waivers, what is accepted, prices and whom they protect from this git revision, and the policies alone from the checkout: for pull requests")
	root.PersistentFlags().BoolVarP(&g.verbose, "verbose", "v", false, "a line on stderr for every request: method, route, status, request id")
	root.AddCommand(
		validateCommand(p, &g), usersCommand(p, &g), seatsCommand(p, &g), snapshotCommand(p, &g), planCommand(p, &g), showCommand(p, &g), diffCommand(p),
		explainCommand(p, &g), applyCommand(p, &g), driftCommand(p, &g), runsCommand(p, &g), undoCommand(p, &g), unlockCommand(p, &g),
		catalogCommand(p, &g), doctorCommand(p, &g), sandboxCommand(p, &g), versionCommand(p),
	)
	return root
}

// noArgs refuses arguments in our own words.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("see "+cmd.CommandPath()+" --help", "%s takes no argument, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// checkFormat refuses a --format that the command does not have.
func checkFormat(format string, among ...string) error {
	if !slices.Contains(among, format) {
		return usage("", "--format is %q, want one of %v", format, among)
	}
	return nil
}

// Clock is the real time, or the one that SOURCE_DATE_EPOCH fixes so that a plan
// can be made again byte for byte.
func Clock(getenv func(string) string) func() time.Time {
	if epoch, err := time.ParseDuration(getenv("SOURCE_DATE_EPOCH") + "s"); err == nil && getenv("SOURCE_DATE_EPOCH") != "" {
		fixed := time.Unix(0, 0).UTC().Add(epoch)
		return func() time.Time { return fixed }
	}
	return func() time.Time { return time.Now().UTC() }
}

// Standard are the streams of the process.
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
