package graph_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func TestReadWalksUsersToTheEnd(t *testing.T) {
	t.Parallel()
	f := &fake{answer: inTurn(
		reply(200, pageJSON(address+"/users?$skiptoken=a", userJSON(3))),
		reply(200, pageJSON("HTTPS://GRAPH.microsoft.com:443/v1.0/users?$skiptoken=b")), // empty, and goes on
		reply(200, pageJSON("", userJSON(1), userJSON(2))),
	)}
	var progress []int
	c := client(t, f, graph.Options{Progress: func(users int) { progress = append(progress, users) }})
	got, err := c.Read(t.Context(), state.Query{AllUsers: true})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	var upns []string
	for u := range got.Users() {
		upns = append(upns, u.UserPrincipalName())
	}
	if diff := cmp.Diff([]string{"u1@contoso.com", "u2@contoso.com", "u3@contoso.com"}, upns); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 1, 3}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if want := address + "/users?" + graph.UserSelect + "&$top=999"; f.requests()[0].URL != want {
		t.Errorf("first request is %s, want %s", f.requests()[0].URL, want)
	}
}

// emptyPages returns pages without users, each with a link to the next.
func emptyPages(n int) []*scripted {
	var pages []*scripted
	for i := range n {
		pages = append(pages, reply(200, pageJSON(fmt.Sprintf("%s/users?$skiptoken=%d", address, i))))
	}
	return pages
}

func TestReadFailsOnAnUnfinishedList(t *testing.T) {
	t.Parallel()
	follow := func(link string) []*scripted {
		return []*scripted{reply(200, pageJSON(link, userJSON(1))), reply(200, pageJSON("", userJSON(2)))}
	}
	for name, c := range map[string]struct {
		answers []*scripted
		want    error
	}{
		"a link to another host":          {follow("https://evil.example/v1.0/users"), graph.ErrForeignAddress},
		"a link to another port":          {follow("https://graph.microsoft.com:8443/v1.0/users"), graph.ErrForeignAddress},
		"a link without TLS":              {follow("http://graph.microsoft.com/v1.0/users"), graph.ErrForeignAddress},
		"a link with a user in it":        {follow("https://graph.microsoft.com@evil.example/v1.0/users"), graph.ErrForeignAddress},
		"a link to another version":       {follow("https://graph.microsoft.com/beta/users"), graph.ErrForeignAddress},
		"a link that climbs out":          {follow("https://graph.microsoft.com/v1.0/../beta/users"), graph.ErrForeignAddress},
		"a link that climbs out, encoded": {follow("https://graph.microsoft.com/v1.0/%2e%2e/beta/users"), graph.ErrForeignAddress},
		"a link that climbs by backslash": {follow("https://graph.microsoft.com/v1.0/x%5c..%5c..%5cbeta"), graph.ErrForeignAddress},
		"a link to another list":          {follow("https://graph.microsoft.com/v1.0/groups?$skiptoken=a"), graph.ErrForeignAddress},
		"a host that only folds alike":    {follow("https://graph.micro\u017foft.com/v1.0/users?$skiptoken=a"), graph.ErrForeignAddress},
		"empty pages without end":         {emptyPages(graph.MaxEmptyPages + 1), graph.ErrLinkLoop},
		"a link without a host":           {follow("/v1.0/users?$skiptoken=a"), graph.ErrForeignAddress},
		"a link that is none":             {follow("https://[::1"), graph.ErrForeignAddress},
		"a link that was given before": {[]*scripted{
			reply(200, pageJSON(address+"/users?$skiptoken=a", userJSON(1))),
			reply(200, pageJSON(address+"/users?$skiptoken=b", userJSON(2))),
			reply(200, pageJSON(address+"/users?$skiptoken=a")),
		}, graph.ErrLinkLoop},
		"a page that is cut":        {[]*scripted{reply(200, pageJSON("", userJSON(1))[:60])}, graph.ErrIncomplete},
		"a page without a list":     {[]*scripted{reply(200, `{"error":null}`)}, graph.ErrIncomplete},
		"a page that is HTML":       {[]*scripted{reply(200, `<html>`)}, graph.ErrIncomplete},
		"an empty answer":           {[]*scripted{reply(200, ``)}, graph.ErrIncomplete},
		"a page with repeated keys": {[]*scripted{reply(200, `{"value":[],"value":[]}`)}, graph.ErrIncomplete},
		"no content":                {[]*scripted{reply(204, ``)}, graph.ErrIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: inTurn(c.answers...)}
			s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
			if !errors.Is(err, c.want) {
				t.Fatalf("Read = %v, %v, want %v", s, err, c.want)
			}
			for _, r := range f.requests() {
				if !strings.HasPrefix(strings.ToLower(r.URL), address+"/users") {
					t.Errorf("a request went to %s", r.URL)
				}
			}
		})
	}
}

func TestReadIsIncompleteWithoutAnAttribute(t *testing.T) {
	t.Parallel()
	for name, without := range map[string][]string{
		"accountEnabled":          {`"accountEnabled":true,`, ``},
		"userType":                {`"userType":"Member",`, ``},
		"usageLocation":           {`"usageLocation":"CH",`, ``},
		"country":                 {`"country":null,`, ``},
		"onPremisesSyncEnabled":   {`"onPremisesSyncEnabled":null,`, ``},
		"assignedLicenses":        {`"assignedLicenses":[],`, ``},
		"licenseAssignmentStates": {`,"licenseAssignmentStates":[]`, ``},
		"a path without a SKU":    {`"licenseAssignmentStates":[]`, `"licenseAssignmentStates":[{"state":"Active"}]`},
		"an invalid boolean":      {`"accountEnabled":true`, `"accountEnabled":"yes"`},
		"a name that is none":     {`"displayName":"User 1"`, `"displayName":1`},
		"a name that is repeated": {`"displayName":"User 1"`, `"displayName":"User 1","displayName":"User 1"`},
		"no object":               {`"licenseAssignmentStates":[]`, `"licenseAssignmentStates":[7]`},
		"a path by no group's id": {`"licenseAssignmentStates":[]`, `"licenseAssignmentStates":[{"skuId":"` + skuText + `","state":"Active","assignedByGroup":"x"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, pageJSON("", userJSON(1, without...), userJSON(2)))}
			got, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			if got.Complete || !strings.Contains(got.Incomplete, userID(1).String()) || got.Len() != 1 {
				t.Errorf("a read of %d users, complete: %t (%s); want the other user alone, and that it is incomplete", got.Len(), got.Complete, got.Incomplete)
			}
		})
	}
}

func TestReadUsersWithNullsAndOddValues(t *testing.T) {
	t.Parallel()
	path := func(group, err string) string {
		return `"assignedLicenses":[{"skuId":"` + skuText + `"}],"licenseAssignmentStates":[{"skuId":"` + skuText +
			`","assignedByGroup":` + group + `,"state":"Active","error":` + err + `,"disabledPlans":[]}]`
	}
	none := `"assignedLicenses":[],"licenseAssignmentStates":[]`
	for name, c := range map[string]struct {
		replace []string
		check   func(state.User) bool
	}{
		"a user type of null is a member":                   {[]string{`"Member"`, `null`}, state.User.Internal},
		"a guest is not internal":                           {[]string{`"Member"`, `"guest"`}, func(u state.User) bool { return !u.Internal() }},
		"an account whose state is null is not shut":        {[]string{`"accountEnabled":true`, `"accountEnabled":null`}, state.User.Enabled},
		"a location of null is none":                        {[]string{`"CH"`, `null`}, func(u state.User) bool { return u.UsageLocation() == "" }},
		"an error of None is none":                          {[]string{none, path(`null`, `"None"`)}, func(u state.User) bool { return u.Paths()[0].Error == "" && u.Paths()[0].Direct() }},
		"an error of null is none":                          {[]string{none, path(`null`, `null`)}, func(u state.User) bool { return u.Paths()[0].Error == "" }},
		"a group of the empty text is direct":               {[]string{none, path(`""`, `""`)}, func(u state.User) bool { return u.Paths()[0].Direct() }},
		"a name that is not a DN puts the user under no OU": {[]string{`"onPremisesDistinguishedName":null`, `"onPremisesDistinguishedName":"no name"`}, func(u state.User) bool { return u.Container().IsZero() }},
		"licenses of null are none":                         {[]string{`"assignedLicenses":[]`, `"assignedLicenses":null`}, func(u state.User) bool { return len(u.Paths()) == 0 && !u.Inconsistent() }},
		"attributes that were not requested are ignored":    {[]string{`{"id"`, `{"@odata.id":"x","id"`}, state.User.Enabled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, pageJSON("", userJSON(1, c.replace...)))}
			s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			if !c.check(s.User(0)) {
				t.Errorf("it is not so: %+v", s.User(0).Paths())
			}
		})
	}
}

func TestReadReadsSKUsBeforeAndAfterUsers(t *testing.T) {
	t.Parallel()
	sku := func(consumed int) *scripted {
		return reply(200, fmt.Sprintf(`{"value":[{"skuId":"%s","skuPartNumber":"SPE_E3","appliesTo":"User","capabilityStatus":"Enabled","consumedUnits":%d,`+
			`"prepaidUnits":{"enabled":5,"warning":0,"suspended":0,"lockedOut":0},"servicePlans":[]}]}`, skuText, consumed))
	}
	f := &fake{answer: inTurn(sku(1), reply(200, pageJSON("", userJSON(1))), sku(2))}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true, AllUsers: true})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if len(s.SKUs) != 1 || s.SKUs[0].Consumed != 2 {
		t.Errorf("SKUs are %+v, want the later reading (2 consumed)", s.SKUs)
	}
}

func TestReadFailsOnASKUWithoutUnits(t *testing.T) {
	t.Parallel()
	whole := `"skuId":"` + skuText + `","skuPartNumber":"X","consumedUnits":1,"prepaidUnits":{},"servicePlans":[]`
	for name, part := range map[string]string{"consumed units": `"consumedUnits":1,`, "units": `"prepaidUnits":{},`, "plans": `,"servicePlans":[]`, "name": `"skuPartNumber":"X",`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, `{"value":[{`+strings.Replace(whole, part, "", 1)+`}]}`)}
			if _, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true}); !errors.Is(err, graph.ErrIncomplete) {
				t.Errorf("Read = %v, want %v", err, graph.ErrIncomplete)
			}
		})
	}
}

func TestReadGroupNamesThatAreUnreadable(t *testing.T) {
	t.Parallel()
	const known, hidden, gone = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b", "00000000-0000-4000-8000-00000000000c"
	var states []string
	for _, group := range []string{known, hidden, gone} {
		states = append(states, `{"skuId":"`+skuText+`","assignedByGroup":"`+group+`","state":"Active","error":"None","disabledPlans":[]}`)
	}
	f := &fake{}
	f.answer = func(n int, r sent) (*scripted, error) {
		if n == 1 {
			return reply(200, pageJSON("", userJSON(1, `"assignedLicenses":[]`, assignedOnly[1], `States":[]`, `States":[`+strings.Join(states, ",")+`]`))), nil
		}
		return answerItems(t, r, func(i item) string {
			switch {
			case strings.Contains(i.URL, known):
				return `"status":200,"body":{"id":"` + known + `","displayName":"Licenses"}`
			case strings.Contains(i.URL, hidden):
				return `"status":403,"body":{}`
			}
			return notFound
		}), nil
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true, Groups: true})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	want := []state.Group{{ID: state.MustParseID[state.Group](known), DisplayName: "Licenses"}, {ID: state.MustParseID[state.Group](hidden)}, {ID: state.MustParseID[state.Group](gone)}}
	if diff := cmp.Diff(want, s.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if !s.Complete {
		t.Error("the snapshot is not complete")
	}
}

func TestReadOrganization(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"one":         {`{"value":[{"id":"00000000-0000-4000-8000-000000000001","displayName":"C","verifiedDomains":[{"name":"Z.example"},{"name":"a.example"}]}]}`, nil},
		"none":        {`{"value":[]}`, graph.ErrIncomplete},
		"without id":  {`{"value":[{"displayName":"C"}]}`, graph.ErrIncomplete},
		"two of them": {`{"value":[{"id":"00000000-0000-4000-8000-000000000001"},{"id":"00000000-0000-4000-8000-000000000002"}]}`, graph.ErrIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := client(t, &fake{answer: always(200, c.answer)}, graph.Options{}).Read(t.Context(), state.Query{Organization: true})
			if !errors.Is(err, c.want) {
				t.Fatalf("Read = %v, want %v", err, c.want)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff([]string{"a.example", "z.example"}, s.Organization.Domains); diff != "" {
				t.Errorf("domains (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadCanceledReturnsTheCause(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{answer: func(int, sent) (*scripted, error) {
		cancel()
		return reply(503, ``, "Retry-After", "60"), nil
	}}
	if _, err := client(t, f, graph.Options{}).Read(ctx, state.Query{SKUs: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want %v", err, context.Canceled)
	}
	if n := len(f.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
