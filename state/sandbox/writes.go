package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// assignLicense answers POST users/{id}/assignLicense with the user's default
// properties: recorded answers have no licenses in them.
func (svc *service) assignLicense(c *call) response {
	w := newWrite(c, "users/{id}/assignLicense")
	change, refused := parseAssign(c, svc.variants)
	if refused != nil {
		svc.writer.Refuse(w, refused)
		return c.refuse(refused)
	}
	w.Add, w.Remove, w.Status = change.Add, change.Remove, http.StatusOK
	u, refused := svc.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) {
		if refused := svc.locations.refuse(u, change); refused != nil {
			return directory.UserState{}, refused
		}
		return svc.tenant.Assign(u, change, w.At)
	})
	return svc.afterLicensing(c, u, refused)
}

// reprocess answers POST users/{id}/reprocessLicenseAssignment: licenses that the user's
// groups could not give before are tried once more.
func (svc *service) reprocess(c *call) response {
	w := newWrite(c, "users/{id}/reprocessLicenseAssignment")
	w.Status = http.StatusOK
	u, refused := svc.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) { return svc.tenant.Reprocess(u, w.At) })
	return svc.afterLicensing(c, u, refused)
}

func (svc *service) afterLicensing(c *call, u *directory.User, refused *refusal.Error) response {
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	properties := userShape.project(u, nil)
	if svc.variants.Has(variant.LicensesInAnswer) {
		properties = append(properties, userShape.project(u, []string{"accountEnabled", "assignedLicenses", "assignedPlans"})...)
	}
	return entity(c, "users", query.Options{}, properties)
}

// patchUser answers PATCH users/{id}. The usageLocation of synchronized users can be
// changed too, because Graph lets cloud administrators set it.
func (svc *service) patchUser(c *call) response {
	w := newWrite(c, "users/{id}")
	fields, refused := parseObject(c)
	if refused == nil {
		refused = svc.masteredElsewhere(w.User, fields)
	}
	if refused != nil {
		svc.writer.Refuse(w, refused)
		return c.refuse(refused)
	}
	location, refused := parseLocation(fields)
	if refused != nil {
		svc.writer.Refuse(w, refused)
		return c.refuse(refused)
	}
	w.UsageLocation, w.Status = location, http.StatusNoContent
	_, refused = svc.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) {
		svc.locations.note(u)
		next := u.State
		next.Location = location
		return next, nil
	})
	if refused != nil {
		return c.refuse(refused)
	}
	return response{status: http.StatusNoContent}
}

// masteredElsewhere refuses to change properties that a synchronized user has from their
// own directory.
func (svc *service) masteredElsewhere(key string, fields map[string]json.RawMessage) *refusal.Error {
	u, found := svc.tenant.User(key)
	if !found || u.Attributes["onPremisesSyncEnabled"] != true {
		return nil
	}
	for name := range fields {
		if !strings.Contains(name, "@") && (name != "usageLocation" || svc.variants.Has(variant.SyncedRefused)) {
			return refusal.BadRequest("Unable to update the specified properties for on-premises mastered Directory Sync objects " +
				"or objects currently undergoing migration.")
		}
	}
	return nil
}

func newWrite(c *call, route string) directory.Write {
	return directory.Write{At: c.now().UTC().Truncate(time.Second), Method: c.method, Route: route, User: c.params[0]}
}
