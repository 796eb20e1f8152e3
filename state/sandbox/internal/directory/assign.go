package directory

import (
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// LicenseChange is the body of assignLicense.
type LicenseChange struct {
	Add    []AddLicense
	Remove []string
}

// Assign returns the state that assignLicense gives a user, or its refusal. It changes
// nothing.
func (t *Tenant) Assign(u *User, change LicenseChange, now time.Time) (UserState, *refusal.Error) {
	if refused := checkArrays(change); refused != nil {
		return UserState{}, refused
	}
	for _, id := range change.Remove {
		if refused := t.checkRemoval(u, id); refused != nil {
			return UserState{}, refused
		}
	}
	for _, a := range change.Add {
		if refused := t.checkAddition(a); refused != nil {
			return UserState{}, refused
		}
	}
	if refused := t.checkLocation(u, change.Add); refused != nil {
		return UserState{}, refused
	}
	if refused := t.checkSeats(u, change.Add); refused != nil {
		return UserState{}, refused
	}
	next := u.State
	next.Direct = t.changedLicenses(u.State.Direct, change, now)
	return next, checkRules(u, next)
}

// checkArrays refuses what is wrong for every user. Microsoft does not document what the
// service makes of a SKU on both sides, or twice on one side, so the sandbox refuses it.
func checkArrays(change LicenseChange) *refusal.Error {
	if len(change.Add) == 0 && len(change.Remove) == 0 {
		return refusal.BadRequest("No license changes provided. At least one license to add or remove must be specified.")
	}
	seen := slices.Clone(change.Remove)
	for _, a := range change.Add {
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

func (t *Tenant) checkRemoval(u *User, id string) *refusal.Error {
	s := t.skuByID[id]
	direct := slices.ContainsFunc(u.State.Direct, func(l License) bool { return l.SKU == s })
	switch {
	case s == nil:
		return notOwned(id)
	case direct:
		return nil
	case u.State.holds(s):
		return refusal.BadRequest("User license is inherited from a group membership and it cannot be removed directly from the user.")
	}
	return refusal.BadRequest("User does not have a corresponding license.")
}

func notOwned(id string) *refusal.Error {
	return refusal.BadRequest("License %s does not correspond to a valid company License.", id)
}

// checkAddition refuses licenses that cannot be assigned to any user. The message about a
// service plan that does not fit is ours, because the message of the service is not known.
func (t *Tenant) checkAddition(a AddLicense) *refusal.Error {
	s := t.skuByID[a.SKUID]
	if s == nil {
		return notOwned(a.SKUID)
	}
	if s.AppliesTo != "User" || s.Capability != "Enabled" && s.Capability != "Warning" {
		return refusal.BadRequest("License %s cannot be assigned to a user.", s.ID)
	}
	if s.selfService {
		return refusal.Denied()
	}
	for _, id := range a.DisabledPlans {
		p, found := s.Plan(id)
		switch {
		case !found:
			return refusal.BadRequest("License assignment failed because service plan %s does not belong to license %s.", id, s.ID)
		case p.AppliesTo == "Company":
			return refusal.BadRequest("License assignment failed because service plan %s of license %s applies to the company "+
				"and cannot be disabled for a user.", id, s.ID)
		}
	}
	return nil
}

// checkLocation refuses additions because of the user's usage location or proxy addresses.
// The message about a service plan that is not offered in a location is ours, because the
// message of the service is not known.
func (t *Tenant) checkLocation(u *User, add []AddLicense) *refusal.Error {
	if len(add) > 0 && u.State.Location == "" {
		return InvalidLocation()
	}
	for _, a := range add {
		wanted := License{SKU: t.skuByID[a.SKUID], Off: a.DisabledPlans}
		if plan := t.prohibited(wanted, u.State.Location); plan != "" {
			return refusal.BadRequest("License assignment failed because service plan %s is prohibited in the usage location %s.",
				plan, u.State.Location)
		}
		if u.collides && !u.State.holds(wanted.SKU) && wanted.enablesMailbox() {
			return refusal.BadRequest("Another object with the same value for property proxyAddresses already exists.")
		}
	}
	return nil
}

// checkSeats refuses additions without a free seat. A SKU that the user holds already takes
// no seat. What the same call removes frees no seat of another SKU.
func (t *Tenant) checkSeats(u *User, add []AddLicense) *refusal.Error {
	for _, a := range add {
		s := t.skuByID[a.SKUID]
		if !u.State.holds(s) && s.Free() <= 0 {
			refused := refusal.BadRequest("Subscription with SKU %s does not have any available licenses.", s.ID)
			refused.Seats = true
			return refused.WithVariant(variant.SeatsLeft, fmt.Sprintf("Subscription with Account %s and SKU %s does not have any available licenses left.",
				t.Organization.ID, s.ID))
		}
	}
	return nil
}

// changedLicenses returns the own licenses of a user or group after a change that was
// checked. The disabled plans of an addition replace the earlier ones. An addition that
// changes nothing keeps its old date.
func (t *Tenant) changedLicenses(have []License, change LicenseChange, now time.Time) []License {
	var out []License
	added := make([]License, 0, len(change.Add))
	for _, a := range change.Add {
		off := slices.Compact(slices.Sorted(slices.Values(a.DisabledPlans)))
		added = append(added, License{SKU: t.skuByID[a.SKUID], Off: off, updated: now})
	}
	for _, l := range have {
		i := slices.IndexFunc(added, func(a License) bool { return a.SKU == l.SKU })
		switch {
		case i >= 0 && slices.Equal(added[i].Off, l.Off):
			added[i].updated = l.updated
		case i < 0 && !slices.Contains(change.Remove, l.SKU.ID):
			out = append(out, l)
		}
	}
	out = append(out, added...)
	slices.SortFunc(out, compareLicenses)
	return out
}

// InvalidLocation returns the refusal of licenses for a user without a usage location.
func InvalidLocation() *refusal.Error {
	return refusal.BadRequest("License assignment cannot be done for user with invalid usage location.")
}
