package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Writer makes changes of a tenant: each whole or not at all, kept, and recorded.
type Writer struct {
	tenant     *Tenant
	changed    func(line []byte) error
	now        func() time.Time
	groupDelay time.Duration
	variants   variant.Set
}

// NewWriter returns the writer of a tenant. It hands every change that took effect to
// changed, unless that is nil; if changed fails, the change is undone. Members of a group
// wait for groupDelay by now.
func NewWriter(t *Tenant, changed func(line []byte) error, now func() time.Time, groupDelay time.Duration, variants variant.Set) *Writer {
	return &Writer{tenant: t, changed: changed, now: now, groupDelay: groupDelay, variants: variants}
}

// Refuse records a write whose body makes no sense.
func (x *Writer) Refuse(w Write, refused *refusal.Error) {
	x.tenant.mu.Lock()
	defer x.tenant.mu.Unlock()
	if u, ok := x.tenant.user(w.User); ok {
		w.UserID, w.UserPrincipalName = u.id, u.upn
	}
	x.tenant.record.note(w, refused)
}

// Write decides on a change, makes it, has it kept and records it, all under
// the lock: it is made whole or not at all, and no seat is given twice.
func (x *Writer) Write(w Write, decide func(*user) (userState, *refusal.Error)) (*user, *refusal.Error) {
	t := x.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	u, found := t.user(w.User)
	if !found {
		refused := refusal.NotFound(w.User)
		t.record.note(w, refused)
		return nil, refused
	}
	w.UserID, w.UserPrincipalName = u.id, u.upn
	before := u.state
	next, refused := decide(u)
	if refused == nil {
		w.TookEffect, refused = x.keep(u, next)
	}
	refused = refused.Worded(x.variants)
	t.record.note(w, refused)
	t.history.note(change{at: w.At, user: u, before: before, after: u.state, refused: refused})
	return u, refused
}

// keep makes a change and hands it to the caller's Changed, or undoes it.
func (x *Writer) keep(u *user, next userState) (tookEffect bool, refused *refusal.Error) {
	if next.equal(u.state) {
		return false, nil
	}
	before, plans := u.state, u.state.plansOn()
	x.tenant.set(u, next)
	if x.changed != nil {
		if err := x.changed(x.tenant.change([]*user{u})); err != nil {
			x.tenant.set(u, before)
			return false, notKept(err)
		}
	}
	x.tenant.noteSeats()
	x.tenant.record.notePlans(u, plans, x.now())
	return true, nil
}

func notKept(err error) *refusal.Error {
	return &refusal.Error{Status: http.StatusInternalServerError, Code: refusal.CodeInternalError,
		Message: fmt.Sprintf("The change could not be kept: %v", err)}
}

// AssignToGroup changes the licenses of a group, unless the body was refused already.
func (x *Writer) AssignToGroup(w Write, asked licenceChange, refused *refusal.Error) (*group, *refusal.Error) {
	t := x.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	g, found := t.group(w.User)
	if !found && refused == nil {
		refused = refusal.NotFound(w.User)
	}
	if refused == nil {
		refused = t.checkGroupChange(g, asked)
	}
	if refused == nil {
		w.TookEffect, refused = x.keepGroup(g, groupState{licences: t.changedLicences(g.state.licences, asked, w.At), asked: w.At})
	}
	t.record.note(w, refused)
	return g, refused
}

// keepGroup makes a change and hands it to the caller's Changed, or undoes it. A
// group that is told what it has already waits for nothing.
func (x *Writer) keepGroup(g *group, next groupState) (tookEffect bool, refused *refusal.Error) {
	if slices.EqualFunc(next.licences, g.state.licences, licence.equal) {
		return false, nil
	}
	before := g.state
	x.tenant.setGroup(g, next)
	if x.changed != nil {
		if err := x.changed(x.tenant.change(nil, g)); err != nil {
			x.tenant.setGroup(g, before)
			return false, notKept(err)
		}
	}
	return true, nil
}
