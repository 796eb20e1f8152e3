package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// driftArgs are the arguments of seatwright drift.
type driftArgs struct {
	applyArgs
	viewFlags
	correct string // "": only look
}

func (p Program) driftCommand(g *globals) *cobra.Command {
	var args driftArgs
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Show what has changed in the tenant since the last run, and who changed it; corrects it where that is asked for",
		Long: `Drift compares the tenant with the policies of the last run that ended well. What they want changed
today is drift: the tenant moved, or people moved into sources and out of them. What only the
policies at hand want is pending, for seatwright apply. The audit log of the tenant says who changed
what, and when; it needs AuditLog.Read.All, and drift goes on without it.

It exits with 2 if there is anything new: what is pending, what the last run left undone too, and what
stands in accept.yaml is listed and is no news. With --correct it carries drift out and nothing else,
by the policies of the last run and those at hand alike, within the guards of apply and one of its
own, corrections; additive takes nothing from anybody. What runs and somebody else turn round again
and again is reported as a fight, and left alone; so is what an undo has taken back.

` + exitMeanings,
		Example: "  seatwright drift\n  seatwright drift --format markdown --budget github-comment\n  seatwright drift --correct additive --auto-approve",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, err := args.viewFlags.check(g.dir)
			if err == nil {
				err = args.checkCorrection(p.InTerminal && p.OutTerminal && p.ErrTerminal && asks(show))
			}
			if err != nil {
				return err
			}
			return p.showing(cmd.Context(), *g, show, func(j *job, show view.PlanOptions) error { return j.drift(cmd.Context(), args, show) })
		},
	}
	args.addDrift(cmd)
	return cmd
}

func (a *driftArgs) addDrift(cmd *cobra.Command) {
	a.add(cmd, view.DriftFormats())
	flags := cmd.Flags()
	flags.StringVar(&a.correct, "correct", "", "carry drift out: additive (what takes nothing) or all")
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "with --correct: do not ask")
	flags.BoolVar(&a.hold, "hold", false, "with --correct: where a guard of class hold is breached, hold what takes something and go on with the rest")
	flags.StringArrayVar(&a.allow, "allow", nil, "with --correct: lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	flags.IntVar(&a.rate, "rate", graph.DefaultRate, "with --correct: percent of the documented quota of writes (3,000 in 150 s) to use")
	flags.DurationVar(&a.deadline, "deadline", 0, "with --correct: send nothing more after so long, as in 30m; exit 9")
	flags.DurationVar(&a.lockTimeout, "lock-timeout", 0, "with --correct: wait so long for another run to end; exit 7 after it")
	flags.IntVar(&a.maxErrors, "max-errors", 0, "with --correct: stop after so many failed steps; exit 9")
}

// asks says that a view is one to ask a person about: text, with everybody's name.
func asks(show view.PlanOptions) bool {
	return show.Format == view.FormatText && show.Redact == view.RedactNone
}

// checkCorrection refuses flags that make no sense together. The format is checked with
// the other flags of the view.
func (a driftArgs) checkCorrection(terminal bool) error {
	switch drift.Correction(a.correct) {
	case "":
		if a.autoApprove || a.hold || len(a.allow) > 0 || a.deadline != 0 || a.lockTimeout != 0 || a.maxErrors != 0 {
			return usage("give --correct additive or --correct all, or leave them out", "drift only looks without --correct: there is nothing to approve, to hold or to stop")
		}
		return nil
	case drift.Additive, drift.All:
	default:
		return usage("", "--correct is %q, want additive or all", a.correct)
	}
	if !a.autoApprove && !terminal {
		return usage("give --auto-approve to go within the guards", "nobody sits at a terminal to approve corrections")
	}
	run := a.applyArgs
	run.format, run.autoApprove = "text", true
	return run.check(terminal)
}

func (j *job) drift(ctx context.Context, args driftArgs, show view.PlanOptions) error {
	why := toLook
	if args.correct != "" {
		why = toKeep
		j.taking = func() error { return j.take(ctx, args.lockTimeout) }
	}
	if err := j.openPast(ctx, why); err != nil {
		return err
	}
	d, err := j.lookForDrift(ctx, args)
	if err != nil {
		return err
	}
	if args.correct != "" {
		return j.correctDrift(ctx, args, show, d)
	}
	return j.showDrift(d.report, show, driftExit(d.report))
}

// showDrift shows the report with the way in which the program ends.
func (j *job) showDrift(r *drift.Report, show view.PlanOptions, end error) error {
	r.ExitReason = classify(end).reason
	return errors.Join(view.ShowDrift(j.Out, r, show), end)
}

// driftExit is how a report that was shown ends the program.
func driftExit(r *drift.Report) error {
	if r.AttentionCount() > 0 {
		return &exit{code: ExitDifferences, reason: "drift"}
	}
	return &exit{code: ExitOK, reason: "no_drift"}
}

// found is a report of drift with what it was made of.
type found struct {
	report *drift.Report
	last   *lastRun
	head   plan.Input
}

// lookForDrift reads everything and makes the report.
func (j *job) lookForDrift(ctx context.Context, args driftArgs) (*found, error) {
	accepted, err := policies.LoadAccepted(j.settings, j.tenant)
	if err != nil {
		return nil, err
	}
	d := &found{}
	if d.last, err = j.driftStages(ctx); err != nil {
		return nil, err
	}
	if d.head, err = j.input(args.planFlags); err != nil {
		return nil, err
	}
	d.head.Hold = false // a report holds nothing
	whole := plan.Compute(d.head)
	for _, g := range whole.Breached() {
		if row, _ := guard.Lookup(g.Name); row.Counts == guard.CountsRead {
			return nil, breached(whole)
		}
	}
	var then *plan.Plan
	if input, known := d.last.input(d.head); known {
		then = plan.Compute(input)
	}
	report := drift.Compare(whole, then)
	d.report = &report
	j.noteLastRun(d)
	j.markAccepted(d.report, accepted)
	if err := j.trace(ctx, d.report); err != nil {
		return nil, err
	}
	report.SortItems()
	return d, nil
}

// driftStages goes the way up to the matches, for the policies at hand and those of the
// last run: which run that was must be known before the tenant is read.
func (j *job) driftStages(ctx context.Context) (*lastRun, error) {
	if err := j.load(); err != nil {
		return nil, err
	}
	j.commit = commit(ctx, j.dir)
	if err := j.read(ctx, state.Query{Organization: true}); err != nil {
		return nil, err
	}
	j.taking = nil // it is taken
	if err := j.recall(ctx, drift.LongestRetention); err != nil {
		return nil, err
	}
	last := j.findLastRun(ctx)
	if last.set != nil && !last.same {
		j.base = &base{set: last.set} // read what it needs too
	}
	if err := j.read(ctx, j.needs()); err != nil {
		return nil, err
	}
	j.layOver()
	if err := j.readPlaces(ctx); err != nil {
		return nil, err
	}
	if j.base != nil && j.base.set == nil {
		last.lost("", "the policies of run %s do not fit the directory any more: %s", last.record.Run, j.base.of.Trouble)
	}
	j.base = nil
	if err := j.resolve(); err != nil {
		return nil, err
	}
	last.resolve(j)
	return last, nil
}

// noteLastRun says in the report which run it compares with, and what that left undone.
func (j *job) noteLastRun(d *found) {
	d.report.Undecided, d.report.Hint = d.last.why, d.last.hint
	if r := d.last.record; r != nil {
		d.report.Last = drift.Last{Run: r.Run, At: r.At, Commit: r.Commit, Policies: r.Policies}
		d.report.MarkKnown(r.Left)
		if d.last.set != nil {
			d.report.MarkMoves(r.Baseline().Sources, plan.NewBaseline("", d.last.set, d.last.matches, j.snapshot).Sources)
		}
	}
}

// markAccepted marks what is accepted now. What is not any more, and what is no item, is
// told of: a list that nobody tidies hides something in the end.
func (j *job) markAccepted(r *drift.Report, accepted []policies.Acceptance) {
	now, places := map[string]drift.Acceptance{}, map[string]policies.Pos{}
	for _, a := range accepted {
		if ok, why := a.InForce(j.Now()); !ok {
			j.noteDrift(r, fmt.Sprintf("%s: it accepts nothing: %s", a.Pos, why))
			continue
		}
		now[a.Key] = drift.Acceptance{Reason: a.Reason, Expires: a.Expires.AddDate(0, 0, -1).Format(time.DateOnly), Place: a.Pos.String()}
		places[a.Key] = a.Pos
	}
	unused := r.MarkAccepted(now)
	slices.SortFunc(unused, func(a, b string) int { return places[a].Compare(places[b]) })
	for _, key := range unused {
		j.noteDrift(r, fmt.Sprintf("%s: nothing has this key any more: take it out", places[key]))
	}
}

// noteDrift says something in the report and beside it.
func (j *job) noteDrift(r *drift.Report, text string) {
	r.Notes = append(r.Notes, text)
	_ = view.Warning(j.Err, "%s", text)
}

// auditReach is how far back the log is asked for: it keeps no more.
const auditReach = 30 * 24 * time.Hour

// maxPlaces is how many users' locations the log is asked about: the service takes five
// such requests in ten seconds ("Microsoft Graph throttling limits": identity and access
// reports).
const maxPlaces = 25

// lastBegan is when the last run that ended well began: whatever happened since can have
// been missed by it.
func (j *job) lastBegan(last drift.Last) time.Time {
	for _, run := range j.past.runs {
		if run.Run == last.Run {
			return run.At
		}
	}
	return last.At
}

// trace asks the tenant's log who made it so. Without it the report goes on.
func (j *job) trace(ctx context.Context, r *drift.Report) error {
	done := deeds(j.past.runs)
	r.Audit.From = j.Now().Add(-auditReach)
	places := r.LocationUsers()
	if more := len(places) - maxPlaces; more > 0 {
		places = places[:maxPlaces]
		r.Notes = append(r.Notes, fmt.Sprintf("who changed the usage location of %d users was not asked for, since that takes a request for each", more))
	}
	events, err := j.backend.reader.ReadAudit(ctx, state.AuditQuery{Since: r.Audit.From, Places: places})
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		r.Audit.Why, r.Audit.Hint = err.Error(), auditHint(err)
		_ = view.Warning(j.Err, "who made changes is not known: %s; %s", r.Audit.Why, r.Audit.Hint)
	default:
		r.Audit.Read, r.Audit.Events = true, len(events)
	}
	recent := slices.DeleteFunc(slices.Clone(done), func(d drift.Write) bool { return d.At.Before(r.Audit.From) }) // both sides alike
	chronicle := drift.NewTimeline(recent, events, strings.ToLower(j.tenant.Write.ClientID))
	r.MarkChanges(chronicle, j.lastBegan(r.Last))
	r.RetainedData = drift.FindRetainedData(j.snapshot, j.catalog, done, events, j.Now())
	return nil
}

// auditHint says what would open the log.
func auditHint(err error) string {
	no, ok := errors.AsType[*state.Error](err)
	switch {
	case !ok:
		return "this is a defect of Seatwright: please report it with these words"
	case strings.Contains(no.Code, "NonPremiumTenant"):
		return "the log can be read in tenants with Microsoft Entra ID P1 or P2"
	}
	return no.Hint()
}
