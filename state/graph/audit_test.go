package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

const swayText = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"

// auditJSON returns an entry as the service writes it; replace changes parts of the text.
func auditJSON(replace ...string) string {
	text := fmt.Sprintf(`{"id":"Directory_1","category":"UserManagement","correlationId":"c","result":"success","resultReason":"",`+
		`"activityDisplayName":"Change user license","activityDateTime":"2026-11-22T10:00:00.1234567Z","loggedByService":"Core Directory","operationType":"Update",`+
		`"initiatedBy":{"app":null,"user":{"id":"%s","displayName":null,"userPrincipalName":"joe@contoso.com","ipAddress":"192.0.2.1"}},`+
		`"targetResources":[{"id":"%s","displayName":"User 1","type":"User","userPrincipalName":"u1@contoso.com","groupType":null,"modifiedProperties":[`+
		`{"displayName":"AssignedLicense","oldValue":"[\"[SkuName=SPE_E3, AccountId=48a80680-7326-48cd-9935-b556b81d3a4e, SkuId=%s, DisabledPlans=[%s, SWAY]]\"]","newValue":"[]"},`+
		`{"displayName":"Included Updated Properties","oldValue":null,"newValue":"\"AssignedLicense\""}]}],"additionalDetails":[]}`, userID(7), userID(1), skuText, swayText)
	return strings.NewReplacer(replace...).Replace(text)
}

func entriesOf(t *testing.T, f *fake, places ...state.UserID) ([]state.AuditEvent, error) {
	t.Helper()
	since := time.Date(2026, 10, 24, 8, 0, 0, 0, time.UTC)
	return client(t, f, graph.Options{}).ReadAudit(t.Context(), state.AuditQuery{Since: since, Places: places})
}

func TestReadAuditReturnsActorAndChange(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 10, 0, 0, 123456700, time.UTC)
	joe := state.Actor{User: userID(7), Name: "joe@contoso.com"}
	before := []state.AuditedLicense{{SKU: state.MustParseID[state.SKU](skuText), Disabled: []string{"SWAY", swayText}}}
	event := state.AuditEvent{ID: "Directory_1", At: at, User: userID(1), By: joe, Licenses: &state.AuditedLicenses{Before: before, After: []state.AuditedLicense{}}}
	with := func(change func(*state.AuditEvent)) []state.AuditEvent {
		changed := event
		change(&changed)
		return []state.AuditEvent{changed}
	}
	user := fmt.Sprintf(`{"app":null,"user":{"id":"%s","displayName":null,"userPrincipalName":"joe@contoso.com","ipAddress":"192.0.2.1"}}`, userID(7))
	for _, c := range []struct {
		name  string
		entry string
		want  []state.AuditEvent
	}{
		{"a user assigned a license", auditJSON(), []state.AuditEvent{event}},
		{"an application did", auditJSON(user, `{"user":null,"app":{"appId":"0A5B1C1E-0000-4000-8000-000000000001","displayName":"Portal","servicePrincipalId":"x","servicePrincipalName":null}}`),
			with(func(e *state.AuditEvent) {
				e.By = state.Actor{App: "0a5b1c1e-0000-4000-8000-000000000001", Name: "Portal"}
			})},
		{"often it is known by its service principal alone", auditJSON(user, `{"user":null,"app":{"appId":null,"displayName":"Portal","servicePrincipalId":"0A5B1C1E-0000-4000-8000-000000000003","servicePrincipalName":null}}`),
			with(func(e *state.AuditEvent) {
				e.By = state.Actor{App: "0a5b1c1e-0000-4000-8000-000000000003", Name: "Portal"}
			})},
		{"group-based licensing has only a name", auditJSON(user, `{"user":null,"app":{"appId":null,"displayName":"Microsoft Entra ID Group-Based Licensing"}}`),
			with(func(e *state.AuditEvent) { e.By = state.Actor{Name: "Microsoft Entra ID Group-Based Licensing"} })},
		{"no actor in the entry", auditJSON(user, `{"user":null,"app":null}`), with(func(e *state.AuditEvent) { e.By = state.Actor{} })},
		{"without the user's licenses", auditJSON(`AssignedLicense"`, `Other"`), with(func(e *state.AuditEvent) { e.Licenses = nil })},
		{"the user's licenses in an unknown form", auditJSON(`SkuId=`, `Sku=`), with(func(e *state.AuditEvent) { e.Licenses = nil })},
		{"a refused change is ignored", auditJSON(`"result":"success"`, `"result":"failure"`), nil},
		{"the license itself can be a target too", auditJSON(`"type":"User"`, `"type":"Other"`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := entriesOf(t, &fake{answer: always(200, `{"value":[`+c.entry+`]}`)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadAuditFailsOnUnknownEntries(t *testing.T) {
	t.Parallel()
	for name, entry := range map[string]string{
		"no time":            auditJSON(`"activityDateTime":"2026-11-22T10:00:00.1234567Z",`, ``),
		"a broken time":      auditJSON(`2026-11-22T10`, `yesterday`),
		"no result":          auditJSON(`"result":"success",`, ``),
		"no targets":         auditJSON(`"targetResources":`, `"targets":`),
		"an invalid user id": auditJSON(userID(1).String(), `anna`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := entriesOf(t, &fake{answer: always(200, `{"value":[`+auditJSON()+`,`+entry+`]}`)}); !errors.Is(err, graph.ErrIncomplete) {
				t.Errorf("got %v and %v, want %v", got, err, graph.ErrIncomplete)
			}
		})
	}
}

func TestReadAuditReadsAllPagesAndLocations(t *testing.T) {
	t.Parallel()
	moved := auditJSON(`Change user license`, `Update user`, `AssignedLicense"`, `UsageLocation"`,
		`"oldValue":"[\"[SkuName=SPE_E3, AccountId=48a80680-7326-48cd-9935-b556b81d3a4e, SkuId=`+skuText+`, DisabledPlans=[`+swayText+`, SWAY]]\"]","newValue":"[]"`,
		`"oldValue":"[\"DE\"]","newValue":"[\"CH\"]"`, `T10:00`, `T09:00`)
	other := auditJSON(`AssignedLicense"`, `Department"`)
	var filters []string
	f := &fake{}
	f.answer = func(n int, r sent) (*scripted, error) {
		u, err := url.Parse(r.URL)
		if err != nil {
			return nil, err
		}
		if u.Path != "/v1.0/auditLogs/directoryAudits" {
			t.Errorf("asked for %s", u.Path)
		}
		switch n {
		case 1:
			filters = append(filters, u.Query().Get("$filter"))
			return reply(200, pageJSON(address+"/auditLogs/directoryAudits?$skiptoken=x", auditJSON())), nil
		case 2:
			return reply(200, pageJSON("", auditJSON(`Directory_1`, `Directory_2`, `T10:00`, `T11:00`))), nil
		}
		filters = append(filters, u.Query().Get("$filter"))
		return reply(200, pageJSON("", moved, other)), nil
	}
	got, err := entriesOf(t, f, userID(1))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"activityDateTime ge 2026-10-24T08:00:00Z and activityDisplayName eq 'Change user license'",
		"activityDateTime ge 2026-10-24T08:00:00Z and activityDisplayName eq 'Update user' and targetResources/any(t: t/id eq '" + userID(1).String() + "')",
	}
	if diff := cmp.Diff(want, filters); diff != "" {
		t.Errorf("filters (-want +got):\n%s", diff)
	}
	if len(got) != 3 || got[0].Location == nil || *got[0].Location != (state.AuditedLocation{Before: "DE", After: "CH"}) || got[2].ID != "Directory_2" {
		t.Errorf("events %+v, want the location, then the licenses in order of time", got)
	}
}

func TestReadAuditNamesTheMissingPermission(t *testing.T) {
	t.Parallel()
	_, err := entriesOf(t, &fake{answer: always(403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`)})
	no, ok := errors.AsType[*state.Error](err)
	if !ok || no.Reason != state.ReasonForbidden || no.Permission != "AuditLog.Read.All" {
		t.Errorf("got %+v", err)
	}
}

// TestReadAuditFromTheSandbox checks that the client reads the audit log that the sandbox
// keeps, with every fault profile that a read survives.
func TestReadAuditFromTheSandbox(t *testing.T) {
	t.Parallel()
	for name, profile := range faultProfiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile.Seed, profile.PageSize = 7, 1
			synctest.Test(t, func(t *testing.T) {
				fixture := openWithFaults(t, profile)
				began := time.Now().Add(-time.Second)
				heidi := state.MustParseID[state.User]("5eed0000-0000-4000-8000-000000000018")
				sku := state.MustParseID[state.SKU](skuText)
				for _, change := range []state.Change{{User: heidi, Add: []state.License{{SKU: sku}}}, {User: heidi, Remove: []state.SKUID{sku}}} {
					if err := fixture.Writer.Write(t.Context(), []state.Change{change})[0]; err != nil {
						t.Fatal(err)
					}
				}
				events, err := fixture.Reader.(state.AuditReader).ReadAudit(t.Context(), state.AuditQuery{Since: began, Places: []state.UserID{heidi}})
				if err != nil {
					t.Fatal(err)
				}
				held := 0
				for _, e := range events {
					if e.User != heidi || e.Licenses == nil {
						t.Fatalf("event %+v", e)
					}
					held += len(e.Licenses.After) - len(e.Licenses.Before)
				}
				if len(events) < 2 || held != 0 {
					t.Errorf("%d events after which the user holds %d more", len(events), held)
				}
			})
		})
	}
}

func FuzzAuditEntries(f *testing.F) {
	f.Add([]byte(auditJSON()))
	f.Add([]byte(auditJSON(`[]`, `[\"[SkuName=x, AccountId=y, SkuId=z, DisabledPlans=[]]\"]`)))
	f.Fuzz(func(t *testing.T, entry []byte) {
		if !json.Valid(entry) {
			return
		}
		events, _ := client(t, &fake{answer: always(http.StatusOK, `{"value":[`+string(entry)+`]}`)}, graph.Options{}).ReadAudit(t.Context(), state.AuditQuery{})
		for _, e := range events {
			if e.At.IsZero() || e.User.IsZero() || len(e.By.Name) > 100 {
				t.Errorf("event %+v", e)
			}
		}
	})
}
