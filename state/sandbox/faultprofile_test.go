package sandbox_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/entra"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

func TestParseFaultProfile(t *testing.T) {
	t.Parallel()
	got, err := sandbox.ParseFaultProfile("f.yaml", []byte(`
seed: 7
pageSize: 20
emptyPages: true
groupDelay: 5m
variants: [error-null, fan-out]
quota: {scale: 0.01, fractional: true, noRetryAfter: true, directoryWords: true, takesEffect: 0.2}
collisions: {within: user, takes: 2s, asBadRequest: true, retryAfter: 1.5}
lag: {replicas: [0s, 5s], location: 10s}
faults:
  - on: POST users/{id}/assignLicense
    calls: [2, 5-7, 20-]
    chance: 0.1
    do: throttle
    retryAfter: 2.128
  - {on: GET users, calls: 3, do: html, status: 502, delay: 5s}
  - {do: drop, tookEffect: true, calls: 9-}
  - on: GET subscribedSkus
    do: catalog
    change: {sku: SPE_E3, enabled: 0, capabilityStatus: Suspended, addPlan: {servicePlanId: 0F9B09CB-62d1-4ff4-9129-43f4996f83f4, servicePlanName: NEW}}
  - {do: redirect, to: "https://graph.example.com"}
`))
	if err != nil {
		t.Fatal(err)
	}
	none := 0
	want := sandbox.Options{
		Seed: 7, PageSize: 20, EmptyPages: true, GroupDelay: 5 * time.Minute,
		Variants:   []variant.Name{variant.ErrorNull, variant.FanOut},
		Quota:      sandbox.Quota{Scale: 0.01, Fractional: true, NoRetryAfter: true, DirectoryWords: true, TakesEffect: 0.2},
		Collisions: sandbox.Collisions{Within: faults.CollideUser, Takes: 2 * time.Second, AsBadRequest: true, RetryAfter: "1.5"},
		Lag:        sandbox.Lag{Replicas: []time.Duration{0, 5 * time.Second}, Location: 10 * time.Second},
	}
	want.Faults = []sandbox.Fault{
		{On: assignRoute, Calls: []faults.Span{{First: 2, Last: 2}, {First: 5, Last: 7}, {First: 20}}, Chance: 0.1, Do: sandbox.Throttle, RetryAfter: "2.128"},
		{On: "GET users", Calls: nth(3), Do: sandbox.HTML, Status: 502, Delay: 5 * time.Second},
		{Do: sandbox.Drop, TookEffect: true, Calls: []faults.Span{{First: 9}}},
		{On: "GET subscribedSkus", Do: faults.Catalog, Change: &faults.CatalogChange{
			SKU: "SPE_E3", Enabled: &none, CapabilityStatus: "Suspended", AddPlanID: company, AddPlanName: "NEW"}},
		{Do: faults.Redirect, To: "https://graph.example.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseFaultProfileAcceptsTheWordsOfEarlierVersions(t *testing.T) {
	t.Parallel()
	const change = "change: {sku: SPE_E3, enabled: 0}"
	for old, current := range map[string]string{
		"faults: [{do: catalogue, " + change + "}]": "faults: [{do: catalog, " + change + "}]",
		"variants: [licences-in-answer]":            "variants: [licenses-in-answer]",
		"variants: [delta-licences]":                "variants: [delta-licenses]",
	} {
		got, err := sandbox.ParseFaultProfile("old.yaml", []byte(old))
		want, err2 := sandbox.ParseFaultProfile("new.yaml", []byte(current))
		if err != nil || err2 != nil {
			t.Errorf("%s: %v, %v", old, err, err2)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", old, diff)
		}
	}
}

func TestParseFaultProfileReportsProblemsOfFaults(t *testing.T) {
	t.Parallel()
	tests := []struct{ fault, want string }{
		{"{}", "a fault needs do"},
		{"{do: explode}", `do "explode" is not a fault`},
		{`{do: throttle, on: "POST user/{id}/assignLicense"}`, `on "POST user/{id}/assignLicense" is not a route, did you mean "POST users/{id}/assignLicense"?`},
		{"{do: throttle, calls: 0}", `calls must be a number from 1, or a range such as 2-4 or 5-, not "0"`},
		{"{do: throttle, calls: [4-2]}", `calls must be a number from 1, or a range such as 2-4 or 5-, not "4-2"`},
		{"{do: throttle, chance: 1.5}", "chance must be a number above 0, up to 1"},
		{"{do: throttle, chance: NaN}", "chance must be a number above 0, up to 1"},
		{"{do: throttle, delay: 5}", "delay must be a time such as 1.5s or 2m"},
		{"{do: slow}", "slow needs a delay"},
		{"{do: truncate, tookEffect: true}", "truncate takes no tookEffect: remove it"},
		{"{do: redirect, to: /elsewhere}", "to must be scheme and host, such as https://graph.example.com"},
		{"{do: redirect}", "redirect needs to, such as https://graph.example.com"},
		{"{do: html, to: 'https://x.example'}", "to is for redirect only"},
		{"{do: catalog}", "catalog needs change, such as {sku: SPE_E3, enabled: 10}"},
		{"{do: slow, delay: 1s, change: {sku: A}}", "change is for catalog only"},
		{"{do: reset, status: 500}", "reset takes no status: remove it"},
		{"{do: html, retryAfter: 1}", "html takes no retryAfter: remove it"},
		{"{do: empty, status: 200}", "status must be from 300 to 599, not 200"},
		{`{do: throttle, retryAfter: "1\r\nSet-Cookie: x"}`, "cannot be sent in a header"},
		{"{do: throttle, color: red}", `unknown key "color" in a fault`},
	}
	for _, test := range tests {
		_, err := sandbox.ParseFaultProfile("f.yaml", []byte("faults:\n  - "+test.fault+"\n"))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "f.yaml:2: ") {
			t.Errorf("%s: %v\nwant f.yaml:2: %s", test.fault, err, test.want)
		}
	}
}

func TestParseFaultProfileReportsProblems(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"wind: strong", `unknown key "wind" in the fault profile`},
		{"seed: -1", "seed must be a whole number from 0"},
		{"quota: 3", "quota must be a mapping"},
		{"quota: {scale: -1}", "scale must be a number from 0"},
		{"quota: {scale: Inf}", "scale must be a number from 0"},
		{"quota: {takesEffect: 2}", "takesEffect must be a number above 0, up to 1"},
		{"quota: {fractional: yes please}", "fractional must be true or false"},
		{"collisions: {within: user}", "collisions needs takes, such as 2s"},
		{"collisions: {within: world, takes: 2s}", `within must be one of tenant, user, not "world"`},
		{"lag: {replicas: [soon]}", "replicas must be times such as 0s or 5s"},
		{"lag: {replicas: [-1s]}", "replicas must be times such as 0s or 5s"},
		{"lag: {replicas: [1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s]}", "at most 10 replicas, because each keeps the whole tenant"},
		{"lag: {location: 0s}", "location must be a time such as 1.5s or 2m"},
		{"variants: [fan-in]", `no variant "fan-in", did you mean "fan-out"?`},
		{"groupDelay: 5", "groupDelay must be a time such as 1.5s or 2m"},
		{"faults: {}", "faults must be a list"},
		{"seed: 1\nseed: 2", `key "seed" is written twice in the fault profile`},
	}
	for _, test := range tests {
		_, err := sandbox.ParseFaultProfile("w.yaml", []byte(test.line+"\n"))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "w.yaml:") {
			t.Errorf("%s: %v\nwant %s", test.line, err, test.want)
		}
	}
}

// Without a key in the file, the sandbox behaves like Graph.
func TestQuotaDefaultsToGraphs(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]float64{"seed: 1": 1, "quota: {fractional: true}": 1, "quota: {scale: 0}": 0} {
		if got, err := sandbox.ParseFaultProfile("w.yaml", []byte(file)); err != nil || got.Quota.Scale != want {
			t.Errorf("%s: scale %v, %v, want %v", file, got.Quota.Scale, err, want)
		}
	}
}

// The example in the package comment is a tenant file.
func TestParseExampleOfThePackageComment(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("faultprofile.go")
	if err != nil {
		t.Fatal(err)
	}
	var example []string
	for line := range strings.Lines(string(source)) {
		if text, ok := strings.CutPrefix(line, "//\t"); ok {
			example = append(example, text)
		}
	}
	got, err := sandbox.ParseFaultProfile("doc", []byte(strings.Join(example, "")))
	if err != nil || len(got.Faults) != 5 || got.Collisions.Within != sandbox.CollideTenant || len(got.Lag.Replicas) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// pageBlock returns the YAML of the reference page that begins with a line.
func pageBlock(t *testing.T, first string) []byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "cmd", "seatwright", "internal", "topics", "pages", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "```yaml\n"+first+"\n")
	if !found {
		t.Fatalf("the page has no %s", first)
	}
	block, _, _ = strings.Cut(block, "```")
	return []byte(block)
}

func TestParseFaultProfileReadsTheExamplesOfThePage(t *testing.T) {
	t.Parallel()
	if got, err := sandbox.ParseFaultProfile("sandbox.md", pageBlock(t, "# weather.yaml")); err != nil || len(got.Faults) != 3 || got.Quota.Scale != 0.01 {
		t.Errorf("fault profile: %+v, %v", got, err)
	}
	if got, err := entra.ParseApps("sandbox.md", pageBlock(t, "# apps.yaml")); err != nil || len(got) != 1 || len(got[0].Roles) != 2 {
		t.Errorf("apps: %+v, %v", got, err)
	}
}

func FuzzParseFaultProfile(f *testing.F) {
	f.Add("faults:\n  - {do: throttle, calls: [1, 2-3], chance: 0.5}\n")
	f.Add(`{"faults":[{"do":"redirect","to":"https://x"},{"do":"catalog","change":{"sku":"A","enabled":3}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		profile, err := sandbox.ParseFaultProfile("f.yaml", []byte(text))
		if err != nil {
			return
		}
		defer func() { // whatever is read can be used
			if cut, _ := recover().(error); cut != nil && !errors.Is(cut, http.ErrAbortHandler) {
				panic(cut)
			}
		}()
		o := newWatch().on(profile)
		if tenant := parse(t, tenantFile); tenant.Check(o) != nil {
			return
		}
		parse(t, tenantFile).Handler(o).ServeHTTP(httptest.NewRecorder(), request(http.MethodGet, "/organization", ""))
	})
}
