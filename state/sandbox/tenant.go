package sandbox

import (
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

// Tenant is one embedded Microsoft 365 tenant: the content of the tenant file, and what has
// been changed since. It is safe for use by several goroutines.
type Tenant struct{ directory *directory.Tenant }

// Parse reads a tenant file, YAML or JSON. The package comment describes it. The name is
// used in messages only. All problems are reported at once, one a line, each with
// name:line. The tenant keeps data, which must not be changed.
func Parse(name string, data []byte) (*Tenant, error) {
	t, err := directory.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return &Tenant{t}, nil
}

// Handler returns the tenant over HTTP: everything below /v1.0/, the record below
// /sandbox/, and the Authority. It is safe for parallel use. It panics if [Tenant.Check]
// returns an error for the options. Serve it on loopback alone ([Listen], [LocalOnly],
// [Server]), because it does not protect the tenant.
func (t *Tenant) Handler(o Options) http.Handler {
	if err := t.Check(o); err != nil {
		panic("sandbox: " + err.Error())
	}
	return newHandler(t.directory, o)
}

// Check returns what is wrong with the faults of some options, or does not fit this tenant.
// [Tenant.Handler] panics with this error.
func (t *Tenant) Check(o Options) error { return checkFaults(t.directory, o) }

// Overlay returns what has changed against the tenant file, as JSON: only users
// and groups whose state differs, by id, so that the same changes are the same bytes.
func (t *Tenant) Overlay() []byte { return t.directory.Overlay() }

// Restore replaces the tenant's changes by those of an earlier [Tenant.Overlay] and of the
// lines that Changed was given since, one after the other. A last line that is cut off was
// never answered and is ignored. Changes made on another tenant file are refused. A refusal
// changes nothing.
func (t *Tenant) Restore(data []byte) error { return t.directory.Restore(data) }

// Record returns a copy of the record: every request and every write with its outcome, the
// seats, and the service plans of each user over time.
func (t *Tenant) Record() directory.Record { return t.directory.Record() }

// Invariants returns what follows from the record.
func (t *Tenant) Invariants() directory.Invariants { return t.directory.Invariants() }
