package cli

import (
	"context"
	"errors"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

// correctDrift carries out what corrects drift, and nothing else. Guards apply, and the run
// is recorded. The report is shown first if a user is asked, and afterwards if not.
func correctDrift(ctx context.Context, c *call, args driftArgs, show view.PlanOptions) error {
	tenant := &lockedTenant{call: c}
	if err := tenant.openStore(ctx); err != nil {
		return err
	}
	found, resolved, err := tenant.findDrift(ctx, args)
	if err != nil {
		return err
	}
	fresh, err := found.Corrections(drift.Correction(args.correct), args.planOptions)
	if err != nil {
		return showDriftReport(c, found.Report, show, err)
	}
	asked := asks(show)
	if asked {
		shown := errors.Join(view.ShowDrift(c.program.Out, found.Report, show), view.Remark(c.program.Out, ""), view.Plan(c.program.Out, fresh))
		if shown != nil {
			return shown
		}
		if err := confirm(ctx, c, args.applyArgs, fresh); err != nil {
			return err
		}
	}
	report, end, err := tenant.correct(ctx, args, resolved, found, fresh)
	if err != nil {
		return err
	}
	switch {
	case !asked:
		return showDriftReport(c, found.Report, show, end)
	case len(fresh.Steps) == 0:
		return end
	}
	return errors.Join(view.Report(c.program.Out, report, c.program.screen()), end)
}

// findDrift locks the tenant, reads it and looks for drift.
func (l *lockedTenant) findDrift(ctx context.Context, args driftArgs) (*session.Drift, *session.Resolved, error) {
	accepted, err := l.call.project.Accepted()
	if err != nil {
		return nil, nil, err
	}
	loaded, err := l.call.project.Load(policies.PolicyWords{})
	if err != nil {
		return nil, nil, err
	}
	if err := l.acquire(ctx, args.lockTimeout); err != nil {
		return nil, nil, err
	}
	return findDrift(ctx, loaded, l.source(false), args, accepted)
}

// correct carries out corrections, marks their results in the report, and returns how that
// ends the program.
func (l *lockedTenant) correct(ctx context.Context, args driftArgs, resolved *session.Resolved, found *session.Drift, fresh *plan.Plan) (*apply.Report, *exit, error) {
	run, report, err := l.execute(ctx, args.applyArgs, resolved, fresh, nil)
	if err != nil {
		return nil, nil, err
	}
	found.Settle(report)
	end := *classify(applyExit(report, fresh, false, false))
	if end.code == ExitOK {
		end = *classify(driftExit(found.Report))
	}
	head, err := run.CloseCorrections(ctx, found, report, string(end.reason))
	end = end.withJournal(l.call.run, head)
	if err != nil {
		end = withoutJournal(end, err, report.Written)
	}
	return report, &end, nil
}
