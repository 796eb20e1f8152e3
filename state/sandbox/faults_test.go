package sandbox_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
)

const assignRoute = "POST users/{id}/assignLicense"

func TestFaultsReplaceAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault   sandbox.Fault
		status  int
		want    string
		headers map[string]string
	}{
		{sandbox.Fault{Do: sandbox.Throttle, RetryAfter: "2.128"}, 429, "TooManyRequests: Please retry again later.", map[string]string{"Retry-After": "2.128"}},
		{sandbox.Fault{Do: sandbox.Throttle}, 429, "TooManyRequests: Please retry again later.", map[string]string{"Retry-After": ""}},
		{sandbox.Fault{Do: sandbox.Unavailable, RetryAfter: "Tue, 03 Feb 2026 04:06:00 GMT"}, 503,
			"serviceNotAvailable: The service is temporarily unavailable. Please try again later.", map[string]string{"Retry-After": "Tue, 03 Feb 2026 04:06:00 GMT"}},
		{sandbox.Fault{Do: sandbox.Timeout}, 504, "UnknownError: ", nil},
		{sandbox.Fault{Do: sandbox.Conflict}, 409, "Directory_ConcurrencyViolation: " + concurrent, nil},
		{sandbox.Fault{Do: sandbox.Conflict, Status: 400}, 400, "Request_BadRequest: " + concurrent, nil},
		{sandbox.Fault{Do: sandbox.Empty}, 500, ": ", map[string]string{"Content-Type": "application/json"}},
		{sandbox.Fault{Do: sandbox.Empty, Status: 403}, 403, ": ", nil},
		{sandbox.Fault{Do: faults.ExpireToken}, 401, "InvalidAuthenticationToken: Access token has expired or is not yet valid.", map[string]string{"WWW-Authenticate": `Bearer realm=""`}},
		{sandbox.Fault{Do: faults.Redirect, To: "https://elsewhere.example"}, 302, ": ",
			map[string]string{"Location": "https://elsewhere.example/v1.0/users/" + dan + "/assignLicense"}},
	}
	for _, test := range tests {
		t.Run(string(test.fault.Do), func(t *testing.T) {
			t.Parallel()
			test.fault.On, test.fault.Calls = assignRoute, nth(1)
			c := newClient(t, tenantFile, sandbox.Options{Faults: []sandbox.Fault{test.fault}})
			got := c.assign(dan, add(e3))
			if got.status != test.status || got.failure() != test.want {
				t.Errorf("%d %s, want %d %s", got.status, got.failure(), test.status, test.want)
			}
			for name, value := range test.headers {
				if got.header.Get(name) != value {
					t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
				}
			}
			if licenses := c.direct(dan); licenses != "" {
				t.Errorf("it took effect: %s", licenses)
			}
			if got := c.assign(dan, add(e3)); got.status != 200 {
				t.Errorf("the second call: %d %s", got.status, got.failure())
			}
		})
	}
}

func TestFaultsAfterTheWrite(t *testing.T) {
	t.Parallel()
	for _, kind := range []faults.Kind{sandbox.Throttle, sandbox.Unavailable, sandbox.Timeout, sandbox.Empty, sandbox.Conflict} {
		c := newClient(t, tenantFile, sandbox.Options{Faults: []sandbox.Fault{{On: "post", Do: kind, TookEffect: true}}})
		if got := c.assign(dan, add(e3)); got.status < 400 {
			t.Errorf("%s: %d", kind, got.status)
		}
		if c.direct(dan) == "" {
			t.Errorf("%s: it took no effect", kind)
		}
	}
}

func TestPagesInHTML(t *testing.T) {
	t.Parallel()
	o := sandbox.Options{Faults: []sandbox.Fault{{On: "GET", Do: sandbox.HTML, Status: 502}}}
	c := newClient(t, tenantFile, o)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, request(http.MethodGet, "/users", ""))
	if w.Code != 502 || w.Header().Get("Content-Type") != "text/html" || !strings.HasPrefix(w.Body.String(), "<!DOCTYPE html>") {
		t.Errorf("%d %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	body, _ := c.batch(get("1", "/users")).responses()["1"]["body"].(string)
	if decoded, err := base64.StdEncoding.DecodeString(body); err != nil || string(decoded) != w.Body.String() {
		t.Errorf("in an item of a batch: %q, %v", body, err)
	}
}

// Calls are counted for each fault, and the first fault that strikes a call does.
func TestFaultsByNumberOfTheCall(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{Faults: []sandbox.Fault{
		{On: "GET users", Calls: []faults.Span{{First: 2, Last: 3}, {First: 6}}, Do: sandbox.Unavailable},
		{On: "get USERS", Calls: nth(3, 4), Do: sandbox.Timeout},
		{On: "GET organization", Do: sandbox.Conflict},
	}})
	var got []int
	for range 7 {
		got = append(got, c.get("/users").status)
		c.get("/subscribedSkus")
	}
	if diff := cmp.Diff([]int{200, 503, 503, 504, 200, 503, 503}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := c.batch(get("1", "/organization"), get("2", "/subscribedSkus")).statuses(); got["1"] != 409 || got["2"] != 200 {
		t.Errorf("items are calls of their own: %v", got)
	}
}

func TestFaultExpireTokenLasts(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{Faults: []sandbox.Fault{{Calls: nth(2), Do: faults.ExpireToken}}})
	var got []int
	for _, token := range []string{"one", "one", "one", "two", "one", "two"} {
		got = append(got, c.get("/users", "Authorization", "Bearer "+token).status)
	}
	if diff := cmp.Diff([]int{200, 401, 401, 200, 401, 200}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFaultCatalogNeedsAnOwnedSKU(t *testing.T) {
	t.Parallel()
	o := sandbox.Options{Faults: []sandbox.Fault{{Do: faults.Catalog, Change: &faults.CatalogChange{SKU: "SPE_E9"}}}}
	if err := parse(t, tenantFile).Check(o); err == nil || err.Error() != `fault 1: change: the tenant has no subscribedSku "SPE_E9"` {
		t.Error(err)
	}
}

func TestFaultSlow(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Faults: []sandbox.Fault{
		{On: "GET users", Do: sandbox.Slow, Delay: time.Minute},
		{On: "GET organization", Do: sandbox.Timeout, Delay: 2 * time.Minute},
	}}))
	if got := c.batch(get("1", "/users"), get("2", "/organization")); got.status != 200 || got.statuses()["1"] != 200 {
		t.Errorf("%d %v", got.status, got.statuses())
	}
	if took := w.Now().Sub(clock); took != 2*time.Minute {
		t.Errorf("it took %v, want the longest delay, 2m", took)
	}
}

func TestFaultCatalog(t *testing.T) {
	t.Parallel()
	none := 0
	c := newClient(t, tenantFile, sandbox.Options{
		Lag: sandbox.Lag{Replicas: []time.Duration{time.Hour}},
		Faults: []sandbox.Fault{
			{On: "GET subscribedSkus", Calls: nth(2), Do: faults.Catalog, Change: &faults.CatalogChange{
				SKU: "spe_e3", AddPlanID: teamsFree, AddPlanName: "NEW", CapabilityStatus: "Warning", Enabled: &none}},
		},
	})
	describe := func() string {
		s := c.get("/subscribedSkus").values()[0]
		plans, _ := s["servicePlans"].([]any)
		last := plans[len(plans)-1].(map[string]any)
		return strings.Join([]string{last["servicePlanName"].(string), s["capabilityStatus"].(string)}, " ")
	}
	if before, after := describe(), describe(); before != "EXCHANGE_S_FOUNDATION Enabled" || after != "NEW Warning" {
		t.Errorf("from %q to %q", before, after)
	}
	if got := c.assign(dan, addWithout(e3, teamsFree)); got.failure() != "Request_BadRequest: Subscription with SKU "+e3+" does not have any available licenses." {
		t.Errorf("%d %s: the seats are gone and the plan is known", got.status, got.failure())
	}
	if free := c.tenant.Record().MinFree[e3]; free != -1 {
		t.Errorf("the fewest free seats are %d, want -1", free)
	}
}

// wire asks over a connection of its own, as resets and half answers are about
// connections.
func wire(t *testing.T, o sandbox.Options, method, path, body string) (c client, got string, err error) {
	t.Helper()
	c = newClient(t, tenantFile, o)
	server := httptest.NewServer(c.handler)
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/v1.0"+path, io.NopCloser(strings.NewReader(body))) // cannot be sent again
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := server.Client().Do(r)
	if err != nil {
		return c, "", err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	return c, string(data), err
}

func TestFaultsEndConnections(t *testing.T) {
	t.Parallel()
	const batch = `{"requests":[{"id":"1","method":"POST","url":"/users/` + dan + `/assignLicense","headers":{"Content-Type":"application/json"},` +
		`"body":{"addLicenses":[{"skuId":"` + e3 + `"}],"removeLicenses":[]}}]}`
	tests := []struct {
		name   string
		fault  sandbox.Fault
		effect bool
		want   error
	}{
		{"a reset before the write", sandbox.Fault{Do: sandbox.Reset}, false, syscall.ECONNRESET},
		{"a reset after the write", sandbox.Fault{Do: sandbox.Reset, TookEffect: true}, true, syscall.ECONNRESET},
		{"no answer, no write", sandbox.Fault{Do: sandbox.Drop}, false, io.EOF},
		{"an answer lost after the write", sandbox.Fault{Do: sandbox.Drop, TookEffect: true}, true, io.EOF},
		{"half an answer", sandbox.Fault{Do: sandbox.Truncate}, true, io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		for path, body := range map[string]string{"/users/" + dan + "/assignLicense": add(e3), "/$batch": batch} {
			t.Run(test.name+" "+path[:3], func(t *testing.T) {
				t.Parallel()
				test.fault.On = assignRoute
				c, got, err := wire(t, sandbox.Options{Faults: []sandbox.Fault{test.fault}}, http.MethodPost, path, body)
				if !errors.Is(err, test.want) {
					t.Errorf("the client sees %q, %v, want %v", got, err, test.want)
				}
				if effect := c.tenant.Record().Writes; (len(effect) == 1) != test.effect {
					t.Errorf("writes: %v, want an effect: %v", effect, test.effect)
				}
			})
		}
	}
}

func TestFaultTruncateWithoutABody(t *testing.T) {
	t.Parallel()
	c, _, err := wire(t, sandbox.Options{Faults: []sandbox.Fault{{Do: sandbox.Truncate}}}, http.MethodPatch, "/users/"+dan, `{"usageLocation":"CH"}`)
	if !errors.Is(err, io.EOF) || !c.tenant.Record().Writes[0].TookEffect {
		t.Errorf("%v, %v", err, c.tenant.Record().Writes)
	}
}

func TestHandlerChecksFaults(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); said != `sandbox: fault 2: do "explode" is not a fault` {
			t.Errorf("panic with %q", said)
		}
	}()
	parse(t, tenantFile).Handler(sandbox.Options{Faults: []sandbox.Fault{{Do: sandbox.Reset}, {Do: "explode"}}})
}
