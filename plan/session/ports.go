package session

import (
	"context"
	"io/fs"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// Env is what a session needs from outside. All fields are required.
type Env struct {
	Files    fs.FS // the folder of the policies
	Git      Git
	Now      func() time.Time
	Reporter Reporter
	// Snapshot reads a snapshot file that a flag names.
	Snapshot func(name string) (*state.Snapshot, error)
	// Directory reads the users of some places from the directories of a tenant, and
	// joins them to a snapshot. Files that the tenant's settings name are in settings.
	Directory func(ctx context.Context, settings fs.FS, tenant policies.Tenant, snapshot *state.Snapshot, places []state.Place) (*state.Directory, error)
	Version   string // of the program, for plans and journals
}

// Git answers questions about the repository around the policies.
type Git interface {
	// InCheckout reports whether there is a repository.
	InCheckout() bool
	// Head returns the commit that is checked out, or "".
	Head(context.Context) string
	// TrackedFiles returns the files of the folder that git tracks.
	TrackedFiles(context.Context) (map[string]bool, error)
	// Revision opens the folder as a commit has it.
	Revision(ctx context.Context, name string) (Revision, error)
	// MergeBase returns the commit at which HEAD left another revision.
	MergeBase(ctx context.Context, name string) (string, error)
	// NotInside refuses a checkout that is a part of another repository.
	NotInside(context.Context) error
}

// Revision is the folder of the policies as a commit has it.
type Revision interface {
	fs.FS
	Commit() string
	// Has reports whether the commit itself has a file, a link or a folder of this name.
	Has(name string) bool
	// With returns the revision, with those files of a checkout that git does not track.
	With(checkout fs.FS, tracked map[string]bool) fs.FS
}

// Reporter shows what a session reports besides its results. What it cannot show stops
// nothing, so that no method returns an error.
type Reporter interface {
	Warning(text string)
	Remark(text string)
	// Problems shows problems of settings and policies that are warnings.
	Problems([]policies.Problem)
	// AdHocPolicy shows the policy that flags stand for, as YAML.
	AdHocPolicy(text string)
}

// Tenant reads a tenant and its audit log. It cannot write.
type Tenant interface {
	state.Reader
	state.AuditReader
}

// JournalReader reads what earlier runs kept. It cannot write.
type JournalReader interface {
	ReadHistory(ctx context.Context, tenant state.TenantID, from, whole time.Time) ([]*journal.Run, error)
	LastRecord(ctx context.Context, tenant state.TenantID) (*journal.Record, error)
	Read(ctx context.Context, id string) (*journal.Run, error)
}

// RunStore also keeps what a run does. Only a [Run] has one.
type RunStore interface {
	JournalReader
	Start(context.Context, journal.Begin) (*journal.Writer, error)
	WriteRecord(context.Context, journal.Record, *plan.Baseline) error
	AcquireWithin(ctx context.Context, tenant state.TenantID, holder journal.Holder, patience time.Duration, wait func(context.Context, time.Duration) error) (journal.Lock, error)
}
