package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// TestAssignNeverGivesMoreSeatsThanBought lets many clients compete over real HTTP for
// fewer seats than they want. Afterwards it checks what no reader could see meanwhile.
func TestAssignNeverGivesMoreSeatsThanBought(t *testing.T) {
	t.Parallel()
	const users, seats = 60, 23
	var list strings.Builder
	for i := range users {
		fmt.Fprintf(&list, "  - {userPrincipalName: u%d@contoso.com, usageLocation: CH}\n", i)
	}
	tenant := parse(t, file(strings.Replace(oneSKU, "    servicePlans", fmt.Sprintf("    prepaidUnits: {enabled: %d}\n    servicePlans", seats), 1)+
		"users:\n"+list.String()))
	overlays := 0
	server := httptest.NewServer(tenant.Handler(sandbox.Options{Changed: func([]byte) error {
		overlays++ // Changed is called one at a time, so this is no race
		return nil
	}}))
	defer server.Close()
	var wg sync.WaitGroup
	for i := range users {
		wg.Go(func() {
			post := func(body string) {
				url := fmt.Sprintf("%s/v1.0/users/u%d@contoso.com/assignLicense", server.URL, i)
				r, err := server.Client().Post(url, "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
			}
			post(add(e3))
			tenant.Overlay()
			if i%3 == 0 {
				post(remove(e3))
				post(add(e3))
			}
			tenant.Record()
		})
	}
	wg.Wait()
	record := tenant.Record()
	effects := 0
	for _, w := range record.Writes {
		if w.TookEffect {
			effects++
		}
	}
	if record.MinFree[e3] != 0 || record.SeatRefusals == 0 || effects != overlays {
		t.Errorf("fewest free seats %d, want 0; %d refusals; %d effects and %d overlays",
			record.MinFree[e3], record.SeatRefusals, effects, overlays)
	}
	c := client{t, tenant, tenant.Handler(sandbox.Options{})}
	if got := c.consumed()[e3]; got != seats {
		t.Errorf("%d seats are taken, want all %d", got, seats)
	}
}

// For any requests: seats in use are the holders, only refused writes change nothing, and
// the overlay restores everything.
func TestWritesKeepTheTenantConsistent(t *testing.T) {
	t.Parallel()
	skus := []string{e3, e5, visio, project, teams, company, gone, notOwned}
	users := []string{ada, bob, cyd, dan, eve}
	plans := []string{exchange, sway, sharepoint, teams1, foundation}
	rapid.Check(t, func(rt *rapid.T) {
		c := newClient(t, tenantFile, sandbox.Options{})
		for range rapid.IntRange(1, 15).Draw(rt, "writes") {
			user := rapid.SampledFrom(users).Draw(rt, "user")
			body := drawChange(rt, skus, plans)
			before := c.dump()
			got := c.assign(user, body)
			if got.status != 200 && before != c.dump() {
				rt.Fatalf("%s: refused with %s, yet something changed", body, got.failure())
			}
		}
		if diff := cmp.Diff(c.holders(skus[:7]), c.consumed()); diff != "" {
			rt.Fatalf("consumedUnits (-holders +got):\n%s", diff)
		}
		for sku, free := range c.tenant.Record().MinFree {
			if free < 0 {
				rt.Fatalf("%s was overgiven by %d", sku, -free)
			}
		}
		restored := newClient(t, tenantFile, sandbox.Options{})
		if err := restored.tenant.Restore(c.tenant.Overlay()); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(c.dump(), restored.dump()); diff != "" {
			rt.Fatalf("restored users (-before +after):\n%s", diff)
		}
	})
}

func drawChange(rt *rapid.T, skus, plans []string) string {
	var adds, removes []string
	for _, s := range rapid.SliceOfN(rapid.SampledFrom(skus), 0, 2).Draw(rt, "add") {
		off := rapid.SliceOfN(rapid.SampledFrom(plans), 0, 2).Draw(rt, "off")
		quoted := "[]"
		if len(off) > 0 {
			quoted = `["` + strings.Join(off, `","`) + `"]`
		}
		adds = append(adds, fmt.Sprintf(`{"skuId":%q,"disabledPlans":%s}`, s, quoted))
	}
	for _, s := range rapid.SliceOfN(rapid.SampledFrom(skus), 0, 2).Draw(rt, "remove") {
		removes = append(removes, fmt.Sprintf("%q", s))
	}
	return `{"addLicenses":[` + strings.Join(adds, ",") + `],"removeLicenses":[` + strings.Join(removes, ",") + `]}`
}

// holders counts who holds each SKU, as a client would.
func (c client) holders(skus []string) map[string]int {
	c.Helper()
	out := map[string]int{}
	for _, s := range skus {
		out[s] = len(c.get("/users?$filter=assignedLicenses/any(a:a/skuId eq " + s + ")").values())
	}
	out[visio]++ // otherConsumedUnits
	return out
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(tenantFile))
	f.Add([]byte(contoso))
	f.Add([]byte(file(oneSKU)))
	f.Add([]byte("{\"organization\": {\"id\": \"" + org + "\"}, \"users\": [{\"userPrincipalName\": \"a@b\"}]}"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? {a: b}\n: [c]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tenant, err := sandbox.Parse("t.yaml", data)
		if err != nil {
			var bad *strict.ParseError
			if !errors.As(err, &bad) || len(bad.Problems) == 0 || !strings.HasPrefix(err.Error(), "t.yaml:") {
				t.Errorf("Parse fails with %T (%v), want a *ParseError with a position", err, err)
			}
			return
		}
		overlay := tenant.Overlay()
		if err := tenant.Restore(overlay); err != nil {
			t.Errorf("Restore of the tenant's own overlay: %v", err)
		}
		c := client{t, tenant, tenant.Handler(sandbox.Options{})}
		if got := c.get("/users?$top=999"); got.status != 200 {
			t.Errorf("users: %d %s", got.status, got.raw)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add("GET", "/v1.0/users", "$filter=userPrincipalName eq 'a'&$top=3", "")
	f.Add("GET", "/v1.0/users", "$skiptoken=YWZ0ZXI6", "")
	f.Add("POST", "/v1.0/users/"+dan+"/assignLicense", "", swap(e3, e5))
	f.Add("POST", "/v1.0/groups/"+group+"/assignLicense", "", add(e3))
	f.Add("POST", "/v1.0/users/"+eve+"/reprocessLicenseAssignment", "", "{}")
	f.Add("POST", "/v1.0/directoryObjects/getByIds", "$select=id", `{"ids":["`+ada+`"],"types":["user"]}`)
	f.Add("GET", "/v1.0/users/delta()", "$select=usageLocation&$deltatoken=latest", "")
	f.Add("GET", "/v1.0/groups('"+group+"')/transitiveMembers/microsoft.graph.user", "$count=true", "")
	f.Add("PATCH", "/v1.0/users/"+dan, "", `{"usageLocation":"CH"}`)
	f.Add("POST", "/v1.0/$batch", "", `{"requests":[{"id":"1","method":"GET","url":"/users?$select=id"},{"id":"2","method":"GET","url":"","dependsOn":["1"]}]}`)
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		c := newClient(t, tenantFile, sandbox.Options{})
		r := httptest.NewRequest(http.MethodPost, "http://graph.test/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
		before := c.dump()
		got := c.do(r)
		if got.status >= 500 {
			t.Errorf("%s %s?%s %s: %d %s", method, path, query, body, got.status, got.raw)
		}
		if got.status >= 400 && before != c.dump() {
			t.Errorf("%s %s %s: refused with %s, yet something changed", method, path, body, got.failure())
		}
	})
}

// For any requests and any faults: the plans in the record are what a reader sees, and a
// replica catches up.
func TestRecordAgreesWithTheTenant(t *testing.T) {
	t.Parallel()
	skus := []string{e3, e5, visio, project}
	users := []string{ada, cyd, dan, eve}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWatch()
		lagging := w.on(sandbox.Options{
			Seed: rapid.Uint64().Draw(rt, "seed"), Lag: sandbox.Lag{Replicas: []time.Duration{time.Minute}},
			Faults: []sandbox.Fault{{On: "POST", Chance: 0.3, Do: sandbox.Timeout, TookEffect: true}, {On: "POST", Chance: 0.3, Do: sandbox.Throttle}},
		})
		c := newClient(t, tenantFile, lagging)
		fresh := client{t, c.tenant, c.tenant.Handler(w.on(sandbox.Options{}))}
		seen := map[string][]string{}
		for _, user := range users {
			seen[user] = []string{fresh.plansOn(user)}
		}
		for range rapid.IntRange(1, 20).Draw(rt, "writes") {
			user := rapid.SampledFrom(users).Draw(rt, "user")
			c.assign(user, drawChange(rt, skus, []string{exchange, sharepoint}))
			w.pass(time.Second)
			if now := fresh.plansOn(user); now != seen[user][len(seen[user])-1] {
				seen[user] = append(seen[user], now)
			}
		}
		for _, user := range users {
			if diff := cmp.Diff(seen[user][1:], recorded(c.tenant, user)); diff != "" && len(seen[user]) > 1 {
				rt.Fatalf("plans of %s over time (-read +recorded):\n%s", user, diff)
			}
		}
		if got, want := len(c.tenant.Invariants().Gaps), countGaps(seen); got != want {
			rt.Fatalf("%d gaps are recorded and %d were seen: %v", got, want, seen)
		}
		if w.pass(time.Minute); fresh.dump() != c.dump() {
			rt.Fatal("after a minute the replica shows something else than the tenant")
		}
	})
}

// plansOn reads the service plans that work for a user, in a line.
func (c client) plansOn(user string) string {
	c.Helper()
	var out []string
	for _, details := range c.get("/users/" + user + "/licenseDetails").values() {
		plans, _ := details["servicePlans"].([]any)
		for _, p := range plans {
			if plan := p.(map[string]any); plan["provisioningStatus"] != "Disabled" {
				out = append(out, plan["servicePlanId"].(string))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

func recorded(tenant *sandbox.Tenant, user string) []string {
	var out []string
	for i, at := range tenant.Record().Plans[user] {
		if i > 0 {
			out = append(out, strings.Join(at.Plans, " "))
		}
	}
	return out
}

// countGaps counts what was there, was gone, and was there again.
func countGaps(seen map[string][]string) int {
	n := 0
	for _, history := range seen {
		for i := range history {
			for plan := range strings.FieldsSeq(history[i]) {
				later := slices.IndexFunc(history[i+1:], func(on string) bool { return strings.Contains(on, plan) })
				if later > 0 {
					n++
				}
			}
		}
	}
	return n
}
