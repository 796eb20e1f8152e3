package graph_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/statetest"
)

func TestConformanceOfTheReader(t *testing.T) {
	t.Parallel()
	statetest.RunReader(t, openSandbox)
}

func TestConformanceOfTheWriter(t *testing.T) {
	t.Parallel()
	statetest.RunWriter(t, openSandbox)
}

// openSandbox serves the little tenant over real HTTP, three users a page.
func openSandbox(t testing.TB) statetest.Fixture {
	t.Helper()
	client := dial(t, serve(t, littleTenant(t).Handler(sandbox.Options{PageSize: 3, Seed: 7})), graph.Options{Write: true})
	writer, err := client.Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	return statetest.Fixture{Reader: client, Writer: writer, Source: state.SourceSandbox}
}

func littleTenant(t testing.TB) *sandbox.Tenant {
	t.Helper()
	tenant, err := sandbox.Parse("tenant.yaml", statetest.TenantFile())
	if err != nil {
		t.Fatalf("read the little tenant: %v", err)
	}
	return tenant
}

// fault returns a fault that happens at random; the seed of the profile decides when.
func fault(chance float64, f sandbox.Fault) sandbox.Options {
	f.Chance = chance
	return sandbox.Options{Faults: []sandbox.Fault{f}}
}

// faultProfiles returns the fault profiles of the service. A fault of a connection ends a
// batch as a whole, whichever item it affects, so these are rarer. With each profile the
// client must keep the same contract.
func faultProfiles() map[string]sandbox.Options {
	return map[string]sandbox.Options{
		"throttling":                               fault(0.3, sandbox.Fault{Do: sandbox.Throttle, RetryAfter: "2.128"}),
		"throttling without a time":                fault(0.3, sandbox.Fault{Do: sandbox.Throttle}),
		"throttling of a write that took effect":   fault(0.3, sandbox.Fault{On: "POST users/{id}/assignLicense", Do: sandbox.Throttle, TookEffect: true}),
		"not available":                            fault(0.2, sandbox.Fault{Do: sandbox.Unavailable, RetryAfter: "3"}),
		"not available, but done":                  fault(0.2, sandbox.Fault{Do: sandbox.Unavailable, TookEffect: true}),
		"gateways that time out":                   fault(0.2, sandbox.Fault{Do: sandbox.Timeout, TookEffect: true, Delay: 30 * time.Second}),
		"pages in HTML":                            fault(0.1, sandbox.Fault{Do: sandbox.HTML, Status: http.StatusBadGateway}),
		"pages in HTML, with 500":                  fault(0.1, sandbox.Fault{Do: sandbox.HTML}),
		"empty errors":                             fault(0.1, sandbox.Fault{Do: sandbox.Empty}),
		"empty errors of a write that took effect": fault(0.1, sandbox.Fault{Do: sandbox.Empty, TookEffect: true}),
		"conflicts":                                fault(0.3, sandbox.Fault{On: "POST users/{id}/assignLicense", Do: sandbox.Conflict}),
		"connections that are reset":               fault(0.05, sandbox.Fault{Do: sandbox.Reset}),
		"connections that are reset after a write": fault(0.05, sandbox.Fault{Do: sandbox.Reset, TookEffect: true}),
		"answers that are lost":                    fault(0.05, sandbox.Fault{Do: sandbox.Drop, TookEffect: true}),
		"answers that are cut":                     fault(0.05, sandbox.Fault{Do: sandbox.Truncate}),
		"slow answers":                             fault(0.5, sandbox.Fault{Do: sandbox.Slow, Delay: 20 * time.Second}),
		"writes that collide":                      {Collisions: sandbox.Collisions{Within: sandbox.CollideTenant, Takes: time.Second}},
		"writes that collide with a 400":           {Collisions: sandbox.Collisions{Within: sandbox.CollideTenant, Takes: time.Second, AsBadRequest: true}},
		"replicas that lag":                        {Lag: sandbox.Lag{Replicas: []time.Duration{0, 5 * time.Second}}},
		"a small quota":                            {Quota: sandbox.Quota{Scale: 0.01, Fractional: true}},
		"a small quota whose refusals take effect": {Quota: sandbox.Quota{Scale: 0.01, TakesEffect: 0.5}},
	}
}

func TestConformanceWithFaults(t *testing.T) {
	t.Parallel()
	for name, profile := range faultProfiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile.Seed, profile.PageSize = uint64(len(name)), 3
			open := func(t testing.TB) statetest.Fixture { return openWithFaults(t, profile) }
			statetest.RunReader(t, open, synctest.Test)
			statetest.RunWriter(t, open, synctest.Test)
		})
	}
}

func openWithFaults(t testing.TB, profile sandbox.Options) statetest.Fixture {
	t.Helper()
	transport := serveInMemory(t, littleTenant(t).Handler(profile))
	client, err := graph.NewAt(graph.Options{Write: true, Rate: 100}, memoryAddress, nil, transport)
	if err != nil {
		t.Fatalf("make client: %v", err)
	}
	writer, err := client.Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	lag := slices.Max(append(profile.Lag.Replicas, 0))
	return statetest.Fixture{Reader: client, Writer: settling{client, writer, lag}, Source: state.SourceLive}
}

// settling does what callers of a writer must do. A write that may have happened is
// settled by reading the user, and sent again only if the change is not there.
type settling struct {
	reader state.Reader
	writer state.Writer
	lag    time.Duration // how far reads lag behind writes
}

func (s settling) Write(ctx context.Context, changes []state.Change) []error {
	before := make([]bool, len(changes))
	if ctx.Err() == nil {
		for i, change := range changes {
			before[i], _ = s.shows(ctx, change) // a change that is there already proves nothing later
		}
	}
	errs := s.writer.Write(ctx, changes)
	for i, err := range errs {
		if mayHaveHappened(err) {
			errs[i] = s.settle(ctx, changes[i], before[i], err)
		}
	}
	later(s.lag)
	return errs
}

func (s settling) settle(ctx context.Context, change state.Change, before bool, err error) error {
	for tries := 0; mayHaveHappened(err) && tries < 20; tries++ {
		later(s.lag + time.Second)
		shows, failure := s.shows(ctx, change)
		switch {
		case failure != nil: // read again
		case shows && !before:
			return nil
		default:
			err = s.writer.Write(ctx, []state.Change{change})[0]
		}
	}
	return err
}

func mayHaveHappened(err error) bool {
	refusal, ok := errors.AsType[*state.Error](err)
	return ok && refusal.MayHaveHappened()
}

// shows reports whether a change can be read.
func (s settling) shows(ctx context.Context, change state.Change) (bool, error) {
	snapshot, err := s.reader.Read(ctx, state.Query{Users: []state.UserID{change.User}})
	if err != nil {
		return false, err
	}
	user, found := snapshot.Find(change.User)
	if !found {
		return false, nil
	}
	direct := func(sku state.SKUID) (state.Path, bool) {
		for _, p := range user.PathsOf(sku) {
			if p.Direct() {
				return p, true
			}
		}
		return state.Path{}, false
	}
	for _, l := range change.Add {
		if p, held := direct(l.SKU); !held || !slices.Equal(p.Disabled, state.SortedPlans(l.Disabled)) {
			return false, nil
		}
	}
	for _, sku := range change.Remove {
		if _, held := direct(sku); held {
			return false, nil
		}
	}
	return change.Location == "" || user.UsageLocation() == change.Location, nil
}

// serve listens on loopback and returns the address for a client.
func serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL + "/v1.0"
}

func dial(t testing.TB, address string, o graph.Options) *graph.Client {
	t.Helper()
	o.Sandbox = address
	client, err := graph.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client
}
