package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// assignLicense answers POST users/{id}/assignLicense with the user's default
// properties: recorded answers have no licences in them.
func (f *face) assignLicense(c *call) answer {
	w := f.newWrite(c, "users/{id}/assignLicense")
	change, refused := f.parseAssign(c)
	if refused != nil {
		return f.refuseWrite(c, w, refused)
	}
	w.Add, w.Remove, w.Status = change.add, change.remove, http.StatusOK
	u, refused := f.write(w, func(u *user) (userState, *refusal.Error) {
		if refused := f.unlocated(u, change); refused != nil {
			return userState{}, refused
		}
		return f.tenant.assign(u, change, w.At)
	})
	return f.afterLicensing(c, u, refused)
}

// reprocess answers POST users/{id}/reprocessLicenseAssignment: what the user's
// groups could not give him before is tried once more.
func (f *face) reprocess(c *call) answer {
	w := f.newWrite(c, "users/{id}/reprocessLicenseAssignment")
	w.Status = http.StatusOK
	u, refused := f.write(w, func(u *user) (userState, *refusal.Error) { return f.tenant.reprocess(u, w.At) })
	return f.afterLicensing(c, u, refused)
}

func (f *face) afterLicensing(c *call, u *user, refused *refusal.Error) answer {
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	properties := userShape.project(u, nil)
	if f.variants.Has(variant.LicencesInAnswer) {
		properties = append(properties, userShape.project(u, []string{"accountEnabled", "assignedLicenses", "assignedPlans"})...)
	}
	return entity(c, "users", query.Options{}, properties)
}

// patchUser answers PATCH users/{id}. The usageLocation of synchronised users is
// changed as well: Graph lets cloud administrators fill it.
func (f *face) patchUser(c *call) answer {
	w := f.newWrite(c, "users/{id}")
	fields, refused := parseObject(c)
	if refused == nil {
		refused = f.masteredElsewhere(w.User, fields)
	}
	if refused != nil {
		return f.refuseWrite(c, w, refused)
	}
	location, refused := parseLocation(fields)
	if refused != nil {
		return f.refuseWrite(c, w, refused)
	}
	w.UsageLocation, w.Status = location, http.StatusNoContent
	_, refused = f.write(w, func(u *user) (userState, *refusal.Error) {
		f.locate(u)
		next := u.state
		next.location = location
		return next, nil
	})
	if refused != nil {
		return f.answerTo(c, refused)
	}
	return answer{status: http.StatusNoContent}
}

// masteredElsewhere refuses to change what a synchronised user has from his own
// directory.
func (f *face) masteredElsewhere(key string, fields map[string]json.RawMessage) *refusal.Error {
	u, found := f.tenant.user(key)
	if !found || u.attributes["onPremisesSyncEnabled"] != true {
		return nil
	}
	for name := range fields {
		if !strings.Contains(name, "@") && (name != "usageLocation" || f.variants.Has(variant.SyncedRefused)) {
			return refusal.BadRequest("Unable to update the specified properties for on-premises mastered Directory Sync objects " +
				"or objects currently undergoing migration.")
		}
	}
	return nil
}

func (f *face) newWrite(c *call, route string) Write {
	return Write{At: f.now().UTC().Truncate(time.Second), Method: c.method, Route: route, User: c.params[0]}
}

// refuseWrite records and answers a write whose body makes no sense.
func (f *face) refuseWrite(c *call, w Write, refused *refusal.Error) answer {
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
func (f *face) write(w Write, decide func(*user) (userState, *refusal.Error)) (*user, *refusal.Error) {
	t := f.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	u, found := t.user(w.User)
	if !found {
		refused := refusal.NotFound(w.User)
		t.note(w, refused)
		return nil, refused
	}
	w.UserID, w.UserPrincipalName = u.id, u.upn
	before := u.state
	next, refused := decide(u)
	if refused == nil {
		w.TookEffect, refused = f.keep(u, next)
	}
	refused = refused.Worded(f.variants)
	t.note(w, refused)
	t.noteChange(change{at: w.At, user: u, before: before, after: u.state, refused: refused})
	return u, refused
}

// keep makes a change and hands it to the caller's Changed, or undoes it.
func (f *face) keep(u *user, next userState) (tookEffect bool, refused *refusal.Error) {
	if next.equal(u.state) {
		return false, nil
	}
	before, plans := u.state, u.state.plansOn()
	f.tenant.set(u, next)
	if f.changed != nil {
		if err := f.changed(f.tenant.change([]*user{u})); err != nil {
			f.tenant.set(u, before)
			return false, notKept(err)
		}
	}
	f.tenant.noteSeats()
	f.tenant.notePlans(u, plans, f.now())
	return true, nil
}

func notKept(err error) *refusal.Error {
	return &refusal.Error{Status: http.StatusInternalServerError, Code: refusal.CodeInternalError,
		Message: fmt.Sprintf("The change could not be kept: %v", err)}
}

// assign decides what assignLicense makes of a user. It changes nothing.
func (t *Tenant) assign(u *user, change licenceChange, now time.Time) (userState, *refusal.Error) {
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
	if refused := t.checkPlace(u, change.add); refused != nil {
		return userState{}, refused
	}
	if refused := t.checkRoom(u, change.add); refused != nil {
		return userState{}, refused
	}
	next := t.after(u, change, now)
	return next, checkRules(u, next)
}

// checkArrays refuses what is wrong whoever the user is. What the service makes
// of a SKU on both sides, or twice on one, is not known: nobody should send it.
func checkArrays(change licenceChange) *refusal.Error {
	if len(change.add) == 0 && len(change.remove) == 0 {
		return refusal.BadRequest("No license changes provided. At least one license to add or remove must be specified.")
	}
	seen := slices.Clone(change.remove)
	for _, a := range change.add {
		seen = append(seen, a.SKUID)
	}
	slices.Sort(seen)
	for i := range len(seen) - 1 {
		if seen[i] == seen[i+1] {
			return refusal.BadRequest("License %s is named more than once in addLicenses and removeLicenses.", seen[i])
		}
	}
	return nil
}

func (t *Tenant) checkRemoval(u *user, id string) *refusal.Error {
	s := t.skuByID[id]
	direct := slices.ContainsFunc(u.state.direct, func(l licence) bool { return l.sku == s })
	switch {
	case s == nil:
		return notOwned(id)
	case direct:
		return nil
	case u.state.holds(s):
		return refusal.BadRequest("User license is inherited from a group membership and it cannot be removed directly from the user.")
	}
	return refusal.BadRequest("User does not have a corresponding license.")
}

func notOwned(id string) *refusal.Error {
	return refusal.BadRequest("License %s does not correspond to a valid company License.", id)
}

// checkAddition refuses what nobody can be given. The words for a service plan
// that does not fit are ours: those of the service are not known.
func (t *Tenant) checkAddition(a AddLicense) *refusal.Error {
	s := t.skuByID[a.SKUID]
	if s == nil {
		return notOwned(a.SKUID)
	}
	if s.appliesTo != "User" || s.capability != "Enabled" && s.capability != "Warning" {
		return refusal.BadRequest("License %s cannot be assigned to a user.", s.id)
	}
	if s.selfService {
		return &refusal.Error{Status: http.StatusForbidden, Code: refusal.CodeDenied, Message: "Insufficient privileges to complete the operation."}
	}
	for _, id := range a.DisabledPlans {
		p, found := s.plan(id)
		switch {
		case !found:
			return refusal.BadRequest("License assignment failed because service plan %s does not belong to license %s.", id, s.id)
		case p.AppliesTo == "Company":
			return refusal.BadRequest("License assignment failed because service plan %s of license %s applies to the company "+
				"and cannot be disabled for a user.", id, s.id)
		}
	}
	return nil
}

// checkPlace refuses additions for where the user is, or for his addresses. What
// the service says of a service plan that is not offered there is not known; the
// words are ours.
func (t *Tenant) checkPlace(u *user, add []AddLicense) *refusal.Error {
	if len(add) > 0 && u.state.location == "" {
		return invalidLocation()
	}
	for _, a := range add {
		wanted := licence{sku: t.skuByID[a.SKUID], off: a.DisabledPlans}
		if plan := t.prohibited(wanted, u.state.location); plan != "" {
			return refusal.BadRequest("License assignment failed because service plan %s is prohibited in the usage location %s.",
				plan, u.state.location)
		}
		if u.collides && !u.state.holds(wanted.sku) && wanted.mails() {
			return refusal.BadRequest("Another object with the same value for property proxyAddresses already exists.")
		}
	}
	return nil
}

// checkRoom refuses additions that there is no seat for. A SKU that the user holds
// already takes no seat; what the same call removes frees no seat of another SKU.
func (t *Tenant) checkRoom(u *user, add []AddLicense) *refusal.Error {
	for _, a := range add {
		s := t.skuByID[a.SKUID]
		if !u.state.holds(s) && s.free() <= 0 {
			refused := refusal.BadRequest("Subscription with SKU %s does not have any available licenses.", s.id)
			refused.Seats = true
			return refused.Under(variant.SeatsLeft, fmt.Sprintf("Subscription with Account %s and SKU %s does not have any available licenses left.",
				t.organization.id, s.id))
		}
	}
	return nil
}

// after is the user's state once a change that was checked is made. The
// disabled plans of an addition replace the ones before; an addition that
// changes nothing keeps its old date.
func (t *Tenant) after(u *user, change licenceChange, now time.Time) userState {
	next := u.state
	next.direct = t.changedLicences(u.state.direct, change, now)
	return next
}

// changedLicences are a user's or group's own licences after a change.
func (t *Tenant) changedLicences(have []licence, change licenceChange, now time.Time) []licence {
	var out []licence
	added := make([]licence, 0, len(change.add))
	for _, a := range change.add {
		off := slices.Compact(slices.Sorted(slices.Values(a.DisabledPlans)))
		added = append(added, licence{sku: t.skuByID[a.SKUID], off: off, updated: now})
	}
	for _, l := range have {
		i := slices.IndexFunc(added, func(a licence) bool { return a.sku == l.sku })
		switch {
		case i >= 0 && slices.Equal(added[i].off, l.off):
			added[i].updated = l.updated
		case i < 0 && !slices.Contains(change.remove, l.sku.id):
			out = append(out, l)
		}
	}
	out = append(out, added...)
	slices.SortFunc(out, compareLicences)
	return out
}
