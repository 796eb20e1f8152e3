package sandbox

import (
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

// Tenant is one embedded Microsoft 365 tenant: what the tenant file says, and
// what has been changed since. It is safe for use by several goroutines.
type Tenant struct{ directory *directory.Tenant }

// Parse reads a tenant file, YAML or JSON; the package comment describes it.
// The name is used in messages only. Everything that is wrong is reported at
// once, one problem a line, each with name:line. The tenant keeps data, which must
// not be changed.
func Parse(name string, data []byte) (*Tenant, error) {
	t, err := directory.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return &Tenant{t}, nil
}

// Handler returns the tenant over HTTP: everything below /v1.0/, the record
// below /sandbox/, and the Authority. It is safe for parallel use, and panics where
// [Tenant.Check] finds fault with the options. Serve it on loopback
// alone ([Listen], [LocalOnly], [Server]): it is not made to keep anybody out.
func (t *Tenant) Handler(o Options) http.Handler {
	if err := t.Check(o); err != nil {
		panic("sandbox: " + err.Error())
	}
	return newHandler(t.directory, o)
}

// Check says what is wrong with the faults of some options, or does not fit this
// tenant. [Tenant.Handler] panics where it says anything.
func (t *Tenant) Check(o Options) error { return checkFaults(t.directory, o) }

// Overlay returns what has changed against the tenant file, as JSON: only users
// and groups whose state differs, by id, so that the same changes are the same bytes.
func (t *Tenant) Overlay() []byte { return t.directory.Overlay() }

// Restore replaces the tenant's changes by those of an earlier [Tenant.Overlay] and
// of whatever Changed was given since, one behind the other. A last one that is cut
// off was never answered and counts for nothing. Changes made on another tenant file
// are refused; a refusal changes nothing.
func (t *Tenant) Restore(data []byte) error { return t.directory.Restore(data) }

// Record returns a copy of the record: every request and every write with its
// outcome, the seats, and what worked for each user over time.
func (t *Tenant) Record() directory.Record { return t.directory.Record() }

// Invariants returns what the record comes to.
func (t *Tenant) Invariants() directory.Invariants { return t.directory.Invariants() }
