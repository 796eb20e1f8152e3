package directory

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Writer changes a tenant. Each change is made completely or not at all, kept, and
// recorded.
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

// Refuse records a write whose body is not valid.
func (x *Writer) Refuse(w Write, refused *refusal.Error) {
	x.tenant.mu.Lock()
	defer x.tenant.mu.Unlock()
	if u, ok := x.tenant.User(w.User); ok {
		w.UserID, w.UserPrincipalName = u.ID, u.UPN
	}
	x.tenant.record.note(w, refused)
}

// Write decides on a change, makes it, has it kept and records it, all under the lock. So
// it is made completely or not at all, and no seat is given twice.
func (x *Writer) Write(w Write, decide func(*User) (UserState, *refusal.Error)) (*User, *refusal.Error) {
	t := x.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	u, found := t.User(w.User)
	if !found {
		refused := refusal.NotFound(w.User)
		t.record.note(w, refused)
		return nil, refused
	}
	w.UserID, w.UserPrincipalName = u.ID, u.UPN
	before := u.State
	next, refused := decide(u)
	if refused == nil {
		w.TookEffect, refused = x.keep(u, next)
	}
	refused = refused.ForVariants(x.variants)
	t.record.note(w, refused)
	t.History.note(change{at: w.At, user: u, before: before, after: u.State, refused: refused})
	return u, refused
}

// keep makes a change and hands it to the caller's Changed, or undoes it.
func (x *Writer) keep(u *User, next UserState) (tookEffect bool, refused *refusal.Error) {
	if next.equal(u.State) {
		return false, nil
	}
	before, plans := u.State, u.State.plansOn()
	x.tenant.setUser(u, next)
	if x.changed != nil {
		if err := x.changed(x.tenant.change([]*User{u})); err != nil {
			x.tenant.setUser(u, before)
			return false, notKept(err)
		}
	}
	x.tenant.noteSeats()
	x.tenant.record.notePlans(u, plans, x.now())
	return true, nil
}

func notKept(err error) *refusal.Error {
	return refusal.Internal("The change could not be kept: %v", err)
}

// AssignToGroup changes the licenses of a group, unless the body was refused already.
func (x *Writer) AssignToGroup(w Write, asked LicenseChange, refused *refusal.Error) (*Group, *refusal.Error) {
	t := x.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	g, found := t.Group(w.User)
	if !found && refused == nil {
		refused = refusal.NotFound(w.User)
	}
	if refused == nil {
		refused = t.checkGroupChange(g, asked)
	}
	if refused == nil {
		w.TookEffect, refused = x.keepGroup(g, groupState{Licenses: t.changedLicenses(g.State.Licenses, asked, w.At), asked: w.At})
	}
	t.record.note(w, refused)
	return g, refused
}

// keepGroup makes a change and hands it to the caller's Changed, or undoes it. A group that
// is assigned what it has already waits for nothing.
func (x *Writer) keepGroup(g *Group, next groupState) (tookEffect bool, refused *refusal.Error) {
	if slices.EqualFunc(next.Licenses, g.State.Licenses, License.equal) {
		return false, nil
	}
	before := g.State
	x.tenant.setGroup(g, next)
	if x.changed != nil {
		if err := x.changed(x.tenant.change(nil, g)); err != nil {
			x.tenant.setGroup(g, before)
			return false, notKept(err)
		}
	}
	return true, nil
}
