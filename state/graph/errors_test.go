package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// The texts were recorded from the service or are Microsoft's documentation, except where
// a name reports otherwise.
func TestRefusalReasons(t *testing.T) {
	t.Parallel()
	const bad = "Request_BadRequest"
	for _, c := range []struct {
		name, code, message string
		status              int
		want                state.Reason
	}{
		{"no usage location", bad, "License assignment cannot be done for user with invalid usage location.", 400, state.ReasonNoLocation},
		{"no seats, as clients match it", bad, "Subscription with SKU 05e9a617-0261-4cee-bb44-138d3ef5d965 does not have any available licenses.", 400, state.ReasonNoSeats},
		{"no seats, as partners see it", bad, "Subscription with Account a and SKU b does not have any available licenses left.", 400, state.ReasonNoSeats},
		{"exclusive plans", bad, "License assignment failed because service plans 4fa4026d-ce74-4962-a151-8e96d57ea8e4,57ff2da0-773e-42df-b2af-ffb7a2317929 are mutually exclusive", 400, state.ReasonExclusive},
		{"a plan that needs another", bad, "License assignment failed because service plan fe71d6c3-a2ea-4499-9778-da042bf08063 depends on the service plan(s) 5dbe027f-2339-4123-9542-606e4d348a72", 400, state.ReasonDependency},
		{"a SKU not owned", bad, "License 0118a350-71fc-4ec3-8f0c-6a1cb8867561 does not correspond to a valid company License.", 400, state.ReasonNotOwned},
		{"a SKU for the company", bad, "License ______ cannot be assigned to a user.", 400, state.ReasonNotAssignable},
		{"a plan of another SKU, as an issue paraphrases it", bad, "service plan does not belong to E5 subscription", 400, state.ReasonBadPlan},
		{"not held", bad, "User does not have a corresponding license.", 400, state.ReasonNotHeld},
		{"inherited", bad, "User license is inherited from a group membership and it cannot be removed directly from the user.", 400, state.ReasonInherited},
		{"prohibited in the location", bad, "ProhibitedInUsageLocationViolation", 400, state.ReasonProhibitedLocation},
		{"an address that is taken", bad, "Another object with the same value for property proxyAddresses already exists.", 400, state.ReasonAddressTaken},
		{"an address that is taken, as groups report it", bad, "Proxy address is already being used", 400, state.ReasonAddressTaken},
		{"mastered on premises", bad, "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.", 400, state.ReasonSynced},
		{"no such user", "Request_ResourceNotFound", "Resource 'x' does not exist or one of its queried reference-property objects are not present.", 404, state.ReasonNotFound},
		{"forbidden", "Authorization_RequestDenied", "Insufficient privileges to complete the operation.", 403, state.ReasonForbidden},
		{"forbidden without a text", "", "", 403, state.ReasonForbidden},
		{"a bad token", "InvalidAuthenticationToken", "Access token has expired or is not yet valid.", 401, state.ReasonUnauthorized},
		{"concurrency", "Directory_ConcurrencyViolation", "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.", 409, state.ReasonConcurrency},
		{"concurrency as a bad request", bad, "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.", 400, state.ReasonConcurrency},
		{"throttled by the gateway", "TooManyRequests", "Please retry again later.", 429, state.ReasonThrottled},
		{"throttled by the directory", "TooManyRequests", "Too many requests from Identifier:<id> under category:aadgraph.app.tenant_large. Please try again later.", 429, state.ReasonThrottled},
		{"throttled, the old body", "UnknownError", "", 429, state.ReasonThrottled},
		{"throttled with another status", "Request_ThrottledTemporarily", "Your request is throttled temporarily. Please try after 10 seconds.", 400, state.ReasonThrottled},
		{"503 leaves open what was done, whatever its text", "Request_ThrottledTemporarily", "Your request is throttled temporarily.", 503, state.ReasonUnavailable},
		{"500", "Service_InternalServerError", "", 500, state.ReasonUnavailable},
		{"missing addLicenses is a defect of ours", bad, "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: addLicenses.", 400, state.ReasonMalformed},
		{"nothing to do is a defect of ours", bad, "No license changes provided. At least one license to add or remove must be specified.", 400, state.ReasonMalformed},
		{"a page size", bad, "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.", 400, state.ReasonMalformed},
		{"missing removeLicenses is a defect of ours", bad, "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: removeLicenses.", 400, state.ReasonMalformed},
		{"a query that is not supported", "Request_UnsupportedQuery", "Unsupported Query.", 400, state.ReasonMalformed},
		{"too long a filter", bad, "Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15", 400, state.ReasonMalformed},
		{"an unknown text", bad, "Ein unbekannter Fehler.", 400, state.ReasonUnknown},
		{"another 404", "UnknownError", "", 404, state.ReasonUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, message := range []string{c.message, strings.ToUpper(c.message)} {
				body := fmt.Sprintf(`{"error":{"code":%q,"message":%q,"innerError":{"date":"2025-01-06T00:00:00","request-id":"r-1"}}}`, c.code, message)
				want := &state.Error{Op: "test", Reason: c.want, Status: c.status, Code: c.code, Message: message, RequestID: "r-1"}
				if c.code == "" && c.message == "" {
					want.Message = body
				}
				got := graph.ReasonOfAnswer(c.status, body)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if got.Hint() == "" {
					t.Errorf("there is no hint for %s", c.want)
				}
			}
		})
	}
}

func TestRefusalKeepsStatusAndTextOfOtherBodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, message string
	}{
		"an empty object":       {`{}`, `{}`},
		"an error of null":      {`{"error":null}`, `{"error":null}`},
		"an error that is text": {`{"error":"invalid_client"}`, `{"error":"invalid_client"}`},
		"a code that is number": {`{"error":{"code":5,"message":"m"}}`, `{"error":{"code":5,"message":"m"}}`},
		"a page":                {"<html>Bad gateway</html>\n", "<html>Bad gateway</html>"},
		"nothing":               {``, ``},
		"a list":                {`[]`, `[]`},
		"not UTF-8":             {"\xff", "\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &state.Error{Op: "test", Reason: state.ReasonUnavailable, Status: 502, Message: c.message}
			if diff := cmp.Diff(want, graph.ReasonOfAnswer(502, c.body)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusalShortensForeignText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for _, body := range []string{long, `{"error":{"code":"` + long[:5000] + `","message":"` + long[:5000] + `"}}`} {
		if got := graph.ReasonOfAnswer(400, body); len(got.Message) > 1100 || len(got.Code) > 1100 || got.Message == "" {
			t.Errorf("code of %d and message of %d bytes", len(got.Code), len(got.Message))
		}
	}
}

func TestReadErrorsHaveNoAddress(t *testing.T) {
	t.Parallel()
	f := &fake{answer: inTurn(reply(200, pageJSON(address+"/users?$skiptoken=SECRET-SKIP", userJSON(1))), reply(400, `{}`))}
	_, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if refusal := refusalOf(t, err); refusal.Status != 400 || strings.Contains(err.Error(), "SKIP") {
		t.Errorf("Read = %v, want a 400 without the address", err)
	}
}
