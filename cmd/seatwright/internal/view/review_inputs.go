package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
)

// reviewInput is one source that a plan was made from.
type reviewInput struct {
	From   inputOrigin
	Name   string // path of a file, or name and server of a directory
	Rows   int
	ReadAt time.Time // of fromSync: the last sync; zero: not known
}

// inputOrigin is the kind of source.
type inputOrigin int

const (
	fromFile      inputOrigin = iota
	fromTenant                // read by Microsoft Graph
	fromSync                  // OUs and domains, from the last sync from Active Directory
	fromDirectory             // OUs and domains, read from Active Directory
)

func newReviewInput(record plan.InputRecord) reviewInput {
	input := reviewInput{Name: record.Source, Rows: record.Rows, ReadAt: record.ReadAt}
	name, directory := strings.CutPrefix(record.Source, plan.SourceDirectory)
	switch {
	case record.Source == plan.SourceGraph:
		input.From = fromTenant
	case record.Source == plan.SourceSynced:
		input.From = fromSync
	case directory:
		input.From, input.Name = fromDirectory, name
	}
	return input
}

// String returns the input as an item of a list. Only files have rows; others have users.
func (i reviewInput) String() string {
	users := plural(i.Rows, "user", "users")
	switch {
	case i.From == fromTenant:
		return fmt.Sprintf("the tenant: %s, read %s", users, minute(i.ReadAt))
	case i.From == fromSync && i.ReadAt.IsZero():
		return fmt.Sprintf("names synced from Active Directory: %s, time of the last sync unknown", users)
	case i.From == fromSync:
		return fmt.Sprintf("names synced from Active Directory: %s, last sync %s", users, minute(i.ReadAt))
	case i.From == fromDirectory:
		return fmt.Sprintf("the directory %s: %s, read %s", i.Name, users, minute(i.ReadAt))
	}
	return fmt.Sprintf("%s: %s", i.Name, plural(i.Rows, "row", "rows"))
}
