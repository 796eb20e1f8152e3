package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

// "Microsoft Graph error responses and resource types": the envelope, with a date that has no zone, and the
// client's own id echoed.
func TestErrorEnvelope(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.get("/users/x", "client-request-id", "35d87182-96be-4725-b8f7-466a24000fab")
	id := got.header.Get("request-id")
	want := `{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist or one of its queried reference-property objects are not present.",` +
		`"innerError":{"date":"2026-02-03T04:05:06","request-id":"` + id + `","client-request-id":"35d87182-96be-4725-b8f7-466a24000fab"}}}`
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if len(id) != 36 || got.header.Get("client-request-id") != "35d87182-96be-4725-b8f7-466a24000fab" {
		t.Errorf("headers %v", got.header)
	}
	// Recorded (msgraph-sdk-javascript issue 297): without one of the client's own.
	if h := c.get("/users/x").header; h.Get("client-request-id") != h.Get("request-id") || h.Get("request-id") == id {
		t.Errorf("ids of the next request: %q, %q", h.Get("request-id"), h.Get("client-request-id"))
	}
}

func TestHeadersAreTheRecordedOnes(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	tests := []struct{ path, name, want string }{
		{"/users", "Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"},
		{"/users", "OData-Version", "4.0"},
		{"/users", "Cache-Control", "no-cache"},
		{"/users", "Date", "Tue, 03 Feb 2026 04:05:06 GMT"},
		{"/users/x", "Content-Type", "application/json"},
		// "Identity and access service limits": costs
		{"/users", "x-ms-resource-unit", "2"},
		{"/users?$select=id", "x-ms-resource-unit", "1"},
		{"/subscribedSkus", "x-ms-resource-unit", "3"},
		{"/subscribedSkus?select=skuId", "x-ms-resource-unit", "2"},
		{"/groups/" + group + "/members?$top=5", "x-ms-resource-unit", "2"},
		{"/groups/" + group + "/members?$top=20", "x-ms-resource-unit", "3"},
	}
	for _, test := range tests {
		if got := c.get(test.path).header.Get(test.name); got != test.want {
			t.Errorf("GET %s: %s is %q, want %q", test.path, test.name, got, test.want)
		}
	}
}

func TestRequestsRefusedBeforeTheDirectory(t *testing.T) {
	t.Parallel()
	unsupported := func(property string) string {
		return "Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property '" + property + "' of resource 'User'."
	}
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/people", 400, "BadRequest: Resource not found for the segment 'people'."},
		{"GET", "/users/x/manager", 400, "BadRequest: Resource not found for the segment 'manager'."},
		{"GET", "/", 400, "BadRequest: Resource not found for the segment ''."},
		{"GET", "/users//licenseDetails", 400, "BadRequest: Resource not found for the segment ''."},
		{"DELETE", "/users/" + ada, 405, "Request_BadRequest: Specified HTTP method is not allowed for the request target."},
		{"GET", "/users/" + ada + "/assignLicense", 405, "Request_BadRequest: Specified HTTP method is not allowed for the request target."},
		{"GET", "/users?$top=1000", 400, "Request_BadRequest: Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."}, // MS Q&A 1129204
		{"GET", "/users?$top=0", 400, "Request_BadRequest: Invalid page size specified: '0'. Must be between 1 and 999 inclusive."},
		{"GET", "/users?$top=ten", 400, "BadRequest: Invalid value 'ten' for $top query option found. The $top query option requires a non-negative integer value."},
		{"GET", "/users?$top=1&top=2", 400, "BadRequest: Query option '$top' was specified more than once, but it must be specified at most once."},
		{"GET", "/users?$select=id,nickname", 400, "BadRequest: Parsing OData Select and Expand failed: Could not find a property named 'nickname' on type 'microsoft.graph.user'."},
		{"GET", "/users?$skiptoken=abc", 400, "Request_BadRequest: The specified page token is invalid."},
		{"GET", "/users?$orderby=id", 400, "Request_UnsupportedQuery: Query option '$orderby' is not supported by the sandbox for this resource."},
		{"GET", "/users?$skip=5", 400, "Request_UnsupportedQuery: Query option '$skip' is not supported by the sandbox for this resource."},
		{"GET", "/subscribedSkus?$filter=x", 400, "Request_UnsupportedQuery: Query option '$filter' is not supported by the sandbox for this resource."}, // "List subscribedSkus"
		{"GET", "/users?%zz", 400, "BadRequest: The query could not be parsed."},
		{"GET", "/users?$filter=licenseAssignmentStates eq null", 400, unsupported("licenseAssignmentStates")}, // advanced queries
		{"GET", "/users?$filter=displayName eq 'Ada'", 400, unsupported("displayName")},
		{"GET", "/users?$filter=userPrincipalName ne 'a'", 400, unsupported("userPrincipalName")},
		{"GET", "/users?$filter=accountEnabled eq 'true'", 400, unsupported("accountEnabled")},
		{"GET", "/users?$filter=assignedLicenses/any(a:b/skuId eq " + e3 + ")", 400, "Request_UnsupportedQuery: Unsupported or invalid query filter clause."},
		{"GET", "/users?$filter=startswith(id,'a')", 400, "Request_UnsupportedQuery: The 'id' property can only be used with eq filter"}, // copdips.com, getting all users
		{"GET", "/users?$filter=endsWith(userPrincipalName,'x')", 400,
			"Request_UnsupportedQuery: Operator 'endsWith' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header."}, // advanced queries
	}
	c := newClient(t, tenantFile, sandbox.Options{})
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			c := client{t, c.tenant, c.handler}
			r := request(test.method, "/", "")
			path, query, _ := strings.Cut(test.path, "?")
			r.URL.Path, r.URL.RawQuery = "/v1.0"+path, strings.ReplaceAll(query, " ", "%20")
			got := c.do(r)
			if got.status != test.status || got.failure() != test.want {
				t.Errorf("%d %s\nwant %d %s", got.status, got.failure(), test.status, test.want)
			}
		})
	}
	if got := c.send(http.MethodPut, "/users/"+ada, "{}").header.Get("Allow"); got != "GET, PATCH" {
		t.Errorf("Allow is %q, want GET, PATCH", got)
	}
}

func TestOtherVersionsAreNotServed(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.do(httptest.NewRequest(http.MethodGet, "http://graph.test/beta/users", nil))
	if got.status != 400 || got.failure() != "BadRequest: Invalid version: beta" {
		t.Errorf("%d %s", got.status, got.failure())
	}
}

// OData allows the namespace before an action's name; one identity provider
// sends it (Okta knowledge base, "403 insufficient privileges").
func TestActionsMayBeQualified(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if got := c.send(http.MethodPost, "/Users/"+dan+"/microsoft.graph.assignLicense", add(e3)); got.status != 200 {
		t.Errorf("%d %s", got.status, got.failure())
	}
}

func packed(t *testing.T, body string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// kiota-http-go issue 183: Microsoft's own Go client sends plain JSON labeled
// gzip when it retries.
func TestRequestBodies(t *testing.T) {
	t.Parallel()
	const (
		unreadable = "BadRequest: The request body could not be read; is it labeled with the content encoding it has?"
		tooLarge   = "BadRequest: The request body is larger than 4 MB."
		malformed  = "BadRequest: Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
		noJSON     = "BadRequest: Entity only allows writes with a JSON Content-Type header."
	)
	good := packed(t, add(e3))
	tests := []struct {
		name, body, encoding, kind string
		status                     int
		want                       string
	}{
		{"gzip", good, "gzip", "application/json", 200, ": "},
		{"a charset is no matter", add(e3), "", "application/json; charset=utf-8", 200, ": "},
		{"plain labeled gzip", add(e3), "gzip", "application/json", 400, unreadable},
		{"gzip not labeled", good, "", "application/json", 400, malformed},
		{"gzip cut off", good[:len(good)-4], "gzip", "application/json", 400, unreadable},
		{"another encoding", add(e3), "br", "application/json", 415, "BadRequest: The content encoding 'br' is not supported."},
		{"no content type", add(e3), "", "", 400, noJSON},
		{"text", add(e3), "", "text/plain", 400, noJSON},
		{"more than 4 MB", strings.Repeat(" ", 4<<20) + add(e3), "", "application/json", 413, tooLarge},
		{"more than 4 MB unpacked", packed(t, strings.Repeat(" ", 4<<20)+add(e3)), "gzip", "application/json", 413, tooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			got := c.do(request(http.MethodPost, "/users/"+dan+"/assignLicense", test.body,
				"Content-Encoding", test.encoding, "Content-Type", test.kind))
			if got.status != test.status || got.failure() != test.want {
				t.Errorf("%d %s, want %d %s", got.status, got.failure(), test.status, test.want)
			}
			if given := c.direct(dan) != ""; given != (test.status == 200) {
				t.Errorf("license given: %v", given)
			}
		})
	}
}

func TestListenAcceptsOnlyLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "127.9.8.7:0"} {
		l, err := sandbox.Listen(addr)
		if err != nil {
			t.Errorf("Listen(%q): %v", addr, err)
			continue
		}
		if got := l.Addr().String(); !strings.HasPrefix(got, "127.") || strings.HasSuffix(got, ":0") {
			t.Errorf("Listen(%q) got %s", addr, got)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.com:80", "localhost.example.com:80", "127.0.0.1.:0"} {
		_, err := sandbox.Listen(addr)
		if want := fmt.Sprintf("listen on %q: only a literal loopback address is served", addr); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Listen(%q) fails with %v, want %s", addr, err, want)
		}
	}
	if _, err := sandbox.Listen("127.0.0.1"); err == nil || !strings.Contains(err.Error(), "missing port") {
		t.Errorf("Listen without a port fails with %v, want missing port", err)
	}
}
