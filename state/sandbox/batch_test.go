package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

// step is an item of a batch.
type step struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      json.RawMessage   `json:"body,omitempty"`
	DependsOn []string          `json:"dependsOn,omitempty"`
}

func get(id, url string, dependsOn ...string) step {
	return step{ID: id, Method: "GET", URL: url, DependsOn: dependsOn}
}

func post(id, user, body string, dependsOn ...string) step {
	return step{ID: id, Method: "POST", URL: "/users/" + user + "/assignLicense",
		Headers: map[string]string{"content-type": "application/json"}, Body: json.RawMessage(body), DependsOn: dependsOn}
}

func patch(id, user, location string, dependsOn ...string) step {
	return step{ID: id, Method: "PATCH", URL: "/users/" + user, Headers: map[string]string{"Content-Type": "application/json"},
		Body: json.RawMessage(fmt.Sprintf(`{"usageLocation":%q}`, location)), DependsOn: dependsOn}
}

func (c client) batch(steps ...step) reply {
	c.Helper()
	body, err := json.Marshal(map[string]any{"requests": steps})
	if err != nil {
		c.Fatal(err)
	}
	return c.send(http.MethodPost, "/$batch", string(body))
}

// responses returns the answers of a batch by id.
func (r reply) responses() map[string]map[string]any {
	out := map[string]map[string]any{}
	list, _ := r.body["responses"].([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		id, _ := m["id"].(string)
		out[id] = m
	}
	return out
}

func (r reply) statuses() map[string]float64 {
	out := map[string]float64{}
	for id, m := range r.responses() {
		out[id], _ = m["status"].(float64)
	}
	return out
}

// "JSON batching": each item has its own result, and the batch is 200.
func TestBatchItemsHaveTheirOwnResults(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.batch(get("a", "/users/"+ada+"?$select=id"), get("b", "users/missing"), post("c", dan, add(e3)),
		post("d", bob, add(e3)), patch("e", cyd, "AT"), get("f", "/$batch"), get("g", "/nowhere"),
		step{ID: "h", Method: "POST", URL: "/$batch", Headers: map[string]string{"Content-Type": "application/json"}, Body: json.RawMessage(`{}`)})
	want := map[string]float64{"a": 200, "b": 404, "c": 200, "d": 400, "e": 204, "f": 405, "g": 400, "h": 400}
	if diff := cmp.Diff(want, got.statuses()); diff != "" || got.status != 200 {
		t.Errorf("status %d; items (-want +got):\n%s", got.status, diff)
	}
	responses := got.responses()
	headers, _ := responses["a"]["headers"].(map[string]any)
	if headers["x-ms-resource-unit"] != "1" || headers["request-id"] == "" || headers["request-id"] == got.header.Get("request-id") {
		t.Errorf("an item's headers are %v", headers)
	}
	if body, present := responses["e"]["body"]; body != nil || !present {
		t.Errorf("the body of a 204 is %v, want null", body)
	}
}

func TestBatchRefusals(t *testing.T) {
	t.Parallel()
	var many []step
	for i := range 21 {
		many = append(many, get(fmt.Sprint(i), "/users"))
	}
	const shape = "BadRequest: Batch should be either fully sequential or fully parallel"
	tests := []struct {
		name  string
		steps []step
		want  string
	}{
		{"more than 20 items ('JSON batching')", many, "MaximumValueExceeded: Number of batch request steps exceeds the maximum value of 20."},
		{"none", nil, "BadRequest: Invalid batch payload format."},
		{"an item without an id", []step{get("", "/users")}, "BadRequest: Invalid batch payload format."},
		{"ids that differ by case alone ('JSON batching')", []step{get("a", "/users"), get("A", "/users")}, "BadRequest: Request Id 'A' is used more than once in the batch."},
		{"a body without Content-Type ('JSON batching')", []step{{ID: "1", Method: "PATCH", URL: "/users/" + bob, Body: json.RawMessage(`{}`)}},
			"BadRequest: Write request id : 1 does not contain Content-Type header or body."},
		{"a write without a body ('JSON batching')", []step{{ID: "1", Method: "POST", URL: "/users/" + bob + "/assignLicense", Headers: map[string]string{"Content-Type": "application/json"}}},
			"BadRequest: Write request id : 1 does not contain Content-Type header or body."},
		{"a dependency on a later item ('JSON batching', microsoft-graph-docs issue 16280)", []step{get("1", "/users", "2"), get("2", "/users")}, "BadRequest: Invalid dependency for request Id: 1"},
		{"a dependency on nothing", []step{get("1", "/users"), get("2", "/users", "3")}, "BadRequest: Invalid dependency for request Id: 2"},
		{"two pairs ('JSON batching', microsoft-graph-docs issue 16280)", []step{patch("1", bob, "CH"), post("2", bob, add(e3), "1"), patch("3", dan, "CH"), post("4", dan, add(e3), "3")}, shape},
		{"a chain with a gap", []step{get("1", "/users"), get("2", "/users", "1"), get("3", "/users")}, shape},
		{"all on the first, as old texts allowed", []step{get("1", "/users"), get("2", "/users", "1"), get("3", "/users", "1")}, shape},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			before := c.dump()
			got := c.batch(test.steps...)
			if got.status != 400 || got.failure() != test.want {
				t.Errorf("%d %s\nwant 400 %s", got.status, got.failure(), test.want)
			}
			if before != c.dump() {
				t.Error("a refused batch changed something")
			}
		})
	}
}

// "JSON batching": a failed parent gives its dependents 424.
func TestBatchSequenceStopsAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.batch(patch("1", bob, "CH"), post("2", bob, add(e3), "1"), post("3", dan, add(e5), "2"), post("4", dan, add(e3), "3", "1"))
	want := map[string]float64{"1": 204, "2": 200, "3": 400, "4": 424}
	if diff := cmp.Diff(want, got.statuses()); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if licenses := c.direct(dan); licenses != "" {
		t.Errorf("the item after the failure gave %s", licenses)
	}
}

// "JSON batching": responses come in any order; here the seed chooses.
func TestBatchOrderDependsOnTheSeed(t *testing.T) {
	t.Parallel()
	order := func(seed uint64, chain bool) []string {
		c := newClient(t, tenantFile, sandbox.Options{Seed: seed})
		steps := []step{get("1", "/users")}
		for i := 2; i <= 9; i++ {
			s := get(fmt.Sprint(i), "/users")
			if chain {
				s.DependsOn = []string{fmt.Sprint(i - 1)}
			}
			steps = append(steps, s)
		}
		var ids []string
		list, _ := c.batch(steps...).body["responses"].([]any)
		for _, v := range list {
			ids = append(ids, v.(map[string]any)["id"].(string))
		}
		return ids
	}
	for _, chain := range []bool{false, true} {
		one, again, other := order(1, chain), order(1, chain), order(2, chain)
		if !slices.Equal(one, again) {
			t.Errorf("one seed gives %v and %v", one, again)
		}
		if slices.Equal(one, other) || slices.IsSorted(one) {
			t.Errorf("the order is not mixed: %v, %v", one, other)
		}
		if diff := cmp.Diff(strings.Split("123456789", ""), slices.Sorted(slices.Values(one))); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
	}
}

func TestBatchItemsHaveTheirOwnHeaders(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	with := get("with", "/users?$count=true&$top=1")
	with.Headers = map[string]string{"ConsistencyLevel": "eventual"}
	responses := c.batch(with, get("without", "/users?$count=true&$top=1")).responses()
	counted := map[string]bool{}
	for id, r := range responses {
		body, _ := r["body"].(map[string]any)
		_, counted[id] = body["@odata.count"]
		if next, _ := body["@odata.nextLink"].(string); !strings.HasPrefix(next, "http://graph.test/v1.0/users?$count=true&$top=1&$skiptoken=") {
			t.Errorf("nextLink in an item is %q", next)
		}
	}
	if !maps.Equal(counted, map[string]bool{"with": true, "without": false}) {
		t.Errorf("counted: %v", counted)
	}
}
