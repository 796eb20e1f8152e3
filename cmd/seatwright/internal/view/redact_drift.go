package view

import (
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/state"
)

// redactDrift returns a copy of the report to be shown. Keys contain object ids. RedactAll
// removes them too, so that such keys are of no use in accept.yaml.
func redactDrift(d *drift.Report, how Redaction) *drift.Report {
	if how == RedactNone {
		return d
	}
	r := newRedactor(how)
	shown := *d
	shown.Items, shown.Superseded = each(d.Items, r.item), each(d.Superseded, r.item)
	shown.RetainedData = each(d.RetainedData, func(o drift.RetainedData) drift.RetainedData { o.User, o.By = r.user(o.User), r.actor(o.By); return o })
	shown.Guards = each(d.Guards, func(g plan.Guard) plan.Guard { g.Detail = r.text(g.Detail); return g })
	shown.Notes = each(d.Notes, r.text)
	shown.Undecided, shown.Audit.Why = r.text(d.Undecided), r.text(d.Audit.Why)
	if r.all {
		shown.Tenant.ID = state.TenantID{}
	}
	return &shown
}

func (r *redactor) item(x drift.Item) drift.Item {
	id := x.User.ID.String()
	x.User = r.user(x.User)
	if r.all {
		x.Key = strings.Replace(x.Key, id, x.User.UserPrincipalName, 1)
	}
	x.Because, x.Detail = each(x.Because, r.because), r.text(x.Detail)
	if r.all && x.Detail != "" {
		x.Detail = strings.ReplaceAll(string(x.Reason), "_", " ")
	}
	x.Changed = each(x.Changed, func(t drift.Change) drift.Change { t.By = r.actor(t.By); return t })
	x.Moved = each(x.Moved, func(m drift.Move) drift.Move {
		m.Selector = r.because(plan.Because{Selector: m.Selector}).Selector
		return m
	})
	if x.Flapping != nil {
		flapping := *x.Flapping
		flapping.With = each(flapping.With, r.actor)
		x.Flapping = &flapping
	}
	if x.Accepted != nil {
		accepted := *x.Accepted
		accepted.Reason = r.text(accepted.Reason)
		x.Accepted = &accepted
	}
	return x
}

// actor keeps the id of the actor, and the name of an application. RedactAll keeps only the
// kind.
func (r *redactor) actor(a drift.Actor) drift.Actor {
	switch {
	case r.all:
		return drift.Actor{Kind: a.Kind}
	case a.Kind == drift.ActorUser:
		a.Name = ""
	}
	a.Name = r.text(a.Name)
	return a
}
