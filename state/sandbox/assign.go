package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// licenceChange is the body of assignLicense.
type licenceChange struct {
	add    []AddLicense
	remove []string
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

// invalidLocation refuses licenses for want of a usage location.
func invalidLocation() *refusal.Error {
	return &refusal.Error{Status: http.StatusBadRequest, Code: refusal.CodeBadRequest,
		Message: "License assignment cannot be done for user with invalid usage location."}
}
