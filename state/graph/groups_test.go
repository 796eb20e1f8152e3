package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// groupID returns the ids of these tests.
func groupID(n int) state.GroupID {
	return state.MustParseID[state.Group](fmt.Sprintf("00000000-0000-4000-9000-%012d", n))
}

// groupService answers for two groups. Staff (1) gives a SKU to user 1. Admins (2) can
// hold roles and has user 2 in it, through another group.
func groupService(change func(path, filter, body string) (int, string)) *fake {
	const user, group = "#microsoft.graph.user", "#microsoft.graph.group"
	member := func(kind, id, name string) string {
		return fmt.Sprintf(`{"@odata.type":%q,"id":%q,"displayName":%s}`, kind, id, name)
	}
	staff := fmt.Sprintf(`{"id":%q,"displayName":"Staff","isAssignableToRole":null,"assignedLicenses":[{"skuId":"05e9a617-0261-4cee-bb44-138d3ef5d965","disabledPlans":["a23b959c-7ce8-4e57-9140-b90eb88a9e97"]}]}`, groupID(1))
	admins := fmt.Sprintf(`{"id":%q,"displayName":"Admins","isAssignableToRole":true,"assignedLicenses":[]}`, groupID(2))
	list := func(values ...string) string { return `{"value":[` + strings.Join(values, ",") + `]}` }
	answers := map[string]string{
		"/subscribedSkus": list(`{"skuId":"05e9a617-0261-4cee-bb44-138d3ef5d965","skuPartNumber":"SPE_E3","capabilityStatus":"Enabled","appliesTo":"User",` +
			`"consumedUnits":0,"prepaidUnits":{"enabled":1,"warning":0,"suspended":0,"lockedOut":0},"servicePlans":[]}`),
		"/groups assignedLicenses":                              list(staff),
		"/groups isAssignableToRole":                            list(admins),
		"/groups ":                                              list(staff, admins),
		"/groups/" + groupID(1).String():                        staff,
		"/groups/" + groupID(1).String() + "/members":           list(member(user, userID(1).String(), `"Anna"`), member(group, groupID(2).String(), `"Admins"`)),
		"/groups/" + groupID(1).String() + "/transitiveMembers": list(member(user, userID(1).String(), `"Anna"`), member(user, userID(2).String(), `"Bea"`)),
		"/groups/" + groupID(2).String() + "/transitiveMembers": list(member(user, userID(2).String(), `"Bea"`), member("#microsoft.graph.device", userID(9).String(), `"PC"`)),
		"/groups/00000000-0000-4000-9000-000000000009":          "",
	}
	return &fake{answer: func(_ int, r sent) (*scripted, error) {
		u, err := url.Parse(r.URL)
		if err != nil {
			return nil, err
		}
		path := strings.TrimPrefix(u.Path, "/v1.0")
		key := path
		if path == "/groups" {
			filter, _, _ := strings.Cut(u.Query().Get("$filter"), " ")
			filter, _, _ = strings.Cut(filter, "/")
			key += " " + filter
		}
		status, body := http.StatusOK, answers[key]
		if body == "" {
			status, body = http.StatusNotFound, `{"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist or one of its queried reference-property objects are not present."}}`
		}
		if change != nil {
			if s, b := change(path, u.Query().Get("$filter"), body); s != 0 {
				status, body = s, b
			}
		}
		return reply(status, body), nil
	}}
}

var everyGroup = state.Query{SKUs: true, Licensing: true, Roles: true, Everyone: []state.GroupID{groupID(1), groupID(9)}}

func TestReadGroupsOfAQuery(t *testing.T) {
	t.Parallel()
	got, err := client(t, groupService(nil), graph.Options{}).Read(t.Context(), everyGroup)
	if err != nil {
		t.Fatal(err)
	}
	want := []state.Group{
		{ID: groupID(1), DisplayName: "Staff", Members: []state.UserID{userID(1)}, Everyone: []state.UserID{userID(1), userID(2)}, Licenses: []state.License{{
			SKU:      state.MustParseID[state.SKU]("05e9a617-0261-4cee-bb44-138d3ef5d965"),
			Disabled: []state.PlanID{state.MustParseID[state.ServicePlan]("a23b959c-7ce8-4e57-9140-b90eb88a9e97")},
		}}},
		{ID: groupID(2), DisplayName: "Admins", RoleAssignable: true, Everyone: []state.UserID{userID(2)}},
	}
	if diff := cmp.Diff(want, got.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if len(got.Unread) > 0 {
		t.Errorf("unread: %v", got.Unread)
	}
}

func TestReadGroupsWithoutTheFilter(t *testing.T) {
	t.Parallel()
	f := groupService(func(path, filter, _ string) (int, string) {
		if path == "/groups" && strings.HasPrefix(filter, "assignedLicenses") {
			return http.StatusBadRequest, `{"error":{"code":"Request_UnsupportedQuery","message":"Unsupported filter."}}`
		}
		return 0, ""
	})
	got, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true, Licensing: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Groups) != 1 || got.Groups[0].ID != groupID(1) || len(got.Groups[0].Members) != 1 {
		t.Errorf("groups: %+v, want the one that gives a license, found among all", got.Groups)
	}
}

func TestReadGroupsThatAreUnreadable(t *testing.T) {
	t.Parallel()
	const denied = `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`
	forbidden := func(part string) func(string, string, string) (int, string) {
		return func(path, filter, _ string) (int, string) {
			if strings.Contains(path+" "+filter, part) {
				return http.StatusForbidden, denied
			}
			return 0, ""
		}
	}
	hidden := func(part string) func(string, string, string) (int, string) {
		return func(path, _, body string) (int, string) {
			if strings.HasSuffix(path, part) {
				return http.StatusOK, strings.ReplaceAll(body, `"Anna"`, "null")
			}
			return 0, ""
		}
	}
	for _, c := range []struct {
		name   string
		change func(string, string, string) (int, string)
		query  state.Query
		unread string // a part of the snapshot's note of what was not read
		fails  string // or a part of the error
	}{
		{"the list of groups that give licenses is forbidden", forbidden("assignedLicenses"), state.Query{SKUs: true, Licensing: true}, "groups that give licenses: list groups: forbidden", ""},
		{"the list of those with roles is forbidden", forbidden("isAssignableToRole"), state.Query{Roles: true}, "members of role-assignable groups: list groups: forbidden", ""},
		{"their members are forbidden", forbidden("transitiveMembers"), state.Query{Roles: true}, "members of role-assignable groups", ""},
		{"members of a group that gives licenses are hidden", hidden("/members"), state.Query{SKUs: true, Licensing: true}, "Member.Read.Hidden", ""},
		{"one that a policy names is forbidden", forbidden(groupID(1).String()), state.Query{Everyone: []state.GroupID{groupID(1)}}, "", "forbidden"},
		{"its members are hidden", hidden("/transitiveMembers"), state.Query{Everyone: []state.GroupID{groupID(1)}}, "", "the members are hidden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := client(t, groupService(c.change), graph.Options{}).Read(t.Context(), c.query)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("Read = %v, want %q", err, c.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Unread) != 1 || !strings.Contains(got.Unread[0], c.unread) {
				t.Errorf("unread is %q, want %q", got.Unread, c.unread)
			}
		})
	}
}

// saying is a token with an identity in it.
type saying struct{ token string }

func (s saying) GetAuthorizationToken(context.Context, *url.URL, map[string]any) (string, error) {
	return s.token, nil
}

func TestReadTakesTheCallerFromTheToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		claims jwt.MapClaims
		want   state.UserID
	}{
		{"a user", jwt.MapClaims{"idtyp": "user", "oid": userID(1).String()}, userID(1)},
		{"an application is no user", jwt.MapClaims{"idtyp": "app", "oid": userID(1).String()}, state.UserID{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reader, err := graph.NewAt(graph.Options{}, address, saying{unsignedToken(t, c.claims)}, groupService(nil))
			if err != nil {
				t.Fatal(err)
			}
			got, err := reader.Read(t.Context(), state.Query{Roles: true})
			if err != nil || got.Caller != c.want {
				t.Errorf("the caller is %s, %v, want %s", got.Caller, err, c.want)
			}
		})
	}
}

func TestReadTakesTheTenantFromTheToken(t *testing.T) {
	t.Parallel()
	denied := groupService(func(path, _, _ string) (int, string) {
		if path == "/organization" {
			return http.StatusForbidden, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`
		}
		return 0, ""
	})
	tenant := state.MustParseID[state.Organization]("48a80680-7326-48cd-9935-b556b81d3a4e")
	for _, c := range []struct {
		name   string
		claims jwt.MapClaims
		known  bool
	}{
		{"the token names the tenant", jwt.MapClaims{"tid": tenant.String()}, true},
		{"the token does not", jwt.MapClaims{"idtyp": "app"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reader, err := graph.NewAt(graph.Options{}, address, saying{unsignedToken(t, c.claims)}, denied)
			if err != nil {
				t.Fatal(err)
			}
			got, err := reader.Read(t.Context(), state.Query{Organization: true})
			if !c.known {
				if state.ReasonOf(err) != state.ReasonForbidden {
					t.Errorf("Read = %v, want that it is forbidden", err)
				}
				return
			}
			if err != nil || got.Organization.ID != tenant || len(got.Unread) != 1 || !strings.Contains(got.Unread[0], "Organization.Read.All") {
				t.Errorf("Read gave %v, want the tenant of the token and what was not read", err)
			}
		})
	}
}
