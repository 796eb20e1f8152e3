package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// round follows a delta query to its deltaLink and returns what it listed by id.
func (c client) round(path string, headers ...string) (users map[string]map[string]any, next string) {
	c.Helper()
	users = map[string]map[string]any{}
	for {
		r := c.get(path, headers...)
		if r.status != 200 {
			c.Fatalf("GET %s: %d %s", path, r.status, r.raw)
		}
		for _, u := range r.values() {
			users[u["id"].(string)] = u
		}
		link, _ := r.body["@odata.nextLink"].(string)
		if link == "" {
			next, _ = r.body["@odata.deltaLink"].(string)
			return users, strings.TrimPrefix(next, "http://graph.test/v1.0")
		}
		path = strings.TrimPrefix(link, "http://graph.test/v1.0")
	}
}

// Graph: "user: delta", "Use delta query to track changes".
func TestDeltaListsAllUsersAndThenChanges(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/users/delta", "/users/delta()", "/users/microsoft.graph.delta()", "/Users/Delta"} {
		c := newClient(t, tenantFile, sandbox.Options{PageSize: 2})
		users, link := c.round(path + "?$select=displayName,usageLocation,licenseAssignmentStates&$top=1000")
		if len(users) != 5 || !strings.HasPrefix(link, "/users/delta?$deltatoken=") {
			t.Errorf("%s: %d users, link %s", path, len(users), link)
		}
		if _, present := users[bob]["usageLocation"]; present || users[ada]["displayName"] != "Ada" || users[ada]["licenseAssignmentStates"] == nil {
			t.Errorf("%s: what is unset should be absent: %v, %v", path, users[bob], users[ada])
		}
		if users, link = c.round(link); len(users) != 0 {
			t.Errorf("%s: nothing changed, but %v is listed", path, users)
		}
		c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`)
		want := map[string]map[string]any{bob: {"id": bob, "usageLocation": "NO", "licenseAssignmentStates": []any{}}}
		users, again := c.round(link)
		if diff := cmp.Diff(want, users); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if users, _ = c.round(link); len(users) != 1 {
			t.Errorf("%s: a link that is followed once more lists %v", path, users)
		}
		if users, _ = c.round(again); len(users) != 0 {
			t.Errorf("%s: the next round lists %v", path, users)
		}
	}
}

// The documented gap: "Changes to the licenseAssignmentStates property are currently
// not tracked." Of assignedLicenses nothing is documented, so both are run.
func TestDeltaDoesNotTrackAssignmentPaths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		selected string
		variants []variant.Name
		want     int
	}{
		{"id,licenseAssignmentStates", nil, 0},
		{"id,licenseAssignmentStates", []variant.Name{variant.DeltaLicenses}, 0},
		{"id,assignedLicenses", nil, 0},
		{"id,assignedLicenses", []variant.Name{variant.DeltaLicenses}, 1},
	}
	for _, test := range tests {
		c := newClient(t, tenantFile, sandbox.Options{Variants: test.variants})
		_, link := c.round("/users/delta?$select=" + test.selected)
		c.assign(dan, add(e3))
		c.assign(cyd, addWithout(visio)) // refused: changes nothing
		c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`)
		if users, _ := c.round(link); len(users) != test.want {
			t.Errorf("%s with %v: %v, want %d users", test.selected, test.variants, users, test.want)
		}
	}
}

func TestDeltaOptions(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	users, _ := c.round("/users/delta?$filter=id eq '" + ada + "' or id eq '" + strings.ToUpper(bob) + "'")
	if len(users) != 2 || users[ada] == nil || users[bob] == nil {
		t.Errorf("$filter lists %v", users)
	}
	users, link := c.round("/users/delta?$deltatoken=latest&$select=displayName,usageLocation")
	if len(users) != 0 {
		t.Errorf("latest lists %v", users)
	}
	c.send(http.MethodPatch, "/users/"+ada, `{"usageLocation":"AT"}`)
	want := map[string]map[string]any{ada: {"id": ada, "usageLocation": "AT"}}
	users, _ = c.round(link, "Prefer", "return=minimal")
	if diff := cmp.Diff(want, users); diff != "" {
		t.Errorf("return=minimal (-want +got):\n%s", diff)
	}
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf("id eq '%d'", i))
	}
	const ids = "Request_UnsupportedQuery: Delta queries are filtered by 'id eq' alone, joined by 'or', for at most 50 objects."
	for path, want := range map[string]string{
		"/users/delta?$filter=" + strings.Join(many, " or "): ids,
		"/users/delta?$filter=accountEnabled eq true":        ids,
		"/users/delta?$filter=id eq 'a' and id eq 'b'":       ids,
		"/users/delta?$filter=id eq":                         ids,
		"/users/delta?$orderby=displayName":                  "Request_UnsupportedQuery: Query option '$orderby' is not supported by the sandbox for this resource.",
		"/users/delta?$deltatoken=abc":                       "Request_BadRequest: The specified page token is invalid.",
		"/users/delta?$select=nickname":                      "BadRequest: Parsing OData Select and Expand failed: Could not find a property named 'nickname' on type 'microsoft.graph.user'.",
	} {
		if got := c.get(path); got.status != 400 || got.failure() != want {
			t.Errorf("GET %.60s: %d %s\nwant 400 %s", path, got.status, got.failure(), want)
		}
	}
}

// "Use delta query to track changes": a token lasts 7 days, then 40X such as
// syncStateNotFound; where the service lost its state, 410 and a Location to start
// again at.
func TestDeltaTokensExpire(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{}))
	_, link := c.round("/users/delta")
	w.pass(7 * 24 * time.Hour)
	_, fresh := c.round(link)
	w.pass(time.Second)
	if got := c.get(link); got.status != 400 || !strings.HasPrefix(got.failure(), "syncStateNotFound: ") {
		t.Errorf("an old token: %d %s", got.status, got.failure())
	}
	if got := c.get(fresh); got.status != 200 {
		t.Errorf("a newer one: %d %s", got.status, got.failure())
	}
	another := newClient(t, tenantFile, w.on(sandbox.Options{}))
	got := another.get(fresh)
	location := got.header.Get("Location")
	if got.status != 410 || location != "http://graph.test/v1.0/users/delta?$deltatoken=" {
		t.Fatalf("a token of another process: %d %s, Location %q", got.status, got.failure(), location)
	}
	if users, _ := another.round(strings.TrimPrefix(location, "http://graph.test/v1.0")); len(users) != 5 {
		t.Errorf("starting again lists %d users, want all 5", len(users))
	}
}

// Entra, "Resolve group license assignment problems": the activity "Change user
// license", and who did it.
func TestAuditsOfLicenseChanges(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, licensing, w.on(sandbox.Options{}))
	c.assign(ada, add(e3))
	c.assign(ada, remove(e5))
	c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`) // no licenses
	w.pass(time.Hour)
	c.assignTo(staff, add(teams)) // exclusive with ada's E3
	c.get("/users")
	type entry struct{ at, user, by, result, reason, old, new string }
	var got []entry
	for _, a := range c.get("/auditLogs/directoryAudits").values() {
		target := a["targetResources"].([]any)[0].(map[string]any)
		change := target["modifiedProperties"].([]any)[0].(map[string]any)
		by, _ := a["initiatedBy"].(map[string]any)["app"].(map[string]any)["displayName"].(string)
		got = append(got, entry{a["activityDateTime"].(string), target["userPrincipalName"].(string), by, a["result"].(string), a["resultReason"].(string),
			change["oldValue"].(string), change["newValue"].(string)})
		if a["activityDisplayName"] != "Change user license" || a["category"] != "UserManagement" {
			t.Errorf("entry is %v", a)
		}
	}
	const before, after = "2026-02-03T04:05:06Z", "2026-02-03T05:05:06Z"
	const groups = "Microsoft Entra ID Group-Based Licensing"
	license := func(name, id string) string {
		return `["[SkuName=` + name + `, AccountId=` + org + `, SkuId=` + id + `, DisabledPlans=[]]"]`
	}
	adas, free := license("SPE_E3", e3), license("TEAMS_FREE", teams)
	want := []entry{
		{after, "cyd@contoso.com", groups, "success", "", "[]", free},
		{after, "bob@contoso.com", groups, "success", "", "[]", free},
		{after, "ada@contoso.com", groups, "failure",
			"License assignment failed because service plans [" + teamsFree + "], [" + teams1 + "] are mutually exclusive.", adas, adas},
		{before, "ada@contoso.com", "", "failure", "User does not have a corresponding license.", adas, adas},
		{before, "ada@contoso.com", "", "success", "", "[]", adas},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for filter, want := range map[string]int{
		"activityDateTime ge 2026-02-03T05:00:00Z":                             3,
		"activityDateTime lt 2026-02-03T05:00:00Z":                             2,
		"activityDisplayName eq 'Change user license' and result eq 'failure'": 2,
		"targetResources/any(t:t/id eq '" + ada + "')":                         3,
		"category eq 'GroupManagement'":                                        0,
	} {
		if n := len(c.get("/auditLogs/directoryAudits?$filter=" + filter).values()); n != want {
			t.Errorf("%s finds %d entries, want %d", filter, n, want)
		}
	}
	if got := c.get("/auditLogs/directoryAudits?$filter=activityDateTime ge '2026'"); got.status != 400 {
		t.Errorf("a time in quotes: %d", got.status)
	}
	pages, seen := 0, 0
	for path := "/auditLogs/directoryAudits?$top=2"; path != ""; pages++ {
		r := c.get(path)
		next, _ := r.body["@odata.nextLink"].(string)
		path, seen = strings.TrimPrefix(next, "http://graph.test/v1.0"), seen+len(r.values())
	}
	if pages != 3 || seen != 5 {
		t.Errorf("%d pages hold %d entries, want 3 and 5", pages, seen)
	}
}
