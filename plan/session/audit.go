package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/state"
)

// auditReach is how far back the log is asked for: it keeps no more.
const auditReach = 30 * 24 * time.Hour

// maxPlaces is how many users' locations the log is asked about: the service takes five
// such requests in ten seconds ("Microsoft Graph throttling limits": identity and access
// reports).
const maxPlaces = 25

// trace asks the tenant's log who made the changes. Without it the report goes on.
func (d *Drift) trace(ctx context.Context) error {
	r, report := d.from.now.read, d.Report
	done := confirmedWrites(r.history.runs)
	report.Audit.From = r.now().Add(-auditReach)
	places := report.LocationUsers()
	if more := len(places) - maxPlaces; more > 0 {
		places = places[:maxPlaces]
		report.Notes = append(report.Notes, fmt.Sprintf("the audit log was not read for the usage location of %d users, because that takes a request for each", more))
	}
	events, err := r.source.Tenant.ReadAudit(ctx, state.AuditQuery{Since: report.Audit.From, Places: places})
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		report.Audit.Why, report.Audit.Hint = err.Error(), auditHint(err)
		r.loaded.project.warn("it is not known who made changes: %s; %s", report.Audit.Why, report.Audit.Hint)
	default:
		report.Audit.Read, report.Audit.Events = true, len(events)
	}
	recent := slices.DeleteFunc(slices.Clone(done), func(w drift.Write) bool { return w.At.Before(report.Audit.From) }) // both sides alike
	timeline := drift.NewTimeline(recent, events, strings.ToLower(r.loaded.project.tenant.Write.ClientID))
	report.MarkChanges(timeline, r.history.began(report.Last.Run, report.Last.At))
	report.RetainedData = drift.FindRetainedData(r.observed.Snapshot, r.observed.Catalog, done, events, r.now())
	return nil
}

// auditHint returns what would open the log.
func auditHint(err error) string {
	no, ok := errors.AsType[*state.Error](err)
	switch {
	case !ok:
		return "this is a defect of Seatwright: please report it with this message"
	case strings.Contains(no.Code, "NonPremiumTenant"):
		return "the log can be read in tenants with Microsoft Entra ID P1 or P2"
	}
	return no.Hint()
}
