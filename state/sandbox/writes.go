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
// properties: recorded answers have no licences in them.
func (f *face) assignLicense(c *call) answer {
	w := f.newWrite(c, "users/{id}/assignLicense")
	change, refused := f.parseAssign(c)
	if refused != nil {
		f.writer.Refuse(w, refused)
		return f.answerTo(c, refused)
	}
	w.Add, w.Remove, w.Status = change.Add, change.Remove, http.StatusOK
	u, refused := f.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) {
		if refused := f.unlocated(u, change); refused != nil {
			return directory.UserState{}, refused
		}
		return f.tenant.Assign(u, change, w.At)
	})
	return f.afterLicensing(c, u, refused)
}

// reprocess answers POST users/{id}/reprocessLicenseAssignment: what the user's
// groups could not give him before is tried once more.
func (f *face) reprocess(c *call) answer {
	w := f.newWrite(c, "users/{id}/reprocessLicenseAssignment")
	w.Status = http.StatusOK
	u, refused := f.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) { return f.tenant.Reprocess(u, w.At) })
	return f.afterLicensing(c, u, refused)
}

func (f *face) afterLicensing(c *call, u *directory.User, refused *refusal.Error) answer {
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
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
		f.writer.Refuse(w, refused)
		return f.answerTo(c, refused)
	}
	location, refused := parseLocation(fields)
	if refused != nil {
		f.writer.Refuse(w, refused)
		return f.answerTo(c, refused)
	}
	w.UsageLocation, w.Status = location, http.StatusNoContent
	_, refused = f.writer.Write(w, func(u *directory.User) (directory.UserState, *refusal.Error) {
		f.locate(u)
		next := u.State
		next.Location = location
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
	u, found := f.tenant.User(key)
	if !found || u.Attributes["onPremisesSyncEnabled"] != true {
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

func (f *face) newWrite(c *call, route string) directory.Write {
	return directory.Write{At: f.now().UTC().Truncate(time.Second), Method: c.method, Route: route, User: c.params[0]}
}
