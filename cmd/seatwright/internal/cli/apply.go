package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
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
	flags.IntVar(&a.rate, "rate", graph.DefaultRate, "percent of the documented quota of writes (3,000 in 150 s) to use")
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
	case a.rate < 1 || a.rate > 100:
		return usage("", "--rate is %d, want 1 to 100 percent of the documented quota", a.rate)
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

func (p Program) applyCommand(g *globals) *cobra.Command {
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
			approved, err := args.approved()
			if err != nil {
				return err
			}
			return p.showing(cmd.Context(), *g, args.show, func(j *job, _ view.PlanOptions) error {
				return j.apply(cmd.Context(), args, approved)
			})
		},
	}
	args.planFlags.add(cmd)
	args.viewFlags.add(cmd, view.ReportFormats())
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

func (j *job) apply(ctx context.Context, args applyArgs, approved *plan.Plan) error {
	if err := j.openPast(ctx, toKeep); err != nil {
		return err
	}
	j.past.brief = true
	j.taking = func() error { return j.take(ctx, args.lockTimeout) }
	if err := j.stages(ctx, args.words); err != nil {
		return err
	}
	if err := j.accept(args, approved); err != nil {
		return err
	}
	run, whole, err := j.freshPlan(ctx, args, approved)
	if err != nil {
		return err
	}
	if err := j.confirm(ctx, args, run.Plan); err != nil {
		return err
	}
	return j.carryOut(ctx, args, run, approved, j.stuck(run.Plan, whole, approved))
}

// stuck says, of a run without steps, that something is wanted that cannot be done now.
// Of an approved plan that is about its own steps: that something else in the tenant has
// drifted, is blocked or waits does not make a merge red.
func (j *job) stuck(fresh, whole, approved *plan.Plan) bool {
	left := slices.Concat(fresh.Outcomes.Blocked, fresh.Outcomes.Waiting)
	if approved == nil {
		return len(left) > 0 || fresh.Outcomes.Filtered > 0
	}
	return slices.ContainsFunc(approved.Steps, func(step plan.Step) bool {
		user, found := j.snapshot.Find(step.User.ID)
		if !found || step.Done(step.Live(user)) {
			return false
		}
		wanted := func(now plan.Step) bool { return now.ID == step.ID || step.Rivals(now) } // the same, if it needs one that was not approved
		return slices.ContainsFunc(left, step.Concerns) || slices.ContainsFunc(whole.Steps, wanted)
	})
}

func (a applyArgs) approved() (*plan.Plan, error) {
	if a.file == "" {
		return nil, nil //nolint:nilnil // nothing was approved beforehand
	}
	return loadPlan(a.file)
}

// accept refuses a plan file that was not made for this tenant and this time.
func (j *job) accept(args applyArgs, approved *plan.Plan) error {
	if approved == nil {
		return nil
	}
	if run, done := j.applied(approved.Digest); done && !args.again {
		return &planfile.RefusedError{Why: "it was carried out to its end by run " + run + ": what has been changed since may be meant so",
			Hint: "plan again, or give --again"}
	}
	if approved.Mode == plan.ModeUndo && args.expectDigest == "" && !j.InTerminal {
		return &planfile.RefusedError{Why: "it takes a run back, which no policy asks for: nobody at a terminal and no digest vouches for the file",
			Hint: "apply it at a terminal, or give --expect-digest with the steps_digest that seatwright undo --format github-output tells"}
	}
	switch now := j.Now(); {
	case approved.Tenant.ID != j.snapshot.Organization.ID:
		return refused("it is for tenant %s, this is %s", approved.Tenant.ID, j.snapshot.Organization.ID)
	case approved.Source != j.snapshot.Source && (approved.Source != state.SourceFile || j.snapshot.Source != state.SourceLive):
		return refused("it was made from a %s tenant, this is a %s one", approved.Source, j.snapshot.Source)
	case !now.Before(expiry(approved)):
		return refused("it expired at %s", expiry(approved).Format("2006-01-02 15:04 MST"))
	case approved.CreatedAt.After(now.Add(clockSkew)):
		return refused("it was made in the future, at %s", approved.CreatedAt.Format("2006-01-02 15:04 MST"))
	case args.expectDigest != "" && !now.Before(approved.CreatedAt.Add(digestLifetime)):
		return refused("--expect-digest goes with a plan of the last 24 hours, it was made at %s", approved.CreatedAt.Format("2006-01-02 15:04 MST"))
	case !approved.Complete:
		return refused("the tenant had not been read to the end")
	}
	return nil
}

// clockSkew is how far the clocks of two machines may differ.
const clockSkew = 5 * time.Minute

// digestLifetime is how long the digest of a plan is good for instead of its file.
const digestLifetime = 24 * time.Hour

// expected refuses unless the fresh plan, with those approved steps that are done
// already, is the one that the caller got the digest of.
func (j *job) expected(args applyArgs, whole, approved *plan.Plan) error {
	if args.expectDigest == "" {
		return nil
	}
	all := plan.Plan{Tenant: whole.Tenant, Steps: slices.Clone(whole.Steps)}
	for _, step := range missingFrom(whole, approved.Steps) {
		if user, found := j.snapshot.Find(step.User.ID); found && step.Done(step.Live(user)) {
			all.Steps = append(all.Steps, step)
		}
	}
	if err := planfile.Seal(&all); err != nil {
		return err
	}
	if all.StepsDigest != args.expectDigest {
		return refused("the fresh plan has the steps digest %s, --expect-digest is %s", all.StepsDigest, args.expectDigest)
	}
	return nil
}

// wholePlan is what would be done now: what the policies want, or what takes the run
// back that an approved plan is about; only what is in some plan, if one is given.
func (j *job) wholePlan(ctx context.Context, args applyArgs, approved, only *plan.Plan) (*plan.Plan, error) {
	if approved != nil && approved.Mode == plan.ModeUndo {
		return j.undoPlan(ctx, args.planFlags, approved.Undo, only)
	}
	return j.compute(args.planFlags, only)
}

// expiry is when a plan ends, whatever it says of itself.
func expiry(p *plan.Plan) time.Time {
	if latest := p.CreatedAt.Add(plan.Lifetime); latest.Before(p.ExpiresAt) {
		return latest
	}
	return p.ExpiresAt
}

// freshPlan plans again, as a whole, and shows what will be done. With an approved plan that
// is what is in both, step by step; guards look at the fresh plan as a whole too, since
// whoever can replace the file could cut it into slices that each pass them.
func (j *job) freshPlan(ctx context.Context, args applyArgs, approved *plan.Plan) (run *view.RunReport, whole *plan.Plan, err error) {
	if whole, err = j.wholePlan(ctx, args, approved, nil); err != nil {
		return nil, nil, err
	}
	if err := j.expected(args, whole, approved); err != nil {
		return nil, nil, err
	}
	fresh, err := j.approvedPart(ctx, args, whole, approved)
	if err != nil {
		return nil, nil, err
	}
	if args.show.Format == view.FormatText {
		if err := view.ShowPlan(j.Out, fresh, args.show); err != nil {
			return nil, nil, err
		}
	}
	run = &view.RunReport{Plan: fresh}
	if approved != nil {
		run.NotNeeded, run.NotApproved = missingFrom(fresh, approved.Steps), missingFrom(approved, whole.Steps)
		if err := view.Unapproved(j.Err, run.NotNeeded, run.NotApproved); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range []*plan.Plan{fresh, whole} {
		if len(p.Breached()) > 0 {
			return nil, nil, j.stopped(args, p)
		}
	}
	return run, whole, nil
}

// approvedPart is what is in the whole plan and in the approved one, if there is one.
func (j *job) approvedPart(ctx context.Context, args applyArgs, whole, approved *plan.Plan) (part *plan.Plan, err error) {
	part = whole
	if approved != nil {
		both := *approved
		both.Steps = slices.DeleteFunc(slices.Clone(approved.Steps), func(step plan.Step) bool { return len(missingFrom(whole, []plan.Step{step})) > 0 })
		if part, err = j.wholePlan(ctx, args, approved, &both); err != nil {
			return nil, err
		}
	}
	return part, planfile.Seal(part)
}

// missingFrom are the steps whose id is not in the plan.
func missingFrom(p *plan.Plan, steps []plan.Step) []plan.Step {
	ids := map[string]bool{}
	for _, step := range p.Steps {
		ids[step.ID] = true
	}
	var missing []plan.Step
	for _, step := range steps {
		if !ids[step.ID] {
			missing = append(missing, step)
		}
	}
	return missing
}

// confirm asks the person at the terminal, where nothing else approves the plan.
func (j *job) confirm(ctx context.Context, args applyArgs, fresh *plan.Plan) error {
	if args.file != "" || args.autoApprove || len(fresh.Steps) == 0 {
		return nil
	}
	if err := view.Ask(j.Err, fresh); err != nil {
		return err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(j.In).ReadString('\n') // no answer is a no
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
