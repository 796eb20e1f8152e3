package graph_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/graph"
)

const guid = "00000000-0000-4000-8000-000000000001"

func batchOf(requests ...string) string { return `{"requests":[` + strings.Join(requests, ",") + `]}` }

// guardCase is a request, and its results in the chain of a reader and in that of a
// writer.
type guardCase struct {
	name, method, url, body string
	reader, writer          error
}

const (
	readUser  = `{"id":"1","method":"GET","url":"/users/` + guid + `?$select=id"}`
	readGroup = `{"id":"2","method":"GET","url":"/groups/` + guid + `"}`
	assign    = `{"id":"3","method":"POST","url":"/users/` + guid + `/assignLicense","headers":{"Content-Type":"application/json"},"body":{"addLicenses":[],"removeLicenses":[]}}`
	locate    = `{"id":"4","method":"PATCH","url":"/users/` + guid + `","headers":{},"body":{"usageLocation":"CH"}}`
	batchURL  = address + "/$batch"
)

func guardCases() []guardCase {
	changed := func(request, old, new string) string { return batchOf(strings.Replace(request, old, new, 1)) }
	return []guardCase{
		{"reading anything under the root", "GET", address + "/subscribedSkus", "", nil, nil},
		{"reading elsewhere", "GET", "https://evil.example/v1.0/users", "", graph.ErrForeignAddress, graph.ErrForeignAddress},
		{"reading with a body", "GET", address + "/users", "{}", graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a batch of reads", "POST", batchURL, batchOf(readUser, readGroup), nil, nil},
		{"a batch of writes", "POST", batchURL, batchOf(assign, locate), graph.ErrReadOnly, nil},
		{"a write hidden among reads", "POST", batchURL, batchOf(readUser, assign), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a batch elsewhere", "POST", "https://evil.example/v1.0/$batch", batchOf(readUser), graph.ErrForeignAddress, graph.ErrForeignAddress},
		{"a batch with a query", "POST", batchURL + "?x=1", batchOf(readUser), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a batch by another method", "PUT", batchURL, batchOf(readUser), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a batch that is not JSON", "POST", batchURL, `{`, graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"a batch with more than requests", "POST", batchURL, `{"requests":[],"x":1}`, graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"a batch with two lists of requests", "POST", batchURL, `{"requests":[],"requests":[` + locate + `]}`, graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item with dependencies", "POST", batchURL, changed(assign, `"id":"3"`, `"id":"3","dependsOn":["1"]`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item with a method twice", "POST", batchURL, changed(readUser, `"method":"GET"`, `"method":"GET","method":"DELETE"`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item with an absolute address", "POST", batchURL, changed(readUser, `/users/`, `https://evil.example/users/`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item with an address without scheme", "POST", batchURL, changed(readUser, `/users/`, `//evil.example/users/`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads another resource", "POST", batchURL, changed(readUser, `/users/`, `/applications/`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with an expansion", "POST", batchURL, changed(readUser, `$select=id`, `$expand=manager`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter", "POST", batchURL, changed(readUser, `$select=id`, `$filter=accountEnabled eq true`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter of one name", "POST", batchURL, changed(readUser, `$select=id`, `$filter=accountEnabled`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter behind the select", "POST", batchURL, changed(readUser, `$select=id`, `$select=id&$filter=id%20eq%201`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter before the select", "POST", batchURL, changed(readUser, `$select=id`, `$filter=id&$select=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter without a value", "POST", batchURL, changed(readUser, `$select=id`, `$select=id&$filter`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with an escaped filter", "POST", batchURL, changed(readUser, `$select=id`, `$select=id&%24filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter by another separator", "POST", batchURL, changed(readUser, `$select=id`, `$select=id;$filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter escaped into the select", "POST", batchURL, changed(readUser, `$select=id`, `$select=id%26$filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter behind a second question mark", "POST", batchURL, changed(readUser, `$select=id`, `$select=id?$filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a filter behind a fragment", "POST", batchURL, changed(readUser, `$select=id`, `$select=id#&$filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads with a nested filter", "POST", batchURL, changed(readUser, `$select=id`, `$select=manager($filter=id)`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that selects twice", "POST", batchURL, changed(readUser, `$select=id`, `$select=id&$select=mail`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that selects nothing", "POST", batchURL, changed(readUser, `$select=id`, `$select=`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that selects several", "POST", batchURL, changed(readUser, `$select=id`, `$select=id,userPrincipalName`), nil, nil},
		{"an item that reads a list with a filter", "POST", batchURL, changed(readUser, guid+`?$select=id`, `?$filter=id`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"an item that reads a UPN", "POST", batchURL, changed(readUser, guid, `a@contoso.com`), graph.ErrNotAllowed, graph.ErrNotAllowed},
		{"a nested batch", "POST", batchURL, changed(assign, `/users/`+guid+`/assignLicense`, `/$batch`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses for a UPN", "POST", batchURL, changed(assign, guid, `a@contoso.com`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses by a path with dot segments", "POST", batchURL, changed(assign, guid, `x/../../groups/`+guid), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses by a path with a query", "POST", batchURL, changed(assign, `/assignLicense`, `/assignLicense?x=1`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses of a group", "POST", batchURL, changed(assign, `/users/`, `/groups/`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses with one array", "POST", batchURL, changed(assign, `"addLicenses":[],`, ``), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"licenses with another key", "POST", batchURL, changed(assign, `"addLicenses":[],`, `"addLicenses":[],"x":1,`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"another action", "POST", batchURL, changed(assign, `assignLicense`, `revokeSignInSessions`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"another attribute", "POST", batchURL, changed(locate, `usageLocation`, `accountEnabled`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a location and another attribute", "POST", batchURL, changed(locate, `"usageLocation"`, `"accountEnabled":false,"usageLocation"`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a PATCH without a body", "POST", batchURL, changed(locate, `,"body":{"usageLocation":"CH"}`, ``), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"deleting in a batch", "POST", batchURL, changed(locate, `PATCH`, `DELETE`), graph.ErrReadOnly, graph.ErrNotAllowed},
		{"deleting", "DELETE", address + "/users/" + guid, "", graph.ErrReadOnly, graph.ErrNotAllowed},
		{"a direct write", "POST", address + "/users/" + guid + "/assignLicense", `{"addLicenses":[],"removeLicenses":[]}`, graph.ErrReadOnly, graph.ErrNotAllowed},
	}
}

func TestGuardAllowsListedRequestsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range guardCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, as := range []struct {
				name  string
				write bool
				want  error
			}{{"reader", false, c.reader}, {"writer", true, c.writer}} {
				f := &fake{answer: always(200, `{}`)}
				chain, err := graph.NewChainAt(address, as.write, fixedToken{}, f)
				if err != nil {
					t.Fatalf("make chain: %v", err)
				}
				if err := pass(t, chain, c.method, c.url, c.body); !errors.Is(err, as.want) {
					t.Errorf("%s: %v, want %v", as.name, err, as.want)
				}
				if got := len(f.requests()); got != map[bool]int{true: 1, false: 0}[as.want == nil] {
					t.Errorf("%s: %d requests reached the wire", as.name, got)
				}
			}
		})
	}
}

func pass(t testing.TB, chain http.RoundTripper, method, url, body string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatalf("make request: %v", err)
	}
	if body == "" {
		req.Body = nil
	}
	answer, err := chain.RoundTrip(req)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}

func TestGuardRefusesAnotherHostHeader(t *testing.T) {
	t.Parallel()
	f := &fake{answer: always(200, `{}`)}
	chain, err := graph.NewChainAt(address, false, fixedToken{}, f)
	if err != nil {
		t.Fatalf("make chain: %v", err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/users", nil)
	if err != nil {
		t.Fatalf("make request: %v", err)
	}
	req.Host = "evil.example"
	if _, err := chain.RoundTrip(req); !errors.Is(err, graph.ErrForeignAddress) || len(f.requests()) != 0 { //nolint:bodyclose // there is none
		t.Errorf("RoundTrip = %v after %d requests, want %v", err, len(f.requests()), graph.ErrForeignAddress)
	}
}

func TestWriterFailsOnAReadOnlyClient(t *testing.T) {
	t.Parallel()
	if w, err := client(t, &fake{}, graph.Options{}).Writer(); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("Writer = %v, %v, want %v", w, err, graph.ErrReadOnly)
	}
}
