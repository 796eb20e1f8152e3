package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

// page reads one of the sandbox's own pages.
func (c client) page(name string) (status int, body string) {
	c.Helper()
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://graph.test/sandbox/"+name, nil))
	return w.Code, w.Body.String()
}

// second is the time of the tests, as the record has it.
var second = clock.Truncate(time.Second)

func TestInvariantsSwapInOneCallLeavesNoGap(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, strings.Replace(tenantFile, "prepaidUnits: {enabled: 1}", "prepaidUnits: {enabled: 2}", 1), w.on(sandbox.Options{}))
	c.assign(ada, swap(e3, e5))
	if got := c.tenant.Invariants().Gaps; len(got) != 0 {
		t.Errorf("gaps: %v", got)
	}
	on := []string{exchange, sharepoint}
	before := []string{exchange, sharepoint, teams1, foundation}
	slices.Sort(on)
	slices.Sort(before)
	want := map[string][]directory.PlansAt{ada: {{Plans: before}, {At: second, Plans: on}}}
	if diff := cmp.Diff(want, c.tenant.Record().Plans); diff != "" {
		t.Errorf("plans over time (-want +got):\n%s", diff)
	}
}

func TestInvariantsSwapInTwoCallsLeavesAGap(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, strings.Replace(tenantFile, "prepaidUnits: {enabled: 1}", "prepaidUnits: {enabled: 2}", 1), w.on(sandbox.Options{}))
	c.assign(ada, remove(e3))
	w.pass(time.Second)
	c.assign(bob, add(e5)) // refused, and no swap
	c.assign(dan, add(e5))
	c.assign(ada, add(e5)) // the last seat is dan's
	c.assign(dan, remove(e5))
	w.pass(time.Second)
	c.assign(ada, add(e5))
	gap := func(plan string) directory.Gap {
		return directory.Gap{UserID: ada, UserPrincipalName: "Ada@contoso.com", Plan: plan, From: second, To: second.Add(2 * time.Second)}
	}
	lowest := func(id, part string, free int) directory.LowestSeats {
		return directory.LowestSeats{SKUID: id, SKUPartNumber: part, MinFree: free}
	}
	want := directory.Invariants{
		SeatRefusals: 1,
		Gaps:         []directory.Gap{gap(sharepoint), gap(exchange)}, // what E3 alone has never came back
		Seats: []directory.LowestSeats{lowest(e3, "SPE_E3", 2), lowest(e5, "SPE_E5", 0), lowest(visio, "VISIOCLIENT", 1), lowest(project, "PROJECTPROFESSIONAL", 5),
			lowest(teams, "TEAMS_FREE", 5), lowest(company, "WHOLE_COMPANY", 5), lowest(gone, "FLOW_FREE", 0)},
	}
	if diff := cmp.Diff(want, c.tenant.Invariants()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var shown directory.Invariants
	if status, body := c.page("invariants"); status != 200 || json.Unmarshal([]byte(body), &shown) != nil || cmp.Diff(want, shown) != "" {
		t.Errorf("/sandbox/invariants is %d %s", status, body)
	}
}

func TestInvariantsOtherPathIsNoGap(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	c.assign(eve, remove(visio))
	c.assign(eve, add(visio))
	if got := c.tenant.Invariants().Gaps; len(got) != 0 {
		t.Errorf("a group gives the same: %v", got)
	}
}

func TestRecordLogsEveryRequest(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Faults: []sandbox.Fault{
		{On: "GET organization", Calls: nth(2), Do: sandbox.Throttle},
		{On: "GET subscribedSkus", Do: sandbox.Reset},
	}}))
	c.get("/users?$top=1", "client-request-id", "mine")
	c.get("/nowhere", "Authorization", "Bearer "+token(t, `{"appid":"an-app"}`))
	w.pass(time.Second)
	c.get("/organization")
	batch := c.batch(get("1", "/organization"), patch("2", ada, "AT"))
	func() {
		defer func() { _ = recover() }() // a recorder's connection cannot be reset
		c.get("/subscribedSkus")
	}()
	got := c.tenant.Record().Log
	var lines []string
	for _, r := range got {
		lines = append(lines, fmt.Sprintf("%s %s %s?%s [%s] %d %s %s app=%s batch=%v",
			r.At.Sub(clock), r.Method, r.Path, r.Query, r.Route, r.Status, r.Code, r.Fault, r.App, r.Batch == batch.header.Get("request-id")))
	}
	slices.Sort(lines[3:5]) // a batch has an order of its own
	want := []string{
		"0s GET users?$top=1 [GET users] 200   app= batch=false",
		"0s GET nowhere? [] 400 BadRequest  app=an-app batch=false",
		"1s GET organization? [GET organization] 200   app= batch=false",
		"1s GET organization? [GET organization] 429 TooManyRequests throttle app= batch=true",
		"1s PATCH users/" + ada + "? [PATCH users/{id}] 204   app= batch=true",
		"1s POST $batch? [POST $batch] 200   app= batch=false",
		"1s GET subscribedSkus? [GET subscribedSkus] 0  reset app= batch=false",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[0].ClientRequestID != "mine" || got[0].RequestID == "" {
		t.Errorf("ids of the first: %+v", got[0])
	}
}

func TestLogPageShowsTheRecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if status, body := c.page("log"); status != 200 || body != `{"requests":[],"requestsOmitted":0,"writes":[],"writesOmitted":0}` {
		t.Errorf("%d %s", status, body)
	}
	c.get("/users", "Authorization", "Bearer canary-3f2a")
	c.send(http.MethodPost, "/users/"+dan+"/assignLicense", add(e3), "Authorization", "Basic canary-3f2a")
	var shown struct {
		Requests []directory.Request
		Writes   []map[string]any
	}
	status, body := c.page("log")
	if err := json.Unmarshal([]byte(body), &shown); status != 200 || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	if diff := cmp.Diff(c.tenant.Record().Log, shown.Requests); diff != "" || len(shown.Requests) != 2 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(shown.Writes) != 1 || shown.Writes[0]["tookEffect"] != true || shown.Writes[0]["userPrincipalName"] != "dan.o'neil@contoso.com" {
		t.Errorf("writes: %v", shown.Writes)
	}
	if strings.Contains(body, "canary") {
		t.Errorf("the log holds the content of Authorization:\n%s", body)
	}
}

func TestOwnPagesCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://graph.test/sandbox/log", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET" {
		t.Errorf("POST: %d", w.Code)
	}
	if status, _ := c.page("secrets"); status != 400 {
		t.Errorf("another page: %d, want 400", status)
	}
}

// A client cannot fill the memory with long names.
func TestRecordCutsLongTexts(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	long := strings.Repeat("x", 100_000)
	c.send(http.MethodPatch, "/users/"+long+"?a="+long, `{"usageLocation":"CH"}`)
	r := c.tenant.Record()
	if len(r.Log[0].Path) != 512 || len(r.Log[0].Query) != 512 || len(r.Writes[0].User) != 512 || len(r.Writes[0].Message) > 1024 {
		t.Errorf("kept are %d, %d, %d, %d bytes", len(r.Log[0].Path), len(r.Log[0].Query), len(r.Writes[0].User), len(r.Writes[0].Message))
	}
}
