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
	flags.StringVar(&a.report, "report", "", "also write to this `FILE`, as Markdown, what was done; --budget limits its size")
	flags.IntVar(&a.planOptions.Rate, "rate", graph.DefaultRate, "`PERCENT` to use of the documented quota of writes (3,000 in 150 s)")
	flags.BoolVar(&a.detailedExitCode, "detailed-exitcode", false, "exit with 2 if something wanted was not done")
	flags.BoolVar(&a.again, "again", false, "apply a plan file although a run finished it before")
	flags.StringVar(&a.expectDigest, "expect-digest", "", "refuse unless the fresh plan has this steps `DIGEST`; the plan file must be at most 24 hours old")
	flags.DurationVar(&a.deadline, "deadline", 0, "start no more steps after this `TIME`, such as 30m; requests under way are finished; exit with 9")
	flags.DurationVar(&a.lockTimeout, "lock-timeout", 0, "wait this `TIME` for another run to end, then exit with 7")
	flags.IntVar(&a.maxErrors, "max-errors", 0, "stop after this `NUMBER` of failed steps; exit with 9")
	flags.IntVar(&a.canary, "canary", 0, "do the steps of this `NUMBER` of users first, and continue only if all of them are confirmed")
}

func (a applyArgs) check(terminal bool) error {
	switch {
	case a.deadline < 0 || a.lockTimeout < 0 || a.maxErrors < 0 || a.canary < 0:
		return usage("omit the flag for no limit", "--deadline, --lock-timeout, --max-errors and --canary cannot be negative")
	case a.expectDigest != "" && a.file == "":
		return usage("add the plan file that the planning job wrote", "--expect-digest needs a plan file")
	case a.again && a.file == "":
		return usage("add the plan file", "--again needs a plan file")
	case a.planOptions.Rate < 1 || a.planOptions.Rate > 100:
		return usage("give 1 to 100, in percent of the documented quota", "--rate is %d", a.planOptions.Rate)
	case a.file != "" && a.autoApprove:
		return usage("remove one of them", "apply takes a plan file or --auto-approve, and not both")
	case a.file == "" && !a.autoApprove && a.format != string(view.FormatText):
		return usage("add --auto-approve, or remove --format", "approval needs the plan on the terminal, and --format %s does not show it before it is applied", a.format)
	case a.file == "" && !a.autoApprove && !terminal:
		return usage("add the plan file that was reviewed, or --auto-approve: guards still apply", "approval needs a terminal, and there is none")
	}
	return nil
}

func applyCommand(p Program, g *globals) *cobra.Command {
	var args applyArgs
	cmd := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Carry out a plan",
		Long: `Apply makes a fresh plan from the policies, and carries out its steps. With a plan file it carries out only steps
that are in the file too, exactly as they are there. The file limits what may be done; it is never an instruction.
Without a file it asks at the terminal, or continues with --auto-approve. Guards apply in both cases. Every user is read
again before a write, and read back after it. No policy asks for a plan of ` + "`seatwright undo`" + `, so it needs a terminal
or --expect-digest.

Each step is recorded before it is sent, in .seatwright/runs (--state-dir) or in the container of ` + "`records`" + ` in the
settings. If a run was stopped or killed, run the same command again to finish it. Only one run at a time can work on a
tenant.`,
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

// views checks how the run and its report are shown. The budget is for Markdown, wherever
// that is written.
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

// approval returns the plan file that was approved, if there is one.
func (a applyArgs) approval(terminal bool) (session.Approval, error) {
	approval := session.Approval{ExpectDigest: a.expectDigest, Again: a.again, AtTerminal: terminal}
	if a.file == "" {
		return approval, nil
	}
	var err error
	approval.Plan, err = loadPlan(a.file)
	return approval, err
}

// applyPlan makes a fresh plan, shows it, asks if nothing else approves it, and carries it
// out.
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

// showFresh shows the fresh plan, and which steps of the approved plan are not in it. It
// fails if a guard stops the plan.
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

// confirm asks at the terminal, unless something else approves the plan.
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
			return ends(reasonNotApproved, errors.New("not approved: nothing was written"), "")
		}
	}
	return nil
}
