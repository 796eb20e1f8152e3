package apply_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/slowtest"
)

// The long form: SEATWRIGHT_CHAOS=200 go test ./plan/apply -run Chaos -v -timeout 30m.
const (
	chaosRuns  = "SEATWRIGHT_CHAOS" // how many scenarios
	chaosChild = "SEATWRIGHT_CHAOS_CHILD"
	chaosState = "SEATWRIGHT_CHAOS_STATE"
	fullChaos  = 10 // every profile once, every other one with two processes at a time; with slow tests
	shortChaos = 4
)

// profile is a set of faults that happen together.
type profile struct {
	name   string
	lag    []time.Duration
	faults []sandbox.Fault
	quota  float64 // scale of Graph's own quota; 0: no limit
}

func (p profile) throttles() bool {
	return p.quota > 0 || slices.ContainsFunc(p.faults, func(f sandbox.Fault) bool { return f.Do == sandbox.Throttle })
}

const (
	assignRoute   = "POST users/{id}/assignLicense"
	locationRoute = "PATCH users/{id}"
)

func profiles() []profile {
	both := func(f sandbox.Fault) []sandbox.Fault {
		other := f
		f.On, other.On = assignRoute, locationRoute
		return []sandbox.Fault{f, other}
	}
	return []profile{
		{name: "calm"},
		{name: "reads lag", lag: []time.Duration{0, 5 * time.Second, 100 * time.Second, 280 * time.Second}},
		{name: "answers are lost", faults: both(sandbox.Fault{Chance: 0.06, Do: sandbox.Drop, TookEffect: true})},
		{name: "writes are lost while reads lag", lag: []time.Duration{0, 40 * time.Second}, faults: both(sandbox.Fault{Chance: 0.06, Do: sandbox.Reset})},
		{name: "unavailable", faults: both(sandbox.Fault{Chance: 0.1, Do: sandbox.Unavailable, RetryAfter: "30"})},
		{name: "unavailable after the effect", lag: []time.Duration{0, 20 * time.Second},
			faults: both(sandbox.Fault{Chance: 0.1, Do: sandbox.Unavailable, TookEffect: true, RetryAfter: "30"})},
		{name: "answers are cut", faults: both(sandbox.Fault{Chance: 0.05, Do: sandbox.Truncate})},
		{name: "throttled", faults: both(sandbox.Fault{Chance: 0.2, Do: sandbox.Throttle, RetryAfter: "7.5"})},
		{name: "out of quota", quota: 0.01},
		{name: "throttled after the effect while reads lag", lag: []time.Duration{0, 30 * time.Second},
			faults: both(sandbox.Fault{Chance: 0.2, Do: sandbox.Throttle, TookEffect: true})},
	}
}

// chaosTenant returns a tenant in which steps depend on each other, and the tenant that must
// result. Seats of E5 move in a cycle, seats of Power BI have to be freed first, and joiners
// need a location.
func chaosTenant() (tenant, wanted string) {
	var is, ends strings.Builder
	fmt.Fprint(&is, "sku SPE_E3 20\nsku SPE_E5 17\nsku POWER_BI_PRO 11\n")
	for i := range 16 {
		fmt.Fprintf(&is, "sinker%02d CH SPE_E5\nriser%02d CH SPE_E3\n", i, i)
		fmt.Fprintf(&ends, "sinker%02d CH SPE_E3\nriser%02d CH SPE_E5\n", i, i)
	}
	for i := range 10 {
		fmt.Fprintf(&is, "joiner%02d -\nleaver%02d CH POWER_BI_PRO\n", i, i)
		fmt.Fprintf(&ends, "joiner%02d CH POWER_BI_PRO\nleaver%02d CH\n", i, i)
	}
	return is.String(), ends.String()
}

const chaosPolicies = `- {name: up, users: {search: riser}, replace: {SPE_E3: SPE_E5}}
- {name: down, users: {search: sinker}, replace: {SPE_E5: SPE_E3}}
- {name: joiners, users: {search: joiner}, usage_location: CH, licenses: [POWER_BI_PRO]}
- {name: leavers, users: {search: leaver}, absent: [POWER_BI_PRO]}
`

// The exit codes of a child process. It is done if there was nothing to do.
const (
	childDone = iota + 10
	childError
	childWrote
	childFailed
	childLocked
)

// chaosProcess is one apply in a process of its own, which the test starts. It ends with
// the process. The client paces itself and waits as long as the service asks, by a fake
// clock that moves on whenever nothing is in progress. With a container the fake clock
// would stop, since connections to it stay open.
func chaosProcess(t *testing.T, address, dir string) {
	run := func(*testing.T) {
		code, err := chaosRun(address, dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}
	if inContainer(dir) {
		run(t)
	}
	synctest.Test(t, run)
}

// chaosRun is one apply. Its own clock is the clock of the test that started it.
func chaosRun(address, dir string) (int, error) {
	ctx := context.Background()
	now := func() time.Time { return ask(ctx, address+"/chaos/now") }
	wait := func(ctx context.Context, d time.Duration) error {
		ask(ctx, address+"/chaos/wait?d="+url.QueryEscape(d.String()))
		return nil
	}
	place, err := placeAt(dir, now)
	if err != nil {
		return childError, err
	}
	store := journal.NewStore(place, now)
	t := &childT{}
	w := &world{t: t}
	if err := w.connect(address); err != nil {
		return childError, err
	}
	id := journal.NewID(now(), strconv.FormatInt(int64(os.Getpid()), 36)+"aaaaaaaa")
	tenant := state.MustParseID[state.Organization]("48a80680-7326-48cd-9935-b556b81d3a4e")
	lock, err := store.Acquire(ctx, tenant, journal.Holder{Run: id, Host: "here", PID: os.Getpid()})
	if _, locked := errors.AsType[*journal.LockedError](err); locked {
		return childLocked, nil
	} else if err != nil {
		return childError, err
	}
	runs, err := store.ReadHistory(ctx, tenant, now().AddDate(0, 0, -1), now().AddDate(0, 0, -1))
	if broken, is := errors.AsType[*journal.BrokenError](err); err != nil && (!is || broken.Line != 1) { // line 1: killed before the line was written, and so before a change was sent
		return childError, err
	}
	w.done = nil
	w.earlier = journal.Writes(runs, now().Add(-apply.Horizon))
	for _, write := range w.earlier {
		if write.Confirmed {
			w.done = append(w.done, write.Step)
		}
	}
	p := w.plan(chaosPolicies)
	if t.failed != "" {
		return childError, errors.New(t.failed)
	}
	switch {
	case len(p.Steps) == 0 && len(p.Outcomes.Waiting) > 0: // for seats that reads do not show as free yet
		return childFailed, errors.Join(wait(ctx, time.Minute), lock.Release())
	case len(p.Steps) == 0:
		return childDone, lock.Release()
	}
	record, err := store.Start(ctx, journal.Begin{Run: id, Kind: journal.KindApply, Tenant: tenant, Source: state.SourceLive, Count: len(p.Steps)})
	if err != nil {
		return childError, err
	}
	if err := record.RecordFindings(journal.ResolveIntents(runs, w.snapshot, now())); err != nil {
		return childError, err
	}
	e := apply.Executor{
		Reader: w.client, Writer: w.writer, Catalog: w.catalog, Snapshot: w.snapshot, Journal: record, CheckLock: lock.Renew,
		Earlier: w.earlier, Now: now, Wait: wait,
	}
	report := e.Run(ctx, p)
	_, err = record.Close(journal.Close{Reason: "ok"})
	if err = errors.Join(err, lock.Release(), report.Stopped); err != nil || report.Err() != nil {
		return childFailed, errors.Join(err, report.Err())
	}
	return childWrote, nil
}

func inContainer(where string) bool { return strings.HasPrefix(where, "http:") }

// placeAt returns a folder, or the container at an address.
func placeAt(where string, now func() time.Time) (journal.Place, error) {
	if inContainer(where) {
		return blob.New(blob.Options{Emulator: where, Container: "runs", Access: blob.Writing})
	}
	root, err := os.OpenRoot(where)
	if err != nil {
		return nil, err
	}
	return journal.NewFolder(root, now), nil
}

// childT records the errors of a world that has no test around it.
type childT struct {
	testing.TB

	failed string
}

func (c *childT) Helper()                   {}
func (c *childT) Context() context.Context  { return context.Background() }
func (c *childT) Cleanup(func())            {}
func (c *childT) Errorf(f string, a ...any) { c.failed = fmt.Sprintf(f, a...) }
func (c *childT) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (c *childT) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }

// ask returns the time of the test that started this process, after letting time pass if
// the address says so.
func ask(ctx context.Context, address string) time.Time {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		panic(err)
	}
	answer, err := new(http.Client).Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	nanos, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		panic(err)
	}
	return time.Unix(0, nanos).UTC()
}

// chaosTest is a tenant with faults and a clock of its own. It kills processes that send
// requests to it.
type chaosTest struct {
	t       *testing.T
	random  *rand.Rand
	tenant  *sandbox.Tenant
	address string
	states  []string
	lag     []time.Duration

	mu        sync.Mutex
	at        time.Time
	requests  int
	throttled int // items that were answered with 429
	killAt    int // the request at which a process is killed; 0: none
	after     bool
	children  []*exec.Cmd
	kills     int
	locked    int  // how often a process found the tenant locked
	shared    bool // all processes keep their journals in one container
}

func newChaosTest(t *testing.T, seed uint64, p profile, processes int) *chaosTest {
	t.Helper()
	text, _ := chaosTenant()
	tenant, err := sandbox.Parse("tenant.yaml", []byte(tenantFile(t, text)))
	if err != nil {
		t.Fatal(err)
	}
	s := &chaosTest{t: t, random: rand.New(rand.NewPCG(seed, 0)), tenant: tenant, at: today, lag: p.lag}
	for range processes {
		s.states = append(s.states, t.TempDir())
	}
	handler := tenant.Handler(sandbox.Options{
		Seed: seed, Now: s.now, Lag: sandbox.Lag{Replicas: p.lag}, Faults: p.faults, Quota: sandbox.Quota{Scale: p.quota},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(handler, w, r) })}}
	server.Start()
	t.Cleanup(server.Close)
	s.address = server.URL
	return s
}

func (s *chaosTest) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *chaosTest) serve(handler http.Handler, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close") // an open connection stops the client's clock
	if strings.HasPrefix(r.URL.Path, "/chaos/") {
		d, _ := time.ParseDuration(r.URL.Query().Get("d")) // no duration: no time passes
		s.mu.Lock()
		s.at = s.at.Add(d)
		fmt.Fprint(w, s.at.UnixNano())
		s.mu.Unlock()
		return
	}
	s.mu.Lock()
	s.requests++
	s.at = s.at.Add(20 * time.Millisecond)
	kill, after := s.killAt > 0 && s.requests == s.killAt, s.after
	s.mu.Unlock()
	if kill && !after {
		s.kill()
	}
	recorder := &waiting{ResponseWriter: w}
	handler.ServeHTTP(recorder, r)
	s.mu.Lock()
	s.at = s.at.Add(recorder.longest())
	s.throttled += recorder.throttled
	s.mu.Unlock()
	if kill && after {
		s.kill()
	}
}

// waiting records how long an answer asks the client to wait. The client's clock takes no
// time, so the time has to pass on the clock of the tenant.
type waiting struct {
	http.ResponseWriter

	asked     []string
	throttled int
}

var (
	retryAfter      = regexp.MustCompile(`"Retry-After": ?"([0-9.]+)"`)
	tooManyRequests = regexp.MustCompile(`"status": ?429`)
)

func (w *waiting) Write(body []byte) (int, error) {
	for _, found := range retryAfter.FindAllSubmatch(body, -1) {
		w.asked = append(w.asked, string(found[1]))
	}
	w.throttled += len(tooManyRequests.FindAll(body, -1))
	return w.ResponseWriter.Write(body)
}

func (w *waiting) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *waiting) longest() time.Duration {
	longest := time.Duration(0)
	for _, asked := range append(w.asked, w.Header().Get("Retry-After")) {
		d, _ := time.ParseDuration(asked + "s") // no duration: it asks for no wait
		longest = max(longest, d)
	}
	return longest
}

// kill ends one of the running processes, as kill -9 does.
func (s *chaosTest) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	victims := s.children
	if !s.shared { // with a shared container, the process that holds the lock is meant, so all are killed
		victims = []*exec.Cmd{s.children[s.random.IntN(len(s.children))]}
	}
	for _, victim := range victims {
		if victim.Process.Kill() == nil {
			s.kills++
		}
	}
}

// round starts one process for each state folder and waits for all. It reports whether they
// found nothing to do. Processes that found the tenant locked do not count.
func (s *chaosTest) round(deadly bool) bool {
	s.t.Helper()
	s.mu.Lock()
	s.children, s.killAt = nil, 0
	if deadly {
		within := 60 * len(s.states)
		if s.shared { // one of them does all the work
			within = 25
		}
		s.killAt, s.after = s.requests+1+s.random.IntN(within), s.random.IntN(2) == 0
	}
	output := make([]strings.Builder, len(s.states))
	for i, dir := range s.states {
		child := exec.CommandContext(s.t.Context(), os.Args[0], "-test.run=^TestChaos$")
		child.Env = append(os.Environ(), chaosChild+"="+s.address, chaosState+"="+dir)
		child.Stderr = &output[i]
		if err := child.Start(); err != nil {
			s.mu.Unlock()
			s.t.Fatal(err)
		}
		s.children = append(s.children, child)
	}
	children := slices.Clone(s.children)
	s.mu.Unlock()
	busy, found := false, false
	for i, child := range children {
		err := child.Wait()
		code := child.ProcessState.ExitCode()
		found = found || code == childDone
		if code == childLocked && s.shared { // by the other process, or by one that was killed
			s.mu.Lock()
			s.at, s.locked = s.at.Add(20*time.Second), s.locked+1
			s.mu.Unlock()
			continue
		}
		busy = busy || code != childDone
		if code != childDone && code != childWrote && code != childFailed && code != -1 {
			s.t.Errorf("a run ended with %d (%v): %s", code, err, output[i].String())
		}
	}
	return found && !busy
}

// TestChaos kills runs at random moments with every profile of faults, and runs again until
// there is nothing to do.
func TestChaos(t *testing.T) {
	if address := os.Getenv(chaosChild); address != "" {
		chaosProcess(t, address, os.Getenv(chaosState))
	}
	t.Parallel()
	runs := shortChaos
	if slowtest.Enabled() {
		runs = fullChaos
	}
	if n, err := strconv.Atoi(os.Getenv(chaosRuns)); err == nil {
		runs = n
	}
	var total struct{ processes, kills, writes, resent, throttled int }
	for n := range runs {
		profile := profiles()[n%len(profiles())]
		processes := 1 + (n+n/len(profiles()))%2 // another number in the next cycle of profiles
		ok := t.Run(fmt.Sprintf("%d %s, %d processes", n, profile.name, processes), func(t *testing.T) {
			s := newChaosTest(t, uint64(n), profile, processes)
			rounds := 1
			for ; !s.round(rounds <= 3); rounds++ {
				if rounds == 25 || t.Failed() {
					t.Fatal("it does not converge")
				}
			}
			s.check()
			if profile.throttles() && s.throttled == 0 {
				t.Error("no request was throttled")
			}
			total.processes += rounds * processes
			total.kills += s.kills
			total.writes += len(s.tenant.Record().Writes)
			total.resent += s.resent()
			total.throttled += s.throttled
		})
		if !ok {
			break
		}
	}
	t.Logf("%d scenarios, %d processes, %d of them killed, %d writes, %d of them sent once more, %d throttled", runs, total.processes, total.kills, total.writes, total.resent, total.throttled)
}

// check checks what must be true after every scenario.
func (s *chaosTest) check() {
	s.t.Helper()
	_, wanted := chaosTenant()
	if got := s.holdings(); got != wanted {
		s.t.Errorf("it ended with\n%s\nwant\n%s", got, wanted)
	}
	invariants := s.tenant.Invariants()
	if len(invariants.Gaps) > 0 || invariants.PlansOmitted > 0 {
		s.t.Errorf("a user lost service plans during a swap: %+v", invariants.Gaps)
	}
	// A run that was killed may have taken seats that reads do not show yet. A request for
	// such a seat is refused, which is harmless.
	if len(s.states) == 1 && len(s.lag) == 0 && invariants.SeatRefusals > 0 {
		s.t.Errorf("%d writes were refused for want of seats", invariants.SeatRefusals)
	}
	for _, dir := range slices.Compact(slices.Clone(s.states)) {
		s.checkJournals(dir)
	}
}

// TestChaosWithASharedContainer kills runs that share only a container, two at a time. One
// of them holds the lock of the tenant. If it is killed, another one finishes the rest once
// the lease has ended.
func TestChaosWithASharedContainer(t *testing.T) {
	t.Parallel()
	kills, locked := 0, 0
	for seed := range uint64(2) {
		s := newChaosTest(t, 100+seed, profiles()[0], 2)
		container := httptest.NewServer(&blobtest.Service{Now: s.now})
		t.Cleanup(container.Close)
		s.shared, s.states = true, []string{container.URL + "/" + blob.EmulatorAccount, container.URL + "/" + blob.EmulatorAccount}
		for rounds := 1; !s.round(rounds <= 3); rounds++ {
			if rounds == 25 || t.Failed() {
				t.Fatal("it does not converge")
			}
		}
		s.check()
		if refused := s.tenant.Invariants().SeatRefusals; refused > 0 {
			t.Errorf("%d writes were refused for want of seats: two runs worked on the tenant", refused)
		}
		kills, locked = kills+s.kills, locked+s.locked
	}
	if kills == 0 || locked == 0 {
		t.Errorf("%d processes were killed and %d locked out: the test tried nothing", kills, locked)
	}
}

// holdings returns the tenant in the form that chaosTenant uses.
func (s *chaosTest) holdings() string {
	w := &world{t: s.t}
	server := httptest.NewServer(s.tenant.Handler(sandbox.Options{}))
	defer server.Close()
	if err := w.connect(server.URL); err != nil {
		s.t.Fatal(err)
	}
	snapshot, err := w.client.Read(s.t.Context(), state.Everything())
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for user := range snapshot.Users() {
		name, _, _ := strings.Cut(user.UserPrincipalName(), "@")
		line := name + " " + user.UsageLocation()
		for _, path := range user.Paths() {
			line += " " + nameOf(path.SKU.String())
		}
		lines = append(lines, line)
	}
	_, wanted := chaosTenant()
	order := strings.Split(wanted, "\n")
	slices.SortFunc(lines, func(a, b string) int { return position(order, a) - position(order, b) })
	return strings.Join(lines, "\n") + "\n"
}

func position(order []string, line string) int {
	name, _, _ := strings.Cut(line, " ")
	return slices.IndexFunc(order, func(l string) bool { return strings.HasPrefix(l, name+" ") })
}

// journals returns the journals of a folder. Their chains must be unbroken.
func (s *chaosTest) journals(dir string) []*journal.Run {
	if s.shared {
		return s.containerJournals(dir)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		s.t.Fatal(err)
	}
	var runs []*journal.Run
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			s.t.Fatal(err)
		}
		run, err := journal.Read(file)
		_ = file.Close()
		if errors.Is(err, journal.ErrNotBegun) {
			continue
		}
		if err != nil {
			s.t.Errorf("%s: %v", name, err)
			continue
		}
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b *journal.Run) int { return a.At.Compare(b.At) })
	return runs
}

// containerJournals returns the journals of a container.
func (s *chaosTest) containerJournals(address string) []*journal.Run {
	place, err := placeAt(address, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	store := journal.NewStore(place, s.now)
	ids, err := store.IDs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	runs, failed := store.ReadAll(s.t.Context(), ids)
	for i, err := range failed {
		if err != nil && !errors.Is(err, journal.ErrNotBegun) {
			s.t.Errorf("%s: %v", ids[i], err)
		}
	}
	return slices.DeleteFunc(runs, func(r *journal.Run) bool { return r == nil })
}

// checkJournals checks that no confirmed step was sent again, and that no step was sent
// again before reads can no longer lag.
func (s *chaosTest) checkJournals(dir string) {
	last := map[string]time.Time{}
	confirmed := map[string]string{}
	for _, run := range s.journals(dir) {
		for _, entry := range run.Steps {
			id := entry.Intent.Step
			for _, sent := range entry.Sent {
				if by, is := confirmed[id]; is {
					s.t.Errorf("run %s sends %s again, which run %s confirmed", run.Run, entry.Step(), by)
				}
				if before, again := last[id]; again && sent.At.Sub(before) < apply.Horizon {
					s.t.Errorf("run %s sends %s again after %s", run.Run, entry.Step(), sent.At.Sub(before))
				}
				if !sent.Refused { // a refusal changed nothing
					last[id] = sent.At
				}
			}
			if entry.Result == apply.Confirmed {
				confirmed[id] = run.Run
			}
		}
	}
}

func (s *chaosTest) resent() int {
	n, seen := 0, map[string]bool{}
	for _, dir := range s.states {
		for _, run := range s.journals(dir) {
			for _, entry := range run.Steps {
				for _, sent := range entry.Sent[1:] {
					if !sent.Refused {
						n++
					}
				}
				if seen[dir+entry.Intent.Step] {
					n++
				}
				seen[dir+entry.Intent.Step] = true
			}
		}
	}
	return n
}
