package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// assignedOnly makes a user's attributes disagree.
var assignedOnly = []string{`"assignedLicenses":[]`, `"assignedLicenses":[{"skuId":"` + skuText + `","disabledPlans":[]}]`}

func TestReadRechecksInconsistentUsers(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(n int, r sent) (*scripted, error) {
		if n == 1 {
			return reply(200, pageJSON("", userJSON(1, assignedOnly...), userJSON(2, assignedOnly...), userJSON(3, assignedOnly...), userJSON(4))), nil
		}
		return answerItems(t, r, func(i item) string {
			switch {
			case strings.Contains(i.URL, userID(1).String()):
				return `"status":200,"body":` + userJSON(1)
			case strings.Contains(i.URL, userID(2).String()):
				return `"status":200,"body":` + userJSON(2, assignedOnly...)
			}
			return notFound
		}), nil
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	got := map[string]bool{}
	for u := range s.Users() {
		got[u.UserPrincipalName()] = u.Inconsistent()
	}
	want := map[string]bool{"u1@contoso.com": false, "u2@contoso.com": true, "u4@contoso.com": false} // u3 was deleted in the meantime
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inconsistent users (-want +got):\n%s", diff)
	}
	if n := len(f.requests()); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestReadLimitsRechecks(t *testing.T) {
	t.Parallel()
	users := make([]string, graph.MaxRechecks+5)
	for i := range users {
		users[i] = userJSON(i+1, assignedOnly...)
	}
	again := 0
	f := &fake{}
	f.answer = func(n int, r sent) (*scripted, error) {
		if n == 1 {
			return reply(200, pageJSON("", users...)), nil
		}
		return answerItems(t, r, func(i item) string {
			again++
			id := strings.TrimPrefix(strings.Split(i.URL, "?")[0], "/users/")
			return `"status":200,"body":` + strings.ReplaceAll(userJSON(again, assignedOnly...), userID(again).String(), id)
		}), nil
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if again != graph.MaxRechecks || s.Len() != len(users) {
		t.Errorf("%d users read once more, %d in all; want %d, %d", again, s.Len(), graph.MaxRechecks, len(users))
	}
}

func TestReadParticularUsersInBatches(t *testing.T) {
	t.Parallel()
	var ids []state.UserID
	for n := range 45 {
		ids = append(ids, userID(n+1), userID(n+1))
	}
	var sizes []int
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		sizes = append(sizes, len(items(t, r.Body)))
		return answerItems(t, r, func(i item) string {
			var n int
			if _, err := fmt.Sscanf(i.URL, "/users/00000000-0000-4000-8000-%012d?"+graph.UserSelect, &n); err != nil {
				t.Errorf("read of %s: %v", i.URL, err)
			}
			return `"status":200,"body":` + userJSON(n)
		}), nil
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: ids})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if diff := cmp.Diff([]int{20, 20, 5}, sizes); diff != "" || s.Len() != 45 {
		t.Errorf("%d users; sizes of batches (-want +got):\n%s", s.Len(), diff)
	}
}

func TestReadTreatsOnlyA404AsAbsent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   state.Reason
	}{
		"Graph's own 404":          {notFound, ""},
		"some proxy's 404":         {`"status":404,"body":"<html>not found</html>"`, state.ReasonUnknown},
		"a 403":                    {`"status":403,"body":{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`, state.ReasonForbidden},
		"no answer to the request": {``, state.ReasonUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			f.answer = func(_ int, r sent) (*scripted, error) {
				return answerItems(t, r, func(item) string { return c.answer }), nil
			}
			s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: []state.UserID{userID(1)}})
			if got := state.ReasonOf(err); got != c.want {
				t.Fatalf("Read = %v, want reason %q", err, c.want)
			}
			if err == nil && s.Len() != 0 {
				t.Errorf("%d users, want none", s.Len())
			}
		})
	}
}

func TestReadRefusesAnAnswerAboutAnotherUser(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		return answerItems(t, r, func(item) string { return `"status":200,"body":` + userJSON(2) }), nil
	}
	got, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: []state.UserID{userID(1), userID(2)}})
	if err != nil || got.Complete || got.Len() != 1 || !strings.Contains(got.Incomplete, "the answer is about "+userID(2).String()) {
		t.Errorf("Read = %+v, %v; want user 2 alone, and that it is incomplete", got, err)
	}
}

func TestReadRepeatsThrottledItemsOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(n int, r sent) (*scripted, error) {
			return answerItems(t, r, func(i item) string {
				if n == 1 && strings.Contains(i.URL, userID(2).String()) {
					return throttled
				}
				if strings.Contains(i.URL, userID(1).String()) {
					return `"status":200,"body":` + userJSON(1)
				}
				return `"status":200,"body":` + userJSON(2)
			}), nil
		}
		began := now()
		s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: []state.UserID{userID(1), userID(2)}})
		if err != nil || s.Len() != 2 {
			t.Fatalf("Read = %v, %v, want two users", s, err)
		}
		if got := now().Sub(began).Seconds(); got != 7.5 {
			t.Errorf("waited %v s, want 7.5", got)
		}
		if n := len(items(t, f.requests()[1].Body)); n != 1 {
			t.Errorf("%d requests in the second batch, want 1", n)
		}
	})
}

func TestReadUsersByName(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		return answerItems(t, r, func(i item) string {
			switch path, _, _ := strings.Cut(i.URL, "?"); path {
			case "/users/u1%40contoso.com", "/users/" + userID(1).String():
				return `"status":200,"body":` + userJSON(1)
			case "/users/o%27hara%2Bx_gmail.com%23ext%23%40contoso.com":
				return `"status":200,"body":` + userJSON(2, "u2@contoso.com", "O'Hara+x_gmail.com#EXT#@contoso.com")
			case "/users/gone%40contoso.com":
				return notFound
			default:
				t.Errorf("read of %s", path)
			}
			return ""
		}), nil
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{
		Users: []state.UserID{userID(1)},
		UPNs: []string{"u1@contoso.com", "U1@contoso.com", "gone@contoso.com", "O'Hara+x_gmail.com#EXT#@contoso.com",
			"x@y/../../groups/1", "no name", "", "a@b\x00", `a@b\c`, "a@b\xff"},
	})
	if err != nil || !s.Complete || s.Len() != 2 {
		t.Fatalf("Read = %+v, %v, want two users", s, err)
	}
	if _, found := s.FindUPN("o'hara+x_gmail.com#ext#@contoso.com"); !found {
		t.Error("the guest was not read")
	}
	if n := len(f.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestReadTreatsUnknownPathStatesAsInconsistent(t *testing.T) {
	t.Parallel()
	path := func(pathState string) []string {
		return append([]string{`"licenseAssignmentStates":[]`, `"licenseAssignmentStates":[{"skuId":"` + skuText + `","state":"` + pathState + `","assignedByGroup":null,"error":"None"}]`}, assignedOnly...)
	}
	for pathState, want := range map[string]bool{"Active": false, "ActiveWithError": false, "Disabled": false, "Error": true, "active": true, "Paused": true} {
		records, flaws, err := graph.DecodePage([]byte(pageJSON("", userJSON(1, path(pathState)...))))
		if err != nil || len(flaws) > 0 || len(records) != 1 || records[0].Inconsistent != want {
			t.Errorf("state %q: %+v, %v, %v; want inconsistent: %t", pathState, records, flaws, err, want)
		}
	}
}
