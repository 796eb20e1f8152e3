package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// A sandbox forgets its audit log with the process, so that scripts cannot show it: here
// the log is one that was written down.

const (
	anna   = "6a1fc0de-0000-4000-8000-000000000001"
	helper = "6a1fc0de-0000-4000-8000-000000000002"
	ourApp = "0a5b1c1e-0000-4000-8000-000000000001"
	visio  = "c5928f49-12ba-48f7-ada3-0d743a3601d5"
)

// logEntry is one of the log: somebody gives Visio to anna, or takes it.
func logEntry(at, by string, gives bool) string {
	held := `[\"[SkuName=VISIOCLIENT, AccountId=x, SkuId=` + visio + `, DisabledPlans=[]]\"]`
	before, after := held, "[]"
	if gives {
		before, after = after, before
	}
	return fmt.Sprintf(`{"id":"x","result":"success","activityDisplayName":"Change user license","activityDateTime":%q,"initiatedBy":%s,`+
		`"targetResources":[{"id":%q,"type":"User","modifiedProperties":[{"displayName":"AssignedLicense","oldValue":"%s","newValue":"%s"}]}]}`, at, by, anna, before, after)
}

func byUser(id, name string) string {
	return fmt.Sprintf(`{"app":null,"user":{"id":%q,"userPrincipalName":%q}}`, id, name)
}

func byApp(id string) string {
	return fmt.Sprintf(`{"user":null,"app":{"appId":%q,"displayName":"Seatwright"}}`, strings.ToUpper(id))
}

// traced is a report of one item, that anna lacks Visio, in words, with what the service
// answers when it is asked for its log, and the runs that gave it to her.
func traced(t *testing.T, status int, answer string, how view.Redaction, gave ...time.Time) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	client, err := graph.New(graph.Options{Sandbox: server.URL + "/v1.0"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	step := plan.Step{User: plan.UserRef{ID: state.MustParseID[state.User](anna), UserPrincipalName: "anna@contoso.com"}, Kind: plan.KindAdd,
		After: plan.State{Licenses: []plan.License{{SKU: state.MustParseID[state.SKU](visio), PartNumber: "VISIOCLIENT"}}}}
	report := drift.Compare(&plan.Plan{Steps: []plan.Step{step}}, &plan.Plan{Steps: []plan.Step{step}})
	report.Last.At = now.AddDate(0, 0, -5)
	snapshot, err := state.NewBuilder().Snapshot(state.Header{})
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	j := &job{Program: Program{Streams: Streams{Err: &said}, Now: func() time.Time { return now }}, backend: &backend{reader: client}, snapshot: snapshot, catalog: catalog.Builtin()}
	j.tenant.Write.ClientID = ourApp
	for i, at := range gave {
		intent := journal.Intent{User: step.User.ID, Kind: step.Kind, After: step.After}
		j.past.runs = append(j.past.runs, &journal.Run{Begin: journal.Begin{Run: fmt.Sprint("r", i+1)}, Steps: []journal.Entry{{Intent: intent, Sent: []journal.Send{{At: at}}, Result: apply.Confirmed, Ended: at}}})
	}
	if err := j.trace(t.Context(), &report); err != nil {
		t.Fatal(err)
	}
	if err := view.ShowDrift(&said, &report, view.PlanOptions{Format: view.FormatText, Redact: how}); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

func TestDriftNamesWhoChangedItAndWhen(t *testing.T) {
	t.Parallel()
	list := func(entries ...string) string { return `{"value":[` + strings.Join(entries, ",") + `]}` }
	day := func(n int) string { return fmt.Sprintf("2026-11-%02dT10:00:00Z", n) }
	gave := func(n int) time.Time { return time.Date(2026, 11, n, 10, 1, 0, 0, time.UTC) }
	joe := byUser(helper, "joe@contoso.com")
	for _, c := range []struct {
		name   string
		status int
		answer string
		redact view.Redaction
		gave   []time.Time
		want   []string
		not    []string
	}{
		{"a user took it", 200, list(logEntry(day(22), joe, false)), view.RedactNone, nil,
			[]string{"Drifted, changed by user joe@contoso.com (" + helper + ") (1)", "at 2026-11-22 10:00 UTC"}, []string{"Fights"}},
		{"his name is taken out", 200, list(logEntry(day(22), joe, false)), view.RedactNames, nil,
			[]string{"changed by user (" + helper + ")"}, []string{"joe@", "anna@"}},
		{"his id too", 200, list(logEntry(day(22), joe, false)), view.RedactAll, nil, []string{"changed by user (1)", "key user 1:VISIOCLIENT:missing"}, []string{helper, anna}},
		{"it was before the last run", 200, list(logEntry(day(10), joe, false)), view.RedactNone, nil, []string{"nobody is known to have changed it"}, []string{"joe@"}},
		{"our own application is told apart", 200, list(logEntry(day(22), byApp(ourApp), false)), view.RedactNone, nil,
			[]string{"changed by the application of our runs, app Seatwright (" + ourApp + ")"}, nil},
		{"a fight that the log shows", 200, list(logEntry(day(19), byApp(ourApp), true), logEntry(day(20), joe, false), logEntry(day(21), byApp(ourApp), true), logEntry(day(22), joe, false)),
			view.RedactNone, nil, []string{"Fights", "turned back 2 times since 2026-11-19 by user joe@contoso.com (" + helper + ")"}, nil},
		{"the same, with the journals of the runs, is told once", 200,
			list(logEntry(day(19), byApp(ourApp), true), logEntry(day(20), joe, false), logEntry(day(21), byApp(ourApp), true), logEntry(day(22), joe, false)),
			view.RedactNone, []time.Time{gave(19), gave(21)}, []string{"turned back 2 times since 2026-11-19 by user joe@contoso.com"}, nil},
		{"the permission is missing", 403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`, view.RedactNone, nil,
			[]string{"Who made changes is not known: read audit log: forbidden", "grant the application AuditLog.Read.All", "lacks VISIOCLIENT"}, nil},
		{"the tenant has no log to read", 403, `{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"Neither tenant is B2C or tenant doesn't have premium license"}}`, view.RedactNone, nil,
			[]string{"Microsoft Entra ID P1 or P2"}, []string{"grant the application"}},
		{"the log is not understood", 200, `{"value":[{"id":"x"}]}`, view.RedactNone, nil, []string{"the answer is incomplete", "please report it"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := traced(t, c.status, c.answer, c.redact, c.gave...)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("want %q in\n%s", want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("want no %q in\n%s", not, got)
				}
			}
		})
	}
}
