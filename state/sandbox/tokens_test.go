package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

// token is an unsigned token with these claims.
func token(t *testing.T, claims string) string {
	t.Helper()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none","typ":"JWT"}`) + "." + part(claims) + "."
}

const forbidden = "Authorization_RequestDenied: Insufficient privileges to complete the operation."

func withRoles(t *testing.T, roles ...string) string {
	t.Helper()
	return "Bearer " + token(t, `{"appid":"11111111-1111-1111-1111-111111111111","roles":["`+strings.Join(roles, `","`)+`"]}`)
}

// 1.5, 4.5, 5.3 and 9.2: what each permission opens.
func TestPermissionsByRoles(t *testing.T) {
	t.Parallel()
	asks := []struct {
		name, method, path, body string
	}{
		{"users", "GET", "/users", ""},
		{"a user", "GET", "/users/" + ada, ""},
		{"details", "GET", "/users/" + ada + "/licenseDetails", ""},
		{"SKUs", "GET", "/subscribedSkus", ""},
		{"members", "GET", "/groups/" + group + "/members", ""},
		{"location", "PATCH", "/users/" + ada, `{"usageLocation":"AT"}`},
		{"assign", "POST", "/users/" + dan + "/assignLicense", add(e3)},
	}
	tests := []struct {
		roles, allowed []string
	}{
		{[]string{""}, nil},
		{[]string{"User.ReadBasic.All"}, nil},
		{[]string{"User.Read.All", "LicenseAssignment.Read.All"}, []string{"users", "a user", "details", "SKUs"}},
		{[]string{"GroupMember.Read.All"}, []string{"members"}},
		{[]string{"LicenseAssignment.ReadWrite.All"}, []string{"assign"}}, // not listed for PATCH user, nor for subscribedSkus
		{[]string{"User.ReadUpdate.All"}, []string{"users", "a user", "details", "location"}},
		{[]string{"Directory.Read.All"}, []string{"users", "a user", "details", "SKUs", "members"}},
		{[]string{"Directory.ReadWrite.All"}, []string{"users", "a user", "details", "SKUs", "members", "location", "assign"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.roles, " "), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			before := c.dump()
			var allowed []string
			for _, ask := range asks {
				got := c.send(ask.method, ask.path, ask.body, "Authorization", withRoles(t, test.roles...))
				switch {
				case got.status < 300:
					allowed = append(allowed, ask.name)
				case got.status != 403 || got.failure() != forbidden:
					t.Errorf("%s: %d %s", ask.name, got.status, got.failure())
				}
			}
			if diff := cmp.Diff(test.allowed, allowed); diff != "" {
				t.Errorf("allowed (-want +got):\n%s", diff)
			}
			if wrote := slices.Contains(allowed, "assign") || slices.Contains(allowed, "location"); wrote == (before == c.dump()) {
				t.Errorf("the tenant changed: %v", !wrote)
			}
		})
	}
}

func TestPermissionsInABatch(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	reader := withRoles(t, "User.Read.All")
	got := c.send(http.MethodPost, "/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users"},{"id":"2","method":"PATCH","url":"/users/`+ada+
		`","headers":{"Content-Type":"application/json"},"body":{"usageLocation":"CH"}}]}`, "Authorization", reader)
	if diff := cmp.Diff(map[string]float64{"1": 200, "2": 403}, got.statuses()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPermissionsByScopes(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	delegated := "Bearer " + token(t, `{"azp":"app","scp":"openid User.Read.All"}`)
	if got := c.get("/users", "Authorization", delegated); got.status != 200 {
		t.Errorf("users: %d", got.status)
	}
	if got := c.get("/subscribedSkus", "Authorization", delegated); got.status != 403 {
		t.Errorf("SKUs: %d, want 403", got.status)
	}
	if app := c.tenant.Record().Log[0].App; app != "app" {
		t.Errorf("logged for %q", app)
	}
}

func TestTokensAnyIsAccepted(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	for _, header := range []string{"", "Bearer x", "bearer " + token(t, `{}`), "Basic x", "Bearer a.%.c", "Bearer " + token(t, `{"roles":7}`),
		"Bearer " + token(t, `{"exp":1,"iss":"https://login.example.com/"}`)} {
		if got := c.get("/users", "Authorization", header); got.status != 200 {
			t.Errorf("%q: %d %s", header, got.status, got.failure())
		}
	}
}

func TestTokensOfMicrosoftAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	for _, issuer := range []string{"https://sts.windows.net/" + org + "/", "https://LOGIN.microsoftonline.com/" + org + "/v2.0"} {
		real := token(t, `{"iss":"`+issuer+`","appid":"x","roles":["User.Read.All"]}`)
		got := c.get("/users", "Authorization", "Bearer "+real)
		if got.status != 401 || !strings.Contains(got.failure(), "Microsoft issued this token") || strings.Contains(got.raw, real[20:]) {
			t.Errorf("%s: %d %s", issuer, got.status, got.raw)
		}
	}
}

// A client that invents applications gains nothing by it.
func TestQuotaIsSharedBeyondAThousandApplications(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.003}})) // 10.5 units for an app
	passed := 0
	for i := range 1100 {
		if c.get("/groups", "Authorization", "Bearer "+token(t, fmt.Sprintf(`{"appid":"%d"}`, i))).status == 200 {
			passed++
		}
	}
	if passed != 1000+10 {
		t.Errorf("%d passed, want one for each of a thousand and the ten that the others share", passed)
	}
}

func TestQuotaIsByApplication(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, newWatch().on(sandbox.Options{Quota: sandbox.Quota{Scale: 0.001}})) // 3 writes for an app, 18 for the tenant
	counts := map[int]int{}
	for _, app := range strings.Fields("a b c d e f g h") {
		for range 3 {
			got := c.send(http.MethodPatch, "/users/"+dan, `{"usageLocation":"CH"}`, "Authorization", "Bearer "+token(t, `{"appid":"`+app+`"}`))
			counts[got.status]++
			if got.status == 429 && got.header.Get("x-ms-throttle-scope") != "Tenant/Write/"+org {
				t.Errorf("scope %q", got.header.Get("x-ms-throttle-scope"))
			}
		}
	}
	if diff := cmp.Diff(map[int]int{204: 18, 429: 6}, counts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
