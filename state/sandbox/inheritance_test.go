package sandbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

const (
	staff  = "00000000-0000-4000-8000-0000000000f1"
	nested = "00000000-0000-4000-8000-0000000000f2"
)

// licensing has a group of three with a group inside, and no licenses yet: two
// seats of E3, one of E5, Project and free Teams for all.
const licensing = `
organization: {id: 48a80680-7326-48cd-9935-b556b81d3a4e, countryLetterCode: CN}
subscribedSkus:
  - skuId: 05e9a617-0261-4cee-bb44-138d3ef5d965
    skuPartNumber: SPE_E3
    prepaidUnits: {enabled: 2}
    servicePlans:
      - {servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}
      - {servicePlanId: 5dbe027f-2339-4123-9542-606e4d348a72, servicePlanName: SHAREPOINTENTERPRISE}
      - {servicePlanId: 57ff2da0-773e-42df-b2af-ffb7a2317929, servicePlanName: TEAMS1}
  - skuId: 06ebc4ee-1bb5-47dd-8120-11324bc54e06
    skuPartNumber: SPE_E5
    prepaidUnits: {enabled: 1}
    servicePlans: [{servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}]
  - skuId: 53818b1b-4a27-454b-8896-0dba576410e6
    skuPartNumber: PROJECTPROFESSIONAL
    prepaidUnits: {enabled: 9}
    servicePlans: [{servicePlanId: fe71d6c3-a2ea-4499-9778-da042bf08063, servicePlanName: SHAREPOINT_PROJECT}]
  - skuId: 16ddbbfc-09ea-4de2-b1d7-312db6112d70
    skuPartNumber: TEAMS_FREE
    prepaidUnits: {enabled: 9}
    servicePlans: [{servicePlanId: 4fa4026d-ce74-4962-a151-8e96d57ea8e4, servicePlanName: TEAMS_FREE}]
  - skuId: c5928f49-12ba-48f7-ada3-0d743a3601d5
    skuPartNumber: VISIOCLIENT
    prepaidUnits: {enabled: 9}
    servicePlans: [{servicePlanId: 2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f, servicePlanName: VISIOONLINE, prohibitedIn: [CN]}]
users:
  - {id: 00000000-0000-4000-8000-00000000000a, userPrincipalName: ada@contoso.com, usageLocation: CH}
  - {id: 00000000-0000-4000-8000-00000000000b, userPrincipalName: bob@contoso.com}
  - {id: 00000000-0000-4000-8000-00000000000c, userPrincipalName: cyd@contoso.com, usageLocation: DE}
  - {id: 00000000-0000-4000-8000-00000000000d, userPrincipalName: dan@contoso.com, usageLocation: DE}
groups:
  - id: 00000000-0000-4000-8000-0000000000f1
    displayName: Staff
    members: [ada@contoso.com, bob@contoso.com, cyd@contoso.com, {group: Nested}]
  - {id: 00000000-0000-4000-8000-0000000000f2, displayName: Nested, members: [dan@contoso.com]}
  - {id: 00000000-0000-4000-8000-0000000000f3, displayName: Letters, mailEnabled: true, securityEnabled: false}
`

// delayed lets groups take ten minutes.
func (w *watch) delayed() sandbox.Options {
	return w.on(sandbox.Options{GroupDelay: 10 * time.Minute})
}

func (c client) assignTo(group, body string) reply {
	c.Helper()
	return c.send(http.MethodPost, "/groups/"+group+"/assignLicense", body)
}

// paths renders a user's inherited paths as "sku state error".
func (c client) paths(user string) []string {
	c.Helper()
	names := map[string]string{e3: "E3", e5: "E5", project: "Project", teams: "Teams", visio: "Visio"}
	states, _ := c.get("/users/" + user + "?$select=licenseAssignmentStates").body["licenseAssignmentStates"].([]any)
	var out []string
	for _, s := range states {
		path, _ := s.(map[string]any)
		if path["assignedByGroup"] != nil {
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %v %v", names[path["skuId"].(string)], path["state"], path["error"]), " None"))
		}
	}
	return out
}

// Graph, "group: assignLicense": 202, and a location header. Group resource type:
// the values of licenseProcessingState. Entra, "What is group-based licensing":
// asynchronous.
func TestGroupLicensingIsAsynchronous(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, licensing, w.delayed())
	got := c.assignTo(staff, add(project))
	const location = "http://graph.test/v2/" + org + "/directoryObjects/" + staff + "/Microsoft.DirectoryServices.Group"
	if got.status != 202 || got.body["id"] != staff || got.header.Get("Location") != location {
		t.Errorf("%d %s, Location %q", got.status, got.raw, got.header.Get("Location"))
	}
	for _, test := range []struct {
		after time.Duration
		state string
		paths int
	}{{0, "QueuedForProcessing", 0}, {5 * time.Minute, "ProcessingInProgress", 0}, {5 * time.Minute, "ProcessingComplete", 1}} {
		w.pass(test.after)
		g := c.get("/groups/" + staff + "?$select=licenseProcessingState,assignedLicenses").body
		state, _ := g["licenseProcessingState"].(map[string]any)
		licenses, _ := g["assignedLicenses"].([]any)
		if state["state"] != test.state || len(licenses) != 1 {
			t.Errorf("%s later: %v, want %s and one license", test.after, g, test.state)
		}
		if got := c.paths(ada); len(got) != test.paths {
			t.Errorf("%s later: ada has %v, want %d paths", test.after, got, test.paths)
		}
	}
}

// Entra, "Resolve group license assignment problems" and "Group-based licensing
// additional scenarios"; the values of error are those of licenseAssignmentState.
func TestGroupLicensingOfMembers(t *testing.T) {
	t.Parallel()
	type outcome = map[string][]string
	tests := []struct {
		name    string
		changes []string // of the group, one after the other
		want    outcome
	}{
		{"seats go round until there are none", []string{add(e3)},
			outcome{ada: {"E3 Active"}, bob: {"E3 Active"}, cyd: {"E3 Error CountViolation"}}},
		{"one license that fails takes the others of the group with it", []string{add(e3, e5)},
			outcome{ada: {"E3 Active", "E5 Active"}, bob: {"E3 Error Other", "E5 Error CountViolation"}, cyd: {"E3 Error Other", "E5 Error CountViolation"}}},
		{"exclusive plans fail both", []string{add(e3, teams)},
			outcome{ada: {"E3 Error MutuallyExclusiveViolation", "Teams Error MutuallyExclusiveViolation"},
				bob: {"E3 Error MutuallyExclusiveViolation", "Teams Error MutuallyExclusiveViolation"},
				cyd: {"E3 Error MutuallyExclusiveViolation", "Teams Error MutuallyExclusiveViolation"}}},
		{"an add-on without its base", []string{add(project)},
			outcome{ada: {"Project Error DependencyViolation"}, bob: {"Project Error DependencyViolation"}, cyd: {"Project Error DependencyViolation"}}},
		{"a member without a location is where the tenant is", []string{add(visio)},
			outcome{ada: {"Visio Active"}, bob: {"Visio Error ProhibitedInUsageLocationViolation"}, cyd: {"Visio Active"}}},
		{"what a member has stays when more fails", []string{add(teams), add(e5)},
			outcome{ada: {"E5 Active", "Teams Active"}, bob: {"E5 Error CountViolation", "Teams Active"}, cyd: {"E5 Error CountViolation", "Teams Active"}}},
		{"a license that the group loses is gone", []string{add(e3), remove(e3)}, outcome{}},
		{"a swap by the group takes no gap for a seat", []string{add(e5), swap(e5, teams)},
			outcome{ada: {"Teams Active"}, bob: {"Teams Active"}, cyd: {"Teams Active"}}},
		{"a base that an add-on needs is kept with an error (Debug-GroupLicenseAssignment)", []string{add(e3, project), remove(e3)},
			outcome{ada: {"E3 ActiveWithError DependencyViolation", "Project Active"}, bob: {"E3 ActiveWithError DependencyViolation", "Project Active"},
				cyd: {"Project Error DependencyViolation"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, licensing, sandbox.Options{})
			for _, body := range test.changes {
				if got := c.assignTo(staff, body); got.status != 202 {
					t.Fatalf("%d %s", got.status, got.failure())
				}
			}
			got := outcome{}
			for _, u := range []string{ada, bob, cyd, dan} {
				if paths := c.paths(u); paths != nil {
					got[u] = paths
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			failing := 0
			for _, paths := range test.want {
				if slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "Violation") }) {
					failing++
				}
			}
			if got := len(c.get("/groups/" + staff + "/membersWithLicenseErrors").values()); got != failing {
				t.Errorf("%d members have errors, want %d", got, failing)
			}
			groups := c.get("/groups?$filter=hasMembersWithLicenseErrors eq true").values()
			if (len(groups) == 1) != (failing > 0) {
				t.Errorf("groups with errors: %v", groups)
			}
		})
	}
}

// Entra, "Group-based licensing additional scenarios": a user takes one seat of a
// SKU however many paths give it, and a direct path survives the group's.
func TestSeatsDirectAndInheritedTakeOne(t *testing.T) {
	t.Parallel()
	c := newClient(t, licensing, sandbox.Options{})
	c.assign(ada, add(e5))
	c.assignTo(staff, add(e5))
	if got := c.paths(ada); !slices.Equal(got, []string{"E5 Active"}) || c.consumed()[e5] != 1 {
		t.Errorf("ada has %v, %d seats are taken; want a path beside the direct one and one seat", got, c.consumed()[e5])
	}
	if got := c.assign(ada, remove(e5)); got.status != 200 || c.consumed()[e5] != 1 {
		t.Errorf("the direct path goes: %d, %d seats, want 200 and still one", got.status, c.consumed()[e5])
	}
	const inherited = "Request_BadRequest: User license is inherited from a group membership and it cannot be removed directly from the user."
	if got := c.assign(ada, remove(e5)); got.failure() != inherited {
		t.Errorf("the inherited one: %s", got.failure())
	}
}

func TestAssignToGroupRefusals(t *testing.T) {
	t.Parallel()
	const letters = "00000000-0000-4000-8000-0000000000f3"
	tests := []struct {
		name, group, body string
		status            int
		want              string
	}{
		{"no such group", dan, add(e3), 404, "Request_ResourceNotFound: Resource '" + dan + "' does not exist or one of its queried reference-property objects are not present."},
		{"not securityEnabled (Entra: only security groups), our words", letters, add(e3), 400, "Request_BadRequest: Licenses can be assigned to security-enabled groups only."},
		{"a license that the group lacks, our words", staff, remove(e3), 400, "Request_BadRequest: Group does not have a corresponding license."},
		{"a SKU that the tenant lacks", staff, remove(notOwned), 400, "Request_BadRequest: License " + notOwned + " does not correspond to a valid company License."},
		{"one to add", staff, add(notOwned), 400, "Request_BadRequest: License " + notOwned + " does not correspond to a valid company License."},
		{"a plan that is not in the SKU, our words", staff, addWithout(e5, sway), 400, "Request_BadRequest: License assignment failed because service plan " + sway + " does not belong to license " + e5 + "."},
		{"nothing", staff, `{"addLicenses":[],"removeLicenses":[]}`, 400, "Request_BadRequest: No license changes provided. At least one license to add or remove must be specified."},
		{"no JSON", staff, `{`, 400, "BadRequest: Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, licensing, sandbox.Options{})
			empty := string(c.tenant.Overlay())
			got := c.assignTo(test.group, test.body)
			if got.status != test.status || got.failure() != test.want {
				t.Errorf("%d %s\nwant %d %s", got.status, got.failure(), test.status, test.want)
			}
			if string(c.tenant.Overlay()) != empty {
				t.Error("a refusal changed something")
			}
			if w := c.tenant.Record().Writes; len(w) != 1 || w[0].Status != test.status || w[0].TookEffect {
				t.Errorf("record is %+v", w)
			}
		})
	}
}

// Recorded (public write-up of Debug-GroupLicenseAssignment): here the answer has the true
// reason.
func TestReprocess(t *testing.T) {
	t.Parallel()
	c := newClient(t, licensing, sandbox.Options{})
	reprocess := func(user string) reply {
		return c.send(http.MethodPost, "/users/"+user+"/reprocessLicenseAssignment", "{}")
	}
	c.assign(ada, add(e5))
	c.assignTo(staff, add(e5, project))
	c.get("/users")
	const want = "Request_BadRequest: License assignment failed because service plan " + projectSPO + " depends on the service plan(s) " + sharepoint
	if got := reprocess(cyd); got.status != 400 || got.failure() != want {
		t.Errorf("%d %s\nwant 400 %s", got.status, got.failure(), want)
	}
	c.assignTo(staff, remove(project))
	if got := c.paths(cyd); !slices.Equal(got, []string{"E5 Error CountViolation"}) {
		t.Fatalf("cyd has %v", got)
	}
	c.send(http.MethodPatch, "/users/"+ada, `{"usageLocation":"DE"}`)
	if got := reprocess(cyd); got.status != 200 || !slices.Equal(c.paths(cyd), []string{"E5 Error CountViolation"}) {
		t.Errorf("without a seat: %d, %v", got.status, c.paths(cyd))
	}
	if got := reprocess("missing"); got.status != 404 {
		t.Errorf("missing: %d", got.status)
	}
}

func TestReprocessGivesAFreedSeat(t *testing.T) {
	t.Parallel()
	c := newClient(t, licensing, sandbox.Options{})
	c.assign(dan, add(e5))
	c.assignTo(staff, add(e5))
	if got := c.paths(cyd); !slices.Equal(got, []string{"E5 Error CountViolation"}) {
		t.Fatalf("cyd has %v", got)
	}
	c.assign(dan, remove(e5))
	if got := c.paths(cyd); !slices.Equal(got, []string{"E5 Error CountViolation"}) {
		t.Errorf("a free seat alone gives cyd %v, want nothing until they are processed again", got)
	}
	got := c.send(http.MethodPost, "/users/"+cyd+"/reprocessLicenseAssignment", "{}")
	if got.status != 200 || !slices.Equal(c.paths(cyd), []string{"E5 Active"}) || c.consumed()[e5] != 1 {
		t.Errorf("%d %s; cyd has %v, %d seats taken", got.status, got.failure(), c.paths(cyd), c.consumed()[e5])
	}
}

func TestOverlayKeepsGroupChanges(t *testing.T) {
	t.Parallel()
	w := newWatch()
	var lines []byte
	o := w.delayed()
	o.Changed = func(line []byte) error { lines = append(lines, line...); return nil }
	c := newClient(t, licensing, o)
	c.assignTo(staff, add(e3))
	w.pass(10 * time.Minute)
	c.get("/users")
	c.assignTo(staff, add(teams)) // waits yet
	want := c.dump()
	for name, overlay := range map[string][]byte{"the overlay": c.tenant.Overlay(), "the lines": lines} {
		after := newClient(t, licensing, w.delayed())
		if err := after.tenant.Restore(overlay); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, after.dump()); diff != "" {
			t.Errorf("users by %s (-before +after):\n%s", name, diff)
		}
		if diff := cmp.Diff(string(c.tenant.Overlay()), string(after.tenant.Overlay())); diff != "" {
			t.Errorf("overlay by %s (-before +after):\n%s", name, diff)
		}
		late := newClient(t, licensing, sandbox.Options{Now: func() time.Time { return clock.Add(time.Hour) }, GroupDelay: time.Minute})
		if err := late.tenant.Restore(overlay); err != nil {
			t.Fatal(err)
		}
		if got := late.paths(cyd); !slices.Equal(got, []string{"E3 Error CountViolation", "Teams Error MutuallyExclusiveViolation"}) {
			t.Errorf("what waited is given by %s as %v", name, got)
		}
	}
}

func TestGroupLicensingWaitsIfChangesCannotBeKept(t *testing.T) {
	t.Parallel()
	w := newWatch()
	o := w.delayed()
	full := false
	o.Changed = func([]byte) error {
		if full {
			return errors.New("the disk is full")
		}
		return nil
	}
	c := newClient(t, licensing, o)
	c.assignTo(staff, add(e3))
	w.pass(time.Hour)
	full = true
	if got := c.paths(ada); got != nil || c.consumed()[e3] != 0 {
		t.Errorf("ada has %v, %d seats are taken", got, c.consumed()[e3])
	}
	if got := c.assignTo(staff, add(teams)); got.status != 500 || !strings.Contains(got.failure(), "the disk is full") {
		t.Errorf("a group that cannot be kept: %d %s", got.status, got.failure())
	}
	full = false
	if got := c.paths(ada); !slices.Equal(got, []string{"E3 Active"}) {
		t.Errorf("once there is room ada has %v", got)
	}
}

// For any changes of groups and users, in any order that the clock allows: seats are the
// holders, no group gives half of what is new, and the overlay restores everything.
func TestGroupLicensingKeepsTheTenantConsistent(t *testing.T) {
	t.Parallel()
	skus := []string{e3, e5, project, teams, visio}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWatch()
		c := newClient(t, licensing, w.delayed())
		for range rapid.IntRange(1, 12).Draw(rt, "writes") {
			body := drawChange(rt, skus, []string{exchange, sharepoint, teams1})
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				c.assign(rapid.SampledFrom([]string{ada, cyd, dan}).Draw(rt, "user"), body)
			case 1:
				c.send(http.MethodPost, "/users/"+ada+"/reprocessLicenseAssignment", "{}")
			default:
				c.assignTo(rapid.SampledFrom([]string{staff, nested}).Draw(rt, "group"), body)
			}
			w.pass(time.Duration(rapid.IntRange(0, 15).Draw(rt, "minutes")) * time.Minute)
		}
		holders := c.holders(skus)
		holders[visio]-- // that file has seats of others
		if diff := cmp.Diff(holders, c.consumed()); diff != "" {
			rt.Fatalf("consumedUnits (-holders +got):\n%s", diff)
		}
		for sku, free := range c.tenant.Record().MinFree {
			if free < 0 {
				rt.Fatalf("%s was overgiven by %d", sku, -free)
			}
		}
		for _, u := range []string{ada, bob, cyd, dan} {
			for _, p := range c.paths(u) {
				if strings.Contains(p, "Error Other") && !strings.Contains(strings.Join(c.paths(u), ","), "Violation") {
					rt.Fatalf("%s has %v: nothing that the others could have failed for", u, c.paths(u))
				}
			}
		}
		restored := newClient(t, licensing, w.delayed())
		if err := restored.tenant.Restore(c.tenant.Overlay()); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(c.dump(), restored.dump()); diff != "" {
			rt.Fatalf("restored users (-before +after):\n%s", diff)
		}
	})
}

// A replica that is behind shows a group's licenses, and what they gave, later.
func TestLagOfGroupLicenses(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, licensing, w.on(sandbox.Options{GroupDelay: time.Minute, Lag: sandbox.Lag{Replicas: []time.Duration{time.Hour}}}))
	licenses := func() any {
		return c.get("/groups/" + staff + "?$select=assignedLicenses").body["assignedLicenses"]
	}
	c.assignTo(staff, add(teams))
	w.pass(time.Minute)
	if got := c.paths(ada); got != nil || len(licenses().([]any)) != 0 {
		t.Errorf("at once the replica shows %v of ada and %v of the group", got, licenses())
	}
	w.pass(time.Hour)
	if got := c.paths(ada); !slices.Equal(got, []string{"Teams Active"}) || len(licenses().([]any)) != 1 {
		t.Errorf("an hour later it shows %v of ada and %v of the group", got, licenses())
	}
	if audits := c.get("/auditLogs/directoryAudits").values(); len(audits) != 3 {
		t.Errorf("the audit log, which no replica keeps, has %d entries, want 3", len(audits))
	}
}

func TestRecordHasPlansOverTimeByGroups(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, licensing, w.on(sandbox.Options{}))
	for _, body := range []string{add(teams), remove(teams), add(teams)} {
		c.assignTo(staff, body)
		c.get("/users")
		w.pass(time.Minute)
	}
	want := directory.Gap{UserID: ada, UserPrincipalName: "ada@contoso.com", Plan: teamsFree,
		From: clock.Add(time.Minute).Truncate(time.Second), To: clock.Add(2 * time.Minute).Truncate(time.Second)}
	gaps := c.tenant.Invariants().Gaps
	if len(gaps) != 3 || gaps[0] != want {
		t.Errorf("gaps are %+v, want three, the first %+v", gaps, want)
	}
}
