package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// assignLicense answers POST users/{id}/assignLicense with the user's default
// properties: recorded answers have no licences in them.
func (f *face) assignLicense(c *call) answer {
	w := f.newWrite(c, "users/{id}/assignLicense")
	change, refused := parseAssign(c)
	if refused != nil {
		return f.refuseWrite(c, w, refused)
	}
	w.Add, w.Remove, w.Status = change.add, change.remove, http.StatusOK
	u, refused := f.write(w, func(u *user) (userState, *refusal) {
		if refused := f.unlocated(u, change); refused != nil {
			return userState{}, refused
		}
		return f.tenant.assign(u, change, w.At)
	})
	if refused != nil {
		return f.answerTo(c, refused)
	}
	return entity(c, "users", options{}, userShape.project(u, nil))
}

// patchUser answers PATCH users/{id}. Synchronised users are changed as well:
// Graph lets cloud administrators fill their usageLocation.
func (f *face) patchUser(c *call) answer {
	w := f.newWrite(c, "users/{id}")
	location, refused := parseLocation(c)
	if refused != nil {
		return f.refuseWrite(c, w, refused)
	}
	w.UsageLocation, w.Status = location, http.StatusNoContent
	_, refused = f.write(w, func(u *user) (userState, *refusal) {
		f.locate(u)
		return userState{location: location, direct: u.state.direct}, nil
	})
	if refused != nil {
		return f.answerTo(c, refused)
	}
	return answer{status: http.StatusNoContent}
}

func (f *face) newWrite(c *call, route string) Write {
	return Write{At: f.now().UTC().Truncate(time.Second), Method: c.method, Route: route, User: c.params[0]}
}

// refuseWrite records and answers a write whose body makes no sense.
func (f *face) refuseWrite(c *call, w Write, refused *refusal) answer {
	f.tenant.mu.Lock()
	defer f.tenant.mu.Unlock()
	if u, ok := f.tenant.user(w.User); ok {
		w.UserID, w.UserPrincipalName = u.id, u.upn
	}
	f.tenant.note(w, refused)
	return f.answerTo(c, refused)
}

// write decides on a change, makes it, has it kept and records it, all under
// the lock: it is made whole or not at all, and no seat is given twice.
func (f *face) write(w Write, decide func(*user) (userState, *refusal)) (*user, *refusal) {
	t := f.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	u, found := t.user(w.User)
	if !found {
		refused := notFound(w.User)
		t.note(w, refused)
		return nil, refused
	}
	w.UserID, w.UserPrincipalName = u.id, u.upn
	next, refused := decide(u)
	if refused == nil {
		w.TookEffect, refused = f.keep(u, next)
	}
	t.note(w, refused)
	return u, refused
}

// keep makes a change and hands it to the caller's Changed, or undoes it.
func (f *face) keep(u *user, next userState) (tookEffect bool, refused *refusal) {
	if next.equal(u.state) {
		return false, nil
	}
	before, plans := u.state, u.plansOn(u.state)
	f.tenant.set(u, next)
	if f.changed != nil {
		if err := f.changed(f.tenant.change(u)); err != nil {
			f.tenant.set(u, before)
			return false, &refusal{status: http.StatusInternalServerError, code: codeInternalError,
				message: fmt.Sprintf("The change could not be kept: %v", err)}
		}
	}
	f.tenant.noteSeats()
	f.tenant.notePlans(u, plans, f.now())
	return true, nil
}

// assign decides what assignLicense makes of a user. It changes nothing.
func (t *Tenant) assign(u *user, change licenceChange, now time.Time) (userState, *refusal) {
	if refused := checkArrays(change); refused != nil {
		return userState{}, refused
	}
	for _, id := range change.remove {
		if refused := t.checkRemoval(u, id); refused != nil {
			return userState{}, refused
		}
	}
	for _, a := range change.add {
		if refused := t.checkAddition(a); refused != nil {
			return userState{}, refused
		}
	}
	if refused := t.checkRoom(u, change.add); refused != nil {
		return userState{}, refused
	}
	next := t.after(u, change, now)
	return next, checkRules(u, next)
}

// checkArrays refuses what is wrong whoever the user is. What the service makes
// of a SKU on both sides, or twice on one, is not known: nobody should send it.
func checkArrays(change licenceChange) *refusal {
	if len(change.add) == 0 && len(change.remove) == 0 {
		return badRequest("No license changes provided. At least one license to add or remove must be specified.")
	}
	seen := slices.Clone(change.remove)
	for _, a := range change.add {
		seen = append(seen, a.SKUID)
	}
	slices.Sort(seen)
	for i := range len(seen) - 1 {
		if seen[i] == seen[i+1] {
			return badRequest("License %s is named more than once in addLicenses and removeLicenses.", seen[i])
		}
	}
	return nil
}

func (t *Tenant) checkRemoval(u *user, id string) *refusal {
	s := t.skuByID[id]
	direct := slices.ContainsFunc(u.state.direct, func(l licence) bool { return l.sku == s })
	switch {
	case s == nil:
		return notOwned(id)
	case direct:
		return nil
	case u.holds(u.state, s):
		return badRequest("User license is inherited from a group membership and it cannot be removed directly from the user.")
	}
	return badRequest("User does not have a corresponding license.")
}

func notOwned(id string) *refusal {
	return badRequest("License %s does not correspond to a valid company License.", id)
}

// checkAddition refuses what nobody can be given. The words for a service plan
// that does not fit are ours: those of the service are not known.
func (t *Tenant) checkAddition(a AddLicense) *refusal {
	s := t.skuByID[a.SKUID]
	if s == nil {
		return notOwned(a.SKUID)
	}
	if s.appliesTo != "User" || s.capability != "Enabled" && s.capability != "Warning" {
		return badRequest("License %s cannot be assigned to a user.", s.id)
	}
	for _, id := range a.DisabledPlans {
		p, found := s.plan(id)
		switch {
		case !found:
			return badRequest("License assignment failed because service plan %s does not belong to license %s.", id, s.id)
		case p.AppliesTo == "Company":
			return badRequest("License assignment failed because service plan %s of license %s applies to the company "+
				"and cannot be disabled for a user.", id, s.id)
		}
	}
	return nil
}

// checkRoom refuses additions that the user or the seats have no place for. A
// SKU that the user holds already takes no seat; what the same call removes
// frees no seat of another SKU.
func (t *Tenant) checkRoom(u *user, add []AddLicense) *refusal {
	if len(add) > 0 && u.state.location == "" {
		return invalidLocation()
	}
	for _, a := range add {
		s := t.skuByID[a.SKUID]
		if !u.holds(u.state, s) && s.free() <= 0 {
			refused := badRequest("Subscription with SKU %s does not have any available licenses.", s.id)
			refused.seats = true
			return refused
		}
	}
	return nil
}

// after is the user's state once a change that was checked is made. The
// disabled plans of an addition replace the ones before; an addition that
// changes nothing keeps its old date.
func (t *Tenant) after(u *user, change licenceChange, now time.Time) userState {
	next := userState{location: u.state.location}
	added := make([]licence, 0, len(change.add))
	for _, a := range change.add {
		off := slices.Compact(slices.Sorted(slices.Values(a.DisabledPlans)))
		added = append(added, licence{sku: t.skuByID[a.SKUID], off: off, updated: now})
	}
	for _, l := range u.state.direct {
		i := slices.IndexFunc(added, func(a licence) bool { return a.sku == l.sku })
		switch {
		case i >= 0 && slices.Equal(added[i].off, l.off):
			added[i].updated = l.updated
		case i < 0 && !slices.Contains(change.remove, l.sku.id):
			next.direct = append(next.direct, l)
		}
	}
	next.direct = append(next.direct, added...)
	slices.SortFunc(next.direct, compareLicences)
	return next
}
