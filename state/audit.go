package state

import (
	"context"
	"time"
)

// AuditQuery says which changes of users a log is asked for.
type AuditQuery struct {
	Since  time.Time // changes of licences at this time or later
	Places []UserID  // and changes of these users' usage locations
}

// AuditReader reads who changed users' licences and usage locations. Safe for use by
// several goroutines. Errors are of type [*Error] where the service answered.
type AuditReader interface {
	// ReadAudit brings the changes that were made, the oldest first. A log forgets
	// (Microsoft Entra: 30 days at most) and lags by minutes up to hours, so that what is
	// not in it may have happened all the same.
	ReadAudit(context.Context, AuditQuery) ([]AuditEvent, error)
}

// AuditEvent is one change of one user, as a log keeps it. What the log says of it is
// foreign text.
type AuditEvent struct {
	ID       string
	At       time.Time
	User     UserID // who was changed
	By       Actor
	Licenses *AuditedLicenses // nil: the entry does not say what the user held
	Location *AuditedLocation // nil: the entry is about licences
}

// Actor is who made a change: a user or an application, neither where the log is silent.
type Actor struct {
	User UserID
	App  string // application id, or that of its service principal where the log has no other; "" for a user, or where only the name is known
	Name string // user principal name, or the application's display name
}

// AuditedLicenses are all the licences of a user before and after a change, by whatever
// path he held them. Service plans that are off stand there as the log names them.
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
