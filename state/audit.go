package state

import (
	"context"
	"time"
)

// AuditQuery selects changes of users in an audit log.
type AuditQuery struct {
	Since  time.Time // changes of licenses at this time or later
	Places []UserID  // and changes of these users' usage locations
}

// AuditReader reads changes of users' licenses and usage locations, and who made them. It
// is safe for use by several goroutines. Errors are of type [*Error] where the service
// answered.
type AuditReader interface {
	// ReadAudit returns the changes that were made, the oldest first. An audit log keeps
	// entries for a limited time (Microsoft Entra: at most 30 days) and lags by minutes
	// up to hours. A change that is not in it may still have happened.
	ReadAudit(context.Context, AuditQuery) ([]AuditEvent, error)
}

// AuditEvent is one change of one user, as a log keeps it. Its text is foreign text.
type AuditEvent struct {
	ID       string
	At       time.Time
	User     UserID // the changed user
	By       Actor
	Licenses *AuditedLicenses // nil: the entry does not have the user's licenses
	Location *AuditedLocation // nil: the entry is about licenses
}

// Actor is who made a change: a user or an application, or neither where the log does not
// have it.
type Actor struct {
	User UserID
	App  string // application id, or that of its service principal where the log has no other; "" for a user, or where only the name is known
	Name string // user principal name, or the application's display name
}

// AuditedLicenses are all the licenses of a user before and after a change, direct and
// inherited. Service plans that are off are listed as the log names them.
type AuditedLicenses struct {
	Before, After []AuditedLicense
}

// AuditedLicense is one SKU that a user held.
type AuditedLicense struct {
	SKU      SKUID
	Disabled []string // ids or names, sorted
}

// AuditedLocation is a usage location before and after a change; "" is unset.
type AuditedLocation struct {
	Before, After string
}
