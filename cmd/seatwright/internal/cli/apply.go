package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/state/graph"
)

// applyArgs are the arguments of seatwright apply.
type applyArgs struct {
	planFlags
	viewFlags
	show             view.PlanOptions
	file             string
	report           string // a file
	reportAs         view.PlanOptions
	autoApprove      bool
	detailedExitCode bool
	again            bool
	expectDigest     string
	deadline         time.Duration
	lockTimeout      time.Duration
	maxErrors        int
	canary           int
}

func (a *applyArgs) addRun(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "do not ask")
	flags.StringVar(&a.report, "report", "", "write to this file too what was done, as Markdown, which --budget makes fit")
	flags.IntVar(&a.planOptions.Rate, "rate", graph.DefaultRate, "percent of the documented quota of writes (3,000 in 150 s) to use")
	flags.BoolVar(&a.detailedExitCode, "detailed-exitcode", false, "exit 2 if anything wanted is left undone")
	flags.BoolVar(&a.again, "again", false, "carry a plan file out although it was finished before")
	flags.StringVar(&a.expectDigest, "expect-digest", "", "refuse unless the fresh plan has this steps_digest, which the planning job put out at most 24 hours ago")
	flags.DurationVar(&a.deadline, "deadline", 0, "send nothing more after so long, as in 30m; what is under way is finished; exit 9")
	flags.DurationVar(&a.lockTimeout, "lock-timeout", 0, "wait so long for another run to end; exit 7 after it")
	flags.IntVar(&a.maxErrors, "max-errors", 0, "stop after so many failed steps; exit 9")
	flags.IntVar(&a.canary, "canary", 0, "carry out the steps of so many users first, and go on only if all of them are confirmed")
}

func (a applyArgs) check(terminal bool) error {
	switch {
	case a.deadline < 0 || a.lockTimeout < 0 || a.maxErrors < 0 || a.canary < 0:
		return usage("leave it out for none", "--deadline, --lock-timeout, --max-errors and --canary cannot be negative")
	case a.expectDigest != "" && a.file == "":
		return usage("give the plan file that the planning job wrote", "--expect-digest goes with a plan file")
	case a.again && a.file == "":
		return usage("", "--again goes with a plan file")
	case a.planOptions.Rate < 1 || a.planOptions.Rate > 100:
		return usage("", "--rate is %d, want 1 to 100 percent of the documented quota", a.planOptions.Rate)
	case a.file != "" && a.autoApprove:
		return usage("leave one of the two out", "apply takes a plan file or --auto-approve, not both")
	case a.file == "" && !a.autoApprove && a.format != string(view.FormatText):
		return usage("give --auto-approve, or leave --format out", "nobody can approve a plan that --format %s does not show before it is carried out", a.format)
	case a.file == "" && !a.autoApprove && !terminal:
		return usage("give the plan file that was reviewed, or --auto-approve to go within the guards",
			"nobody sits at a terminal to approve this plan")
	}
	return nil
}

func applyCommand(p Program, g *globals) *cobra.Command {
	var args applyArgs
	cmd := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Carry a plan out",
		Long: `Apply plans again from the policies at hand and carries the steps out. With a plan file only
steps that are in it, word for word, are carried out: the file is a list of what may be done and
never an instruction. Without one, a person at the terminal is asked, or --auto-approve goes
ahead within the guards. Every user is read again before he is written to and read back after it.
A plan of seatwright undo, which no policy asks for, needs a terminal or --expect-digest.

What is done is on record before it is sent, in .seatwright/runs (--state-dir) or in the container of
` + "`records`" + ` in the settings: a run that was stopped or killed is finished by the same call. One run at a
time has a tenant.

` + exitMeanings,
		Example: "  seatwright apply plan.json\n  seatwright apply --auto-approve",
		Args: func(cmd *cobra.Command, files []string) error {
			if len(files) > 1 {
				return usage("see "+cmd.CommandPath()+" --help", "apply takes one plan file, got %d arguments", len(files))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 1 {
				args.file = files[0]
			}
			if err := args.check(p.InTerminal && p.OutTerminal && p.ErrTerminal); err != nil {
				return err
			}
			if err := args.views(g.dir); err != nil {
				return err
			}
			approval, err := args.approval(p.InTerminal)
			if err != nil {
				return err
			}
			return showing(cmd.Context(), p, *g, args.show, func(c *call) error { return applyPlan(cmd.Context(), c, args, approval) })
		},
	}
	args.planFlags.add(cmd)
	args.viewFlags.add(cmd, view.ReportFormats())
	args.addScreen(cmd, p.Streams)
	args.addRun(cmd)
	return cmd
}

// views checks how the run is shown, and how its report. Room is for Markdown, wherever
// it goes.
func (a *applyArgs) views(dir string) error {
	file := a.viewFlags
	file.format = string(view.FormatMarkdown)
	if a.report != "" && a.format != file.format {
		a.budget = ""
	}
	var err error
	if a.show, err = a.viewFlags.check(dir); err != nil {
		return err
	}
	a.reportAs, err = file.check(dir)
	return err
}

// approval is the plan file that was approved, if one was given.
func (a applyArgs) approval(terminal bool) (session.Approval, error) {
	approval := session.Approval{ExpectDigest: a.expectDigest, Again: a.again, AtTerminal: terminal}
	if a.file == "" {
		return approval, nil
	}
	var err error
	approval.Plan, err = loadPlan(a.file)
	return approval, err
}

// applyPlan plans again, shows what will be done, asks where nothing else approves it, and
// carries it out.
func applyPlan(ctx context.Context, c *call, args applyArgs, approval session.Approval) error {
	tenant := &lockedTenant{call: c}
	if err := tenant.openStore(ctx); err != nil {
		return err
	}
	loaded, err := c.project.Load(args.words)
	if err != nil {
		return err
	}
	if err := tenant.acquire(ctx, args.lockTimeout); err != nil {
		return err
	}
	resolved, err := c.resolve(ctx, loaded, tenant.source(true))
	if err != nil {
		return err
	}
	if err := resolved.Accept(approval); err != nil {
		return err
	}
	fresh, err := resolved.Fresh(ctx, args.planOptions, approval)
	if err != nil {
		return err
	}
	if err := showFresh(c, args, fresh); err != nil {
		return err
	}
	if err := confirm(ctx, c, args, fresh.Plan); err != nil {
		return err
	}
	return tenant.carryOut(ctx, args, resolved, fresh)
}

// showFresh shows what will be done, and what of the approved plan will not. It is an
// error if a guard stops it.
func showFresh(c *call, args applyArgs, fresh *session.Fresh) error {
	if args.show.Format == view.FormatText {
		if err := view.ShowPlan(c.program.Out, fresh.Plan, args.show); err != nil {
			return err
		}
	}
	if fresh.Approval.Plan != nil {
		if err := view.Unapproved(c.program.Err, fresh.NotNeeded, fresh.NotApproved); err != nil {
			return err
		}
	}
	if stopped := fresh.Breached(); stopped != nil {
		return showStopped(c, args, stopped)
	}
	return nil
}

// confirm asks the person at the terminal, where nothing else approves the plan.
func confirm(ctx context.Context, c *call, args applyArgs, fresh *plan.Plan) error {
	if args.file != "" || args.autoApprove || len(fresh.Steps) == 0 {
		return nil
	}
	if err := view.Ask(c.program.Err, fresh); err != nil {
		return err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.program.In).ReadString('\n') // no answer is a no
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case answer := <-answers:
		if answer != fmt.Sprint(len(fresh.Steps)) {
			return &exit{code: ExitError, reason: "not_approved", err: errors.New("not approved: nothing was written")}
		}
	}
	return nil
}
