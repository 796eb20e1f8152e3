package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
)

// watch is a clock that tests advance. Waiting advances it too.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func newWatch() *watch { return &watch{now: clock} }

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *watch) Wait(ctx context.Context, d time.Duration) error {
	w.pass(d)
	return ctx.Err()
}

// on puts the options of a test on a watch of its own.
func (w *watch) on(o sandbox.Options) sandbox.Options {
	o.Now, o.Wait = w.Now, w.Wait
	return o
}

func (c client) locate(user, location string) reply {
	c.Helper()
	return c.send(http.MethodPatch, "/users/"+user, fmt.Sprintf(`{"usageLocation":%q}`, location))
}

// 7.1 and 7.3: 3,000 writes in 150 s for an application in a tenant, here a
// thousandth of them.
func TestQuotaLimitsWrites(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.001}}))
	for _, location := range []string{"CH", "AT", "DE"} {
		if got := c.locate(dan, location); got.status != 204 {
			t.Fatalf("%d %s", got.status, got.failure())
		}
	}
	got := c.locate(dan, "FR")
	if got.status != 429 || got.failure() != "TooManyRequests: Please retry again later." {
		t.Fatalf("the fourth write in no time: %d %s", got.status, got.failure())
	}
	want := map[string]string{
		"Retry-After":                    "100", // one write in 50 s, and the one that was refused counts
		"x-ms-throttle-scope":            "Tenant_Application/Write/00000000-0000-0000-0000-000000000000/" + org,
		"x-ms-throttle-information":      "WriteLimitExceeded",
		"x-ms-throttle-limit-percentage": "1.33",
		"Content-Type":                   "application/json",
	}
	for name, value := range want {
		if got.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
		}
	}
	if inner := got.body["error"].(map[string]any)["innerError"].(map[string]any); inner["code"] != "429" || inner["status"] != "429" {
		t.Errorf("innerError is %v, want the documented one", inner)
	}
	w.pass(99 * time.Second)
	if got := c.get("/users/" + dan + "?$select=usageLocation"); got.status != 200 || got.body["usageLocation"] != "DE" {
		t.Errorf("reads are limited by writes, or a throttled write took effect: %d %v", got.status, got.body)
	}
	w.pass(time.Second)
	if got := c.locate(dan, "FR"); got.status != 204 {
		t.Errorf("after Retry-After: %d %s", got.status, got.failure())
	}
}

func TestQuotaLimitsReadsInResourceUnits(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.01, Fractional: true}})) // 35 units in 10 s
	for range 15 {
		if got := c.get("/users"); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.failure())
		}
	}
	if got := c.get("/subscribedSkus").header.Get("x-ms-throttle-limit-percentage"); got != "0.94" {
		t.Errorf("at 33 of 35 units the percentage is %q, want 0.94", got)
	}
	got := c.get("/subscribedSkus")
	if got.status != 429 || got.header.Get("x-ms-throttle-information") != "ResourceUnitLimitExceeded" ||
		got.header.Get("x-ms-throttle-scope") != "Tenant_Application/ReadWrite/00000000-0000-0000-0000-000000000000/"+org {
		t.Fatalf("%d %v", got.status, got.header)
	}
	if after := got.header.Get("Retry-After"); after != "1.143" { // 4 units at 3.5 in a second
		t.Errorf("Retry-After is %q, want 1.143", after)
	}
	w.pass(1143 * time.Millisecond)
	if got := c.get("/subscribedSkus"); got.status != 200 {
		t.Errorf("after Retry-After: %d %s", got.status, got.failure())
	}
}

func TestQuotaWithoutAScaleSetsNoLimit(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	for range 4000 {
		if got := c.get("/subscribedSkus"); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.failure())
		}
	}
}

// 8.4 and errors.json: items are throttled alone, with fractions, and the batch is 200.
func TestQuotaThrottlesItemsOfABatch(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.001, DirectoryWords: true}}))
	got := c.batch(patch("1", dan, "CH"), patch("2", dan, "CH"), patch("3", dan, "CH"), patch("4", dan, "CH"), patch("5", dan, "CH"))
	throttled := 0
	for id, r := range got.responses() {
		if r["status"] != 429.0 {
			continue
		}
		throttled++
		headers := r["headers"].(map[string]any)
		body := r["body"].(map[string]any)["error"].(map[string]any)
		if headers["Retry-After"] == "" || body["message"] != "Too many requests from Identifier:00000000-0000-0000-0000-000000000000 "+
			"under category:aadgraph.app.tenant_small. Please try again later." {
			t.Errorf("item %s: %v", id, r)
		}
	}
	if got.status != 200 || throttled != 2 {
		t.Errorf("the batch is %d with %d items throttled, want 200 and 2", got.status, throttled)
	}
}

func TestQuotaThrottledWriteMayTakeEffect(t *testing.T) {
	t.Parallel()
	for _, likely := range []float64{0, 1} {
		c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.0001, NoRetryAfter: true, TakesEffect: likely}}))
		c.locate(dan, "CH")
		got := c.locate(dan, "FR")
		if got.status != 429 || got.header.Get("Retry-After") != "" {
			t.Fatalf("%d, Retry-After %q", got.status, got.header.Get("Retry-After"))
		}
		want := map[float64]string{0: "CH", 1: "FR"}[likely]
		if location := c.get("/users/" + dan + "?$select=usageLocation").body["usageLocation"]; location != want {
			t.Errorf("with chance %v the location is %v, want %s", likely, location, want)
		}
	}
}

const concurrent = "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."

// 7.4: sources disagree on the scope of the lock, so an option chooses it.
func TestCollisionsOfLicenseWrites(t *testing.T) {
	t.Parallel()
	second := func(o sandbox.Collisions, user string) map[float64]int {
		o.Takes = 4 * time.Second
		c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Collisions: o}))
		out := map[float64]int{}
		for _, status := range c.batch(post("1", dan, add(e3)), post("2", user, add(project, e3)), get("3", "/users")).statuses() {
			out[status]++
		}
		return out
	}
	tests := []struct {
		name string
		o    sandbox.Collisions
		user string
		want map[float64]int
	}{
		{"never", sandbox.Collisions{}, dan, map[float64]int{200: 3}},
		{"one user, by id and by name", sandbox.Collisions{Within: faults.CollideUser}, "DAN.o'neil@contoso.com", map[float64]int{200: 2, 409: 1}},
		{"two users, lock by user", sandbox.Collisions{Within: faults.CollideUser}, ada, map[float64]int{200: 3}},
		{"two users, lock by tenant", sandbox.Collisions{Within: sandbox.CollideTenant}, ada, map[float64]int{200: 2, 409: 1}},
		{"as a bad request", sandbox.Collisions{Within: sandbox.CollideTenant, AsBadRequest: true}, ada, map[float64]int{200: 2, 400: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, second(test.o, test.user)); diff != "" {
				t.Errorf("items by status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCollisionsAnswer(t *testing.T) {
	t.Parallel()
	for _, bad := range []bool{false, true} {
		c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Collisions: sandbox.Collisions{
			Within: sandbox.CollideTenant, Takes: time.Second, AsBadRequest: bad, RetryAfter: "2.5"}}))
		want := map[bool]string{false: "Directory_ConcurrencyViolation", true: "Request_BadRequest"}[bad]
		for _, r := range c.batch(post("1", dan, add(e3)), post("2", ada, add(project))).responses() {
			if r["status"] == 200.0 {
				continue
			}
			body := r["body"].(map[string]any)["error"].(map[string]any)
			if body["code"] != want || body["message"] != concurrent || r["headers"].(map[string]any)["Retry-After"] != "2.5" {
				t.Errorf("%v", r)
			}
		}
	}
}

// A client that waits for the answer never collides, and a sequence waits for each item.
func TestCollisionsNeverInASequence(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Collisions: sandbox.Collisions{Within: sandbox.CollideTenant, Takes: 4 * time.Second}}))
	for _, user := range []string{dan, ada} {
		if got := c.assign(user, add(project, e3)); got.status != 200 {
			t.Errorf("%d %s", got.status, got.failure())
		}
	}
	chain := c.batch(post("1", dan, remove(project)), post("2", ada, remove(project), "1"))
	if diff := cmp.Diff(map[string]float64{"1": 200, "2": 200}, chain.statuses()); diff != "" {
		t.Errorf("a sequence (-want +got):\n%s", diff)
	}
	if took := w.Now().Sub(clock); took != 16*time.Second {
		t.Errorf("four writes took %v, want 16s", took)
	}
}

// 9.6: a successful write does not show in the next read everywhere.
func TestLagOfReplicas(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Lag: sandbox.Lag{Replicas: []time.Duration{0, 5 * time.Second, 20 * time.Second}}}))
	seen := func() int {
		n := 0
		for range 60 {
			licenses, _ := c.get("/users/" + dan + "?$select=assignedLicenses").body["assignedLicenses"].([]any)
			n += len(licenses)
		}
		return n
	}
	if got := c.assign(dan, add(e3)); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.failure())
	}
	if n := seen(); n < 10 || n > 30 {
		t.Errorf("at once %d of 60 reads see the write, want about a third", n)
	}
	w.pass(5 * time.Second)
	if n := seen(); n < 30 || n > 50 {
		t.Errorf("after 5 s %d of 60 reads see the write, want about two thirds", n)
	}
	if total := c.get("/users?$count=true&$filter=assignedLicenses/any(a:a/skuId eq "+e3+")", "ConsistencyLevel", "eventual").body["@odata.count"]; total != 1.0 {
		t.Errorf("the index of advanced queries counts %v, want 1: it is behind most", total)
	}
	w.pass(15 * time.Second)
	if n := seen(); n != 60 {
		t.Errorf("after 20 s %d of 60 reads see the write, want all", n)
	}
}

func TestLagWritesAreDecidedOnTheTenant(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Lag: sandbox.Lag{Replicas: []time.Duration{time.Hour}}}))
	before := c.dump()
	if got := c.assign(dan, add(e3)); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.failure())
	}
	if c.dump() != before {
		t.Error("the only replica is an hour behind and shows a write of now")
	}
	if got := c.assign(dan, remove(e3)); got.status != 200 {
		t.Errorf("a removal of what no replica shows: %d %s", got.status, got.failure())
	}
}

// 5.4: assignLicense straight after a successful PATCH.
func TestLagOfAFirstLocation(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Lag: sandbox.Lag{Location: 3 * time.Second}}))
	const want = "Request_BadRequest: License assignment cannot be done for user with invalid usage location."
	c.locate(bob, "CH")
	c.locate(dan, "CH") // dan had one
	if got := c.assign(bob, add(e3)); got.status != 400 || got.failure() != want {
		t.Errorf("%d %s", got.status, got.failure())
	}
	if got := c.assign(dan, add(e3)); got.status != 200 {
		t.Errorf("another location in place of one: %d %s", got.status, got.failure())
	}
	w.pass(3 * time.Second)
	if got := c.assign(bob, add(e3)); got.status != 200 {
		t.Errorf("after 3 s: %d %s", got.status, got.failure())
	}
}

func TestSeedGivesTheSameAnswers(t *testing.T) {
	t.Parallel()
	statuses := func(seed uint64) string {
		c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Seed: seed, Faults: []sandbox.Fault{{Chance: 0.3, Do: sandbox.Unavailable}}}))
		var out strings.Builder
		for range 40 {
			fmt.Fprintf(&out, "%d ", c.get("/users").status)
		}
		return out.String()
	}
	if one, again, other := statuses(1), statuses(1), statuses(2); one != again || one == other || !strings.Contains(one, "503") || !strings.Contains(one, "200") {
		t.Errorf("by the seed:\n%s\n%s\n%s", one, again, other)
	}
}
