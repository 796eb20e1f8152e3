package blob_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
	"github.com/seatwright/seatwright/state"
)

const (
	run      = "20261123T080000Z-abcdefgh"
	other    = "20261123T080001Z-zzzzzzzz"
	logName  = run + ".ndjson"
	theToken = "hunter2-token"
)

var tenant = state.TenantID{1}

// tokens is a credential of a test.
type tokens struct {
	token string
	err   error
	asked atomic.Pointer[policy.TokenRequestOptions]
}

func (c *tokens) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.asked.Store(&o)
	return azcore.AccessToken{Token: c.token, ExpiresOn: time.Now().Add(24 * time.Hour)}, c.err
}

func options(access blob.Access) blob.Options {
	return blob.Options{Account: "contosostate", Container: "runs", Credential: &tokens{token: theToken}, Access: access}
}

func over(t *testing.T, wire http.RoundTripper, access blob.Access) *blob.Container {
	t.Helper()
	c, err := blob.NewOver(options(access), wire)
	must(t, err)
	return c
}

// wire is a transport made of a function.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) { return w(req) }

// runner is a machine that can be cut off from the network, which looks like its death to
// others.
type runner struct {
	*blob.Container

	dead atomic.Bool
}

func newRunner(t *testing.T, service *blobtest.Service) *runner {
	t.Helper()
	r := &runner{}
	r.Container = over(t, wire(func(req *http.Request) (*http.Response, error) {
		if r.dead.Load() {
			return nil, errors.New("no route to host")
		}
		return service.RoundTrip(req)
	}), blob.Writing)
	return r
}

func (r *runner) acquire(t *testing.T, run string) journal.Lock {
	t.Helper()
	lock, err := r.Acquire(t.Context(), tenant, holder(run))
	must(t, err)
	return lock
}

func holder(run string) journal.Holder { return journal.Holder{Run: run, Host: "runner", PID: 7} }

func readAll(t *testing.T, place journal.Place, name string) string {
	t.Helper()
	opened, err := place.Open(t.Context(), name)
	must(t, err)
	data, err := io.ReadAll(opened)
	must(t, errors.Join(err, opened.Close()))
	return string(data)
}

// onThe returns a fault for the nth request of a kind.
func onThe(n int, of string, fault blobtest.Fault) func(*http.Request) blobtest.Fault {
	seen := 0
	return func(req *http.Request) blobtest.Fault {
		if !strings.HasPrefix(req.Method+" "+req.URL.RawQuery, of) {
			return blobtest.Fault{}
		}
		if seen++; seen == n {
			return fault
		}
		return blobtest.Fault{}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
