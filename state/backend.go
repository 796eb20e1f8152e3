package state

import "context"

// Query says what a read must bring. The zero Query brings nothing.
type Query struct {
	Organization bool
	SKUs         bool
	AllUsers     bool
	Users        []UserID  // these users, if not all; one that does not exist is simply absent
	UPNs         []string  // and these
	Groups       bool      // names of the groups that give licences to the users read
	Licensing    bool      // every group that gives one of the tenant's SKUs, with licences and direct members
	Roles        bool      // every role-assignable group, with its transitive members; and the user who reads, if one does
	Everyone     []GroupID // these groups, with their transitive members; one that does not exist is absent
}

// Everything is the query of a full read of what everybody's licences depend on.
func Everything() Query {
	return Query{Organization: true, SKUs: true, AllUsers: true, Groups: true, Licensing: true}
}

// Reader reads a tenant. Safe for use by several goroutines. Errors are of type
// [*Error] where the service answered.
type Reader interface {
	// Read brings what the query names. A list that could not be read to its end
	// is an error, never a short list. A user who came without some of what was asked
	// for is left out, and the snapshot is not complete; what is merely missing beside
	// the users (names of groups) leaves it complete.
	Read(context.Context, Query) (*Snapshot, error)
}

// Change is one write on one user: either a usage location, or licences in one
// call that adds and removes together.
type Change struct {
	User     UserID
	Step     string    // id of the plan's step, under which the service's log names it; "" for none
	Location string    // two letters; then Add and Remove are empty
	Add      []License // new ones, and held ones whose plans change
	Remove   []SKUID
}

// Writer changes users. Safe for use by several goroutines.
type Writer interface {
	// Write sends the changes, at most [MaxWrites] of them and one per user, side
	// by side. Each change is made whole or not at all. The slice has an entry for
	// every change: nil where the service accepted it (which confirms nothing:
	// read the user back), else an [*Error]. Changes are never repeated once the
	// service may have made them.
	Write(context.Context, []Change) []error
}

// MaxWrites is the number of changes one Write may carry (Graph: "Combine
// multiple HTTP requests using JSON batching", 20 requests).
const MaxWrites = 20
