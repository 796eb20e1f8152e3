package state

import "context"

// Query selects what a read must return. The zero Query returns nothing.
type Query struct {
	Organization bool
	SKUs         bool
	AllUsers     bool
	Users        []UserID  // these users, if not all; one that does not exist is absent from the result
	UPNs         []string  // and these
	Groups       bool      // names of the groups that give licenses to the users read
	Licensing    bool      // every group that gives one of the tenant's SKUs, with licenses and direct members
	Roles        bool      // every role-assignable group, with its transitive members; and the user who signs in, if a user does
	Everyone     []GroupID // these groups, with their transitive members; one that does not exist is absent
}

// Everything returns the query of a full read: everything that the licenses of all users
// depend on.
func Everything() Query {
	return Query{Organization: true, SKUs: true, AllUsers: true, Groups: true, Licensing: true}
}

// Reader reads a tenant. It is safe for use by several goroutines. Errors are of type
// [*Error] where the service answered.
type Reader interface {
	// Read returns what the query names. A list that could not be read to its end is an
	// error, never a short list. If some of the requested data of a user is missing, the
	// user is left out and the snapshot is not complete. If only names of groups are
	// missing, the snapshot is still complete.
	Read(context.Context, Query) (*Snapshot, error)
}

// Change is one write on one user: either a usage location, or licenses in one call that
// adds and removes together.
type Change struct {
	User     UserID
	Step     string    // id of the plan's step, under which the service's log names it; "" for none
	Location string    // two letters; then Add and Remove are empty
	Add      []License // new ones, and present ones whose service plans change
	Remove   []SKUID
}

// Writer changes users. It is safe for use by several goroutines.
type Writer interface {
	// Write sends the changes in parallel: at most [MaxWrites] of them, and one per user.
	// Each change is made completely or not at all. The slice has an entry for every
	// change: nil where the service accepted it, else an [*Error]. Acceptance confirms
	// nothing: read the user back. A change is never repeated once the service may have
	// made it.
	Write(context.Context, []Change) []error
}

// MaxWrites is the number of changes one Write may carry (Graph: "Combine
// multiple HTTP requests using JSON batching", 20 requests).
const MaxWrites = 20
