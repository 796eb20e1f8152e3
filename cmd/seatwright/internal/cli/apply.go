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
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// applyArgs are the arguments of seatwright apply.
type applyArgs struct {
	planFlags
	file             string
	autoApprove      bool
	format           string
	detailedExitCode bool
	rate             int
}

func (a applyArgs) check(terminal bool) error {
	if err := checkFormat(a.format, "text", "json"); err != nil {
		return err
	}
	switch {
	case a.rate < 1 || a.rate > 100:
		return usage("", "--rate is %d, want 1 to 100 percent of the documented quota", a.rate)
	case a.file != "" && a.autoApprove:
		return usage("leave one of the two out", "apply takes a plan file or --auto-approve, not both")
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
			approved, err := args.approved()
			if err != nil {
				return err
			}
			return p.onTenant(*g, func(j *job) error { return j.apply(cmd.Context(), args, approved) })
		},
	}
	args.add(cmd)
	cmd.Flags().BoolVar(&args.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().StringVar(&args.format, "format", "text", "text or json")
	cmd.Flags().IntVar(&args.rate, "rate", graph.DefaultRate, "percent of the documented quota of writes (3,000 in 150 s) to use")
	cmd.Flags().BoolVar(&args.detailedExitCode, "detailed-exitcode", false, "exit 2 if anything wanted is left undone")
	return cmd
}

func (j *job) apply(ctx context.Context, args applyArgs, approved *plan.Plan) error {
	if err := j.stages(ctx, args.words); err != nil {
		return err
	}
	if err := j.accept(approved); err != nil {
		return err
	}
	fresh, err := j.freshPlan(args, approved)
	if err != nil {
		return err
	}
	if err := j.confirm(ctx, args, fresh); err != nil {
		return err
	}
	return j.carryOut(ctx, args, fresh, j.finished(approved))
}

// finished says that everything in an approved plan is there already.
func (j *job) finished(approved *plan.Plan) bool {
	return approved != nil && len(approved.Steps) > 0 && !slices.ContainsFunc(approved.Steps, func(step plan.Step) bool {
		user, found := j.snapshot.Find(step.User.ID)
		return found && !step.Done(step.Live(user))
	})
}

func (a applyArgs) approved() (*plan.Plan, error) {
	if a.file == "" {
		return nil, nil //nolint:nilnil // nothing was approved beforehand
	}
	return loadPlan(a.file)
}

// accept refuses a plan file that was not made for this tenant and this time.
func (j *job) accept(approved *plan.Plan) error {
	if approved == nil {
		return nil
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
	case !approved.Complete:
		return refused("the tenant had not been read to the end")
	}
	return nil
}

// clockSkew is how far the clocks of two machines may differ.
const clockSkew = 5 * time.Minute

// expiry is when a plan ends, whatever it says of itself.
func expiry(p *plan.Plan) time.Time {
	if latest := p.CreatedAt.Add(plan.Lifetime); latest.Before(p.ExpiresAt) {
		return latest
	}
	return p.ExpiresAt
}

// freshPlan plans again and shows what will be done. With an approved plan that is
// what is in both, step by step; guards look at the fresh plan as a whole too, since
// whoever can replace the file could cut it into slices that each pass them.
func (j *job) freshPlan(args applyArgs, approved *plan.Plan) (*plan.Plan, error) {
	whole, err := j.compute(args.planFlags, nil)
	if err != nil {
		return nil, err
	}
	fresh := whole
	if approved != nil {
		both := *approved
		both.Steps = slices.DeleteFunc(slices.Clone(approved.Steps), func(step plan.Step) bool { return len(missingFrom(whole, []plan.Step{step})) > 0 })
		if fresh, err = j.compute(args.planFlags, &both); err != nil {
			return nil, err
		}
	}
	if err := planfile.Seal(fresh); err != nil {
		return nil, err
	}
	if args.format == "text" {
		if err := view.Plan(j.Out, fresh); err != nil {
			return nil, err
		}
	}
	if approved != nil {
		if err := view.Unapproved(j.Err, missingFrom(fresh, approved.Steps), missingFrom(approved, whole.Steps)); err != nil {
			return nil, err
		}
	}
	for _, p := range []*plan.Plan{fresh, whole} {
		if len(p.Breached()) > 0 {
			return nil, breached(p)
		}
	}
	return fresh, nil
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

// carryOut applies the plan and tells what became of it.
func (j *job) carryOut(ctx context.Context, args applyArgs, fresh *plan.Plan, finished bool) error {
	report := &apply.Report{}
	if len(fresh.Steps) > 0 {
		client, err := j.backend.writing(args.rate)
		if err != nil {
			return err
		}
		if err := j.permitted(ctx, client, fresh); err != nil {
			return err
		}
		writer, err := client.Writer()
		if err != nil {
			return err
		}
		progress := view.NewProgress(j.Err, j.ErrTerminal, j.Now, "applying", len(fresh.Steps))
		executor := apply.Executor{
			Reader: j.backend.reader, Writer: writer, Catalog: j.catalog, Snapshot: j.snapshot,
			Progress: func(apply.Outcome) { progress.Step() },
		}
		report = executor.Run(ctx, fresh)
		progress.Close()
	}
	end := applyExit(report, fresh, args.detailedExitCode, finished)
	switch {
	case args.format == "json":
		return errors.Join(view.ReportJSON(j.Out, report, classify(end).reason), end)
	case len(fresh.Steps) == 0:
		return end
	}
	return errors.Join(view.Report(j.Out, report), end)
}

// applyExit says how a run ends the program. After the first write trouble is 8 or
// a signal's own code; before it the trouble has its own.
func applyExit(r *apply.Report, p *plan.Plan, detailed, finished bool) error {
	left := len(p.Outcomes.Blocked) + len(p.Outcomes.Waiting) + len(p.Outcomes.Held) + p.Outcomes.Filtered
	if interrupted, ok := errors.AsType[*Interrupted](r.Stopped); ok {
		hint := "run again: what has been done is seen and not repeated"
		if r.Written == 0 {
			hint = "nothing was written; run again"
		}
		return &exit{code: interrupted.Code(), reason: "interrupted", err: interrupted, hint: hint}
	}
	switch {
	case r.Stopped != nil && r.Written == 0:
		return r.Stopped
	case r.Err() != nil:
		return &exit{code: ExitSteps, reason: "steps_failed", err: fmt.Errorf("some steps failed: %s", view.ReportSummary(r)), hint: "run again: what has been done is seen and not repeated"}
	case len(p.Outcomes.Held) > 0:
		return &exit{code: ExitDifferences, reason: "guard_held"}
	case len(p.Steps) == 0 && !finished && len(p.Outcomes.Blocked)+len(p.Outcomes.Waiting)+p.Outcomes.Filtered > 0:
		return &exit{code: ExitDifferences, reason: "nothing_possible"}
	case detailed && left > 0:
		return &exit{code: ExitDifferences, reason: "differences_remain"}
	case len(p.Steps) == 0:
		return &exit{code: ExitOK, reason: "no_changes"}
	}
	return nil
}
