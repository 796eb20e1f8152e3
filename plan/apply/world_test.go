package apply_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
)

// world is a sandbox tenant behind real HTTP, with the real client, in which tests can make
// things go wrong.
//
// A tenant is written in a few lines:
//
//	sku SPE_E3 10            10 units
//	sku SPE_E3 10 others=3   3 of them used by users not listed
//	anna CH SPE_E3           holds it directly; "-" is no usage location
//	anna CH SPE_E3(SWAY)     with SWAY off
//	anna CH SPE_E3@Staff     by the group Staff
//	anna=anne CH             anna, renamed to anne
type world struct {
	t        testing.TB
	tenant   atomic.Pointer[sandbox.Tenant]
	handler  atomic.Pointer[http.Handler]
	client   *graph.Client
	writer   state.Writer
	snapshot *state.Snapshot
	catalog  *catalog.Catalog

	// Set before a run; nil: nothing goes wrong.
	reading func(read func() (*state.Snapshot, error)) (*state.Snapshot, error)
	writing func(changes []state.Change, write func([]state.Change) []error) []error
	serving func(w http.ResponseWriter, serve func(http.ResponseWriter))

	parallel int             // batches under way at a time; 0: one
	earlier  []apply.Write   // of other runs
	done     []plan.Step     // that reads may not show yet
	journal  apply.Journal   // nil: none
	waits    []time.Duration // that the executor asked for
	mu       sync.Mutex
	bodies   []string // of the write batches that reached the server
}

func newWorld(t testing.TB, tenant string) *world {
	t.Helper()
	w := &world{t: t}
	w.become(tenant)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(w.serve)}}
	server.Start()
	t.Cleanup(server.Close)
	if err := w.connect(server.URL); err != nil {
		t.Fatal(err)
	}
	return w
}

// connect makes the client of a tenant at an address.
func (w *world) connect(address string) (err error) {
	if w.client, err = graph.New(graph.Options{Sandbox: address + "/v1.0", Write: true, Run: "test"}); err != nil {
		return err
	}
	w.writer, err = w.client.Writer()
	return err
}

// become puts another tenant behind the address: the tenant after changes by other writers.
func (w *world) become(text string) {
	w.t.Helper()
	tenant, err := sandbox.Parse("tenant.yaml", []byte(tenantFile(w.t, text)))
	if err != nil {
		w.t.Fatalf("read tenant: %v", err)
	}
	handler := tenant.Handler(sandbox.Options{})
	w.tenant.Store(tenant)
	w.handler.Store(&handler)
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	serve := func(rw http.ResponseWriter) { (*w.handler.Load()).ServeHTTP(rw, r) }
	isWrite := bytes.Contains(body, []byte(`"body"`))
	if isWrite {
		w.mu.Lock()
		w.bodies = append(w.bodies, string(body))
		w.mu.Unlock()
	}
	if isWrite && w.serving != nil {
		w.serving(rw, serve)
		return
	}
	serve(rw)
}

// written returns the bodies of the write batches that reached the server.
func (w *world) written() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.bodies)
}

// loseAnswer drops the connection without an answer.
func loseAnswer(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// nowhere discards an answer.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// plan reads the tenant and makes the plan of some policies.
func (w *world) plan(text string) *plan.Plan {
	w.t.Helper()
	var err error
	w.snapshot, err = w.client.Read(w.t.Context(), state.Everything())
	if err != nil {
		w.t.Fatalf("Read: %v", err)
	}
	w.snapshot = plan.LayOver(w.snapshot, w.done)
	w.catalog = catalog.Builtin().ForTenant(w.snapshot.SKUs)
	files := fstest.MapFS{
		"seatwright.yaml": {Data: []byte("version: 1\ntenants: {test: {sandbox: tenant.yaml, policies: [p.yaml]}}\n")},
		"p.yaml":          {Data: []byte("policies:\n" + text)},
	}
	settings, err := policies.LoadSettings(files)
	if err != nil {
		w.t.Fatalf("LoadSettings: %v", err)
	}
	tenant, err := settings.Tenant("")
	if err != nil {
		w.t.Fatalf("Tenant: %v", err)
	}
	set, _, err := policies.Load(files, tenant)
	if err != nil {
		w.t.Fatalf("Load: %v", err)
	}
	if set, err = policies.Bind(set, w.catalog); err != nil {
		w.t.Fatalf("Bind: %v", err)
	}
	matches, _, err := selector.Resolve(set, w.snapshot)
	if err != nil {
		w.t.Fatalf("Resolve: %v", err)
	}
	return explain.Plan(plan.Input{Set: set, Matches: matches, Snapshot: w.snapshot, Catalog: w.catalog, Now: today})
}

var today = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// run carries out a plan with waits that take no time. It checks that the executor reports
// every outcome once.
func (w *world) run(ctx context.Context, p *plan.Plan) *apply.Report {
	w.t.Helper()
	reported := map[string][]apply.Outcome{}
	w.waits = nil
	e := apply.Executor{
		Reader: reader{w}, Writer: writer{w}, Catalog: w.catalog, Snapshot: w.snapshot, Parallel: max(1, w.parallel), Earlier: w.earlier, Journal: w.journal,
		Now:      func() time.Time { return today }, // only waits take time
		Progress: func(o apply.Outcome) { reported[o.Step.ID] = append(reported[o.Step.ID], o) },
		Wait: func(_ context.Context, d time.Duration) error {
			w.waits = append(w.waits, d)
			return nil
		},
	}
	report := e.Run(ctx, p)
	want := map[string][]apply.Outcome{}
	for i, o := range report.Outcomes {
		if o.Step.ID != p.Steps[i].ID {
			w.t.Errorf("outcome %d is about %s, the step there is %s", i, o.Step, p.Steps[i])
		}
		want[o.Step.ID] = []apply.Outcome{o}
	}
	if diff := cmp.Diff(want, reported); diff != "" {
		w.t.Errorf("progress (-outcomes +reported):\n%s", diff)
	}
	return report
}

// reader and writer are the client with the faults of the world in between.
type reader struct{ w *world }

func (r reader) Read(ctx context.Context, q state.Query) (*state.Snapshot, error) {
	read := func() (*state.Snapshot, error) { return r.w.client.Read(ctx, q) }
	if r.w.reading == nil {
		return read()
	}
	return r.w.reading(read)
}

type writer struct{ w *world }

func (r writer) Write(ctx context.Context, changes []state.Change) []error {
	write := func(some []state.Change) []error { return r.w.writer.Write(ctx, some) }
	if r.w.writing == nil {
		return write(changes)
	}
	return r.w.writing(changes, write)
}

// became returns a report in the form that tests compare: a line for each step.
func became(r *apply.Report) string {
	var b strings.Builder
	for _, o := range r.Outcomes {
		line := fmt.Sprintf("%s: %s", o.Step, o.Result)
		switch o.Result {
		case apply.Conflict, apply.NotSent:
			line += ", " + o.Detail
		case apply.Failed:
			line += ", " + string(o.Reason)
		}
		fmt.Fprintln(&b, strings.ReplaceAll(line, "@contoso.com", ""))
	}
	return b.String()
}

// writes returns the writes that the tenant has received since its last change by become.
// They are sorted, since the tenant handles the requests of a batch in any order.
func (w *world) writes() string {
	var all []string
	for _, write := range w.tenant.Load().Record().Writes {
		var b strings.Builder
		name, _, _ := strings.Cut(write.UserPrincipalName, "@")
		fmt.Fprint(&b, name, " ", write.UsageLocation)
		for _, add := range write.Add {
			fmt.Fprint(&b, " +", nameOf(add.SKUID))
			for _, off := range add.DisabledPlans {
				fmt.Fprint(&b, " (", nameOf(off), " off)")
			}
		}
		for _, remove := range write.Remove {
			fmt.Fprint(&b, " -", nameOf(remove))
		}
		fmt.Fprint(&b, " ", write.Status)
		all = append(all, strings.ReplaceAll(b.String(), "  ", " "))
	}
	slices.Sort(all)
	return lines(all...)
}

// want compares the outcomes of the steps and the writes that the tenant received.
func (w *world) want(r *apply.Report, outcomes, writes string) {
	w.t.Helper()
	if diff := cmp.Diff(outcomes, became(r)); diff != "" {
		w.t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(writes, w.writes()); diff != "" {
		w.t.Errorf("writes (-want +got):\n%s", diff)
	}
}

// lines joins lines.
func lines(want ...string) string {
	var b strings.Builder
	for _, line := range want {
		fmt.Fprintln(&b, line)
	}
	return b.String()
}

// Real service plans (Microsoft: "Product names and service plan identifiers").
var ids = map[string]string{
	"EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
	"SHAREPOINTENTERPRISE":  "5dbe027f-2339-4123-9542-606e4d348a72",
	"SWAY":                  "a23b959c-7ce8-4e57-9140-b90eb88a9e97",
	"MCOEV":                 "4828c8ec-dc2e-4779-b502-87ac9ce28ab7",
	"BI_AZURE_P2":           "70d33638-9c74-4d01-bfd3-562de28bd4ba",
	"SPE_E3":                "05e9a617-0261-4cee-bb44-138d3ef5d965",
	"SPE_E5":                "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
	"POWER_BI_PRO":          "f8a1db68-be16-40ed-86d5-cb42ce701560",
	"SPE_F1":                "66b55226-6b4f-492c-910c-a3b7a3c9d993",
	"VISIOCLIENT":           "c5928f49-12ba-48f7-ada3-0d743a3601d5",
	"EXCHANGE_S_DESKLESS":   "4a82b400-a79f-41a4-b4e2-e94f5787b113",
	"VISIOONLINE":           "2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f",
}

var plansOf = map[string][]string{
	"SPE_E3":       {"EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "SWAY"},
	"SPE_E5":       {"EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "SWAY", "MCOEV"},
	"POWER_BI_PRO": {"BI_AZURE_P2"},
	"SPE_F1":       {"EXCHANGE_S_DESKLESS", "SWAY"},
	"VISIOCLIENT":  {"VISIOONLINE"},
}

func nameOf(id string) string {
	for name, known := range ids {
		if known == id {
			return name
		}
	}
	return id
}

func userID(name string) state.UserID {
	sum := sha256.Sum256([]byte(name))
	return state.UserID(sum[:16])
}

// tenantFile returns a tenant of a few lines as a sandbox tenant file.
func tenantFile(t testing.TB, text string) string {
	t.Helper()
	skus, users := "subscribedSkus:\n", "users:\n"
	groups := map[string]string{}
	members := map[string][]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "sku":
			skus += skuYAML(words)
		default:
			users += userYAML(words, groups, members)
		}
	}
	file := "organization:\n  id: 48a80680-7326-48cd-9935-b556b81d3a4e\n  displayName: Contoso\n  verifiedDomains: [{name: contoso.com, isDefault: true}]\n" +
		skus + users + "groups:\n"
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		file += fmt.Sprintf("  - {displayName: %s, assignedLicenses: [%s], members: [%s]}\n", name, groups[name], strings.Join(members[name], ", "))
	}
	return file
}

func skuYAML(words []string) string {
	others := "0"
	if len(words) > 3 {
		others = strings.TrimPrefix(words[3], "others=")
	}
	yaml := fmt.Sprintf("  - skuId: %s\n    skuPartNumber: %s\n    prepaidUnits: {enabled: %s}\n    otherConsumedUnits: %s\n    servicePlans:\n", ids[words[1]], words[1], words[2], others)
	for _, name := range plansOf[words[1]] {
		yaml += fmt.Sprintf("      - {servicePlanId: %s, servicePlanName: %s}\n", ids[name], name)
	}
	return yaml
}

func userYAML(words []string, groups map[string]string, members map[string][]string) string {
	born, name, renamed := strings.Cut(words[0], "=")
	if !renamed {
		name = born
	}
	upn := name + "@contoso.com"
	yaml := fmt.Sprintf("  - id: %s\n    userPrincipalName: %s\n    displayName: %s\n", userID(born), upn, name)
	if words[1] != "-" {
		yaml += "    usageLocation: " + words[1] + "\n"
	}
	var direct []string
	for _, word := range words[2:] {
		word, group, inherited := strings.Cut(word, "@")
		sku, off, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		license := fmt.Sprintf("{sku: %s, disabledPlans: [%s]}", sku, off)
		if inherited {
			groups[group] = license
			members[group] = append(members[group], upn)
			continue
		}
		direct = append(direct, license)
	}
	return yaml + "    assignedLicenses: [" + strings.Join(direct, ", ") + "]\n"
}
