package plan_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// The fixture language: a tenant in a few lines.
//
//	sku SPE_E3 10              10 units enabled
//	sku SPE_E3 10 warning=5    and 5 in the grace period
//	sku SPE_E3 10 others=3     3 seats are used by users not listed
//	sku SPE_E3 10 lags=1       the count of the service lags: it is 1 below the holders
//	sku SPE_E3 10 suspended    not assignable
//	anna CH SPE_E3             holds it directly
//	anna CH SPE_E3(SWAY)       with SWAY off
//	anna CH SPE_E3@Staff       by the group Staff
//	anna CH SPE_E3@Staff!CountViolation        which could not give it
//	anna CH SPE_E3@Staff?DependencyViolation   which gave it, with an error
//	anna - ... disabled|guest|synced|inconsistent|country=Switzerland|domain=corp.example
//	anna - ... dn=CN=anna,OU=Staff,DC=corp,DC=example   where the synced user lies
//	anna - ... disputed|doubted                   as a directory leaves it
//	group Staff SPE_E3 SPE_E5(SWAY) : anna bea    gives these to its direct members
//	group Admins roles : anna                     can hold directory roles
//	group Guests : carl                           transitive members, for a selector
//	caller anna                                   runs the tool
type fixture struct {
	t        testing.TB
	settings string // extra lines of the tenant's settings
	policies string
	tenant   string
	filters  plan.Filters
	allow    []plan.Override
	prices   string // the file prices.yaml, if settings name it
	csv      string // the file people.csv, if a policy names it
	people   string // the file people.txt, for a selector
	now      time.Time
	baseline string         // the tenant at an earlier time; "": this is the first run
	snapped  bool           // the baseline is a snapshot, which does not have files
	unknown  bool           // there is no baseline, and --first-run was not passed
	hold     bool           // --hold
	shuffle  func([]string) // order of users, of SKUs and of groups
	apart    bool           // a file for each policy, named against their order
}

// Real service plans (Microsoft: "Product names and service plan identifiers").
var planIDs = map[string]string{
	"EXCHANGE_S_FOUNDATION": "113feb6c-3fe4-4440-bddc-54d774bf0318",
	"EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
	"EXCHANGE_S_DESKLESS":   "4a82b400-a79f-41a4-b4e2-e94f5787b113",
	"SHAREPOINTENTERPRISE":  "5dbe027f-2339-4123-9542-606e4d348a72",
	"SHAREPOINTDESKLESS":    "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9",
	"TEAMS1":                "57ff2da0-773e-42df-b2af-ffb7a2317929",
	"SWAY":                  "a23b959c-7ce8-4e57-9140-b90eb88a9e97",
	"YAMMER_ENTERPRISE":     "7547a3fe-08ee-4ccb-b430-5077c5041653",
	"MCOEV":                 "4828c8ec-dc2e-4779-b502-87ac9ce28ab7",
	"BI_AZURE_P2":           "70d33638-9c74-4d01-bfd3-562de28bd4ba",
	"ONEDRIVE_BASIC":        "da792a53-cbc0-4184-a10d-e544dd34b3c1",
	"VISIOONLINE":           "2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f",
	"MCOMEETADV":            "3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40",
	"MCOPSTN1":              "4ed3ff63-69d7-4fb7-b984-5aec7f605ca8",
	"MCOPSTN2":              "5a10155d-f5c1-411a-a8ec-e99aae125390",
}

var skuPlans = map[string]struct {
	id    string
	plans []string
}{
	"SPE_E3":       {"05e9a617-0261-4cee-bb44-138d3ef5d965", []string{"EXCHANGE_S_FOUNDATION", "EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "TEAMS1", "SWAY", "YAMMER_ENTERPRISE"}},
	"SPE_E5":       {"06ebc4ee-1bb5-47dd-8120-11324bc54e06", []string{"EXCHANGE_S_FOUNDATION", "EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "TEAMS1", "SWAY", "YAMMER_ENTERPRISE", "MCOEV", "BI_AZURE_P2"}},
	"SPE_F1":       {"66b55226-6b4f-492c-910c-a3b7a3c9d993", []string{"EXCHANGE_S_FOUNDATION", "EXCHANGE_S_DESKLESS", "SHAREPOINTDESKLESS", "TEAMS1", "SWAY", "YAMMER_ENTERPRISE"}},
	"M365_F1":      {"44575883-256e-4a79-9da4-ebe9acabe2b2", []string{"EXCHANGE_S_FOUNDATION", "SHAREPOINTDESKLESS", "TEAMS1", "YAMMER_ENTERPRISE"}},
	"POWER_BI_PRO": {"f8a1db68-be16-40ed-86d5-cb42ce701560", []string{"EXCHANGE_S_FOUNDATION", "BI_AZURE_P2"}},
	"VISIOCLIENT":  {"c5928f49-12ba-48f7-ada3-0d743a3601d5", []string{"EXCHANGE_S_FOUNDATION", "ONEDRIVE_BASIC", "VISIOONLINE"}},
	"MCOMEETADV":   {"0c266dff-15dd-4b49-8397-2bb16070ed52", []string{"MCOMEETADV"}},
	"MCOPSTN1":     {"0dab259f-bf13-4952-b7f8-7db8f131b28d", []string{"MCOPSTN1"}},
	"MCOPSTN2":     {"d3b4fe1f-9992-4930-8acb-ca6ec609365e", []string{"MCOPSTN2"}},
}

var fixtureTime = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func idOf[Of any](name string) state.ID[Of] {
	sum := sha256.Sum256([]byte(name))
	return state.ID[Of](sum[:16])
}

func sku(name string) state.SKUID { return state.MustParseID[state.SKU](skuPlans[name].id) }

// compute returns the plan of a fixture.
func (f fixture) compute() *plan.Plan {
	f.t.Helper()
	return explain.Plan(f.input())
}

func (f fixture) input() plan.Input {
	f.t.Helper()
	snapshot := f.snapshot()
	names := catalog.Builtin().ForTenant(snapshot.SKUs)
	set := f.set(names)
	matches, _, err := selector.Resolve(set, snapshot)
	if err != nil {
		f.t.Fatalf("resolve: %v", err)
	}
	now := f.now
	if now.IsZero() {
		now = fixtureTime
	}
	return plan.Input{Set: set, Matches: matches, Snapshot: snapshot, Catalog: names, Now: now, Filters: f.filters, Overrides: f.allow, ToolVersion: "test",
		Baseline: f.before(set), FirstRun: f.baseline == "" && !f.unknown, Hold: f.hold}
}

// before returns the users that the policies picked in the tenant as it was.
func (f fixture) before(set *policies.Set) *plan.Baseline {
	if f.baseline == "" {
		return nil
	}
	was := f
	was.tenant = f.baseline
	snapshot := was.snapshot()
	matches, _, _ := selector.Resolve(set, snapshot) // who was missing then matched nothing
	baseline := plan.NewBaseline("yesterday", set, matches, snapshot)
	baseline.FilesUnknown = f.snapped
	return baseline
}

func (f fixture) set(names *catalog.Catalog) *policies.Set {
	f.t.Helper()
	files := fstest.MapFS{
		"seatwright.yaml": {Data: []byte("version: 1\ntenants:\n  test:\n    sandbox: tenant.yaml\n    policies: [\"p.*yaml\"]\n" + indent(4, f.settings))},
		"prices.yaml":     {Data: []byte(f.prices)},
		"people.csv":      {Data: []byte(f.csv)},
		"people.txt":      {Data: []byte(f.people)},
	}
	maps.Copy(files, f.policyFiles())
	return loadSet(f.t, files, names)
}

// loadSet reads the policies of the only tenant in the settings.
func loadSet(t testing.TB, files fstest.MapFS, names *catalog.Catalog) *policies.Set {
	t.Helper()
	settings, err := policies.LoadSettings(files)
	if err != nil {
		t.Fatalf("load settings: %v", err)
	}
	tenant, err := settings.Tenant("")
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := policies.Load(files, tenant)
	if err != nil {
		t.Fatalf("load policies: %v", err)
	}
	bound, err := policies.Bind(set, names)
	if err != nil {
		t.Fatalf("bind: %v", err)
	}
	return bound
}

// policyFiles are the file of the policies, or a file for each of them, named against
// their order.
func (f fixture) policyFiles() fstest.MapFS {
	if !f.apart {
		return fstest.MapFS{"p.yaml": {Data: []byte("policies:\n" + indent(2, f.policies))}}
	}
	files := fstest.MapFS{}
	each := strings.Split("\n"+strings.TrimSuffix(f.policies, "\n"), "\n- ")[1:]
	for i, policy := range each {
		files[fmt.Sprintf("p.%02d.yaml", len(each)-i)] = &fstest.MapFile{Data: []byte("policies:\n" + indent(2, "- "+policy+"\n"))}
	}
	return files
}

// indent shifts a YAML fragment, whatever common indentation it has in the test.
func indent(by int, text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	common := 1000
	for _, line := range lines {
		common = min(common, len(line)-len(strings.TrimLeft(line, " \t")))
	}
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%*s%s\n", by, "", strings.ReplaceAll(line[common:], "\t", "  "))
	}
	return b.String()
}

func (f fixture) snapshot() *state.Snapshot {
	f.t.Helper()
	builder := state.NewBuilder()
	header := state.Header{
		Organization: state.Organization{ID: idOf[state.Organization]("contoso"), DisplayName: "Contoso"},
		Source:       state.SourceSandbox, ReadAt: fixtureTime, Complete: true,
	}
	consumed, groups := map[string]int{}, map[string]*state.Group{}
	var users []string
	for line := range strings.Lines(f.tenant) {
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "sku":
			header.SKUs = append(header.SKUs, f.sku(words, consumed))
		case words[0] == "group":
			f.group(words[1:], groups)
		case words[0] == "caller":
			header.Caller = idOf[state.User](words[1])
		default:
			users = append(users, line)
		}
	}
	if f.shuffle != nil {
		f.shuffle(users)
		slices.Reverse(header.SKUs)
	}
	for _, line := range users {
		record := f.user(strings.Fields(line), groups)
		held := map[string]bool{}
		for _, path := range record.Paths {
			if path.Holds() {
				held[path.SKU.String()] = true
			}
		}
		for id := range held {
			consumed[id]++
		}
		if err := builder.Add(record); err != nil {
			f.t.Fatal(err)
		}
	}
	for i := range header.SKUs {
		header.SKUs[i].Consumed += consumed[header.SKUs[i].ID.String()]
	}
	for _, group := range groups { // in whatever order a map has
		header.Groups = append(header.Groups, *group)
	}
	snapshot, err := builder.Snapshot(header)
	if err != nil {
		f.t.Fatal(err)
	}
	snapshot.Directory = f.directory(snapshot)
	return snapshot
}

// directory returns the users that a directory does not locate for certain, or nil.
func (f fixture) directory(s *state.Snapshot) *state.Directory {
	var d state.Directory
	for line := range strings.Lines(f.tenant) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		user, _ := s.Find(idOf[state.User](words[0]))
		if slices.Contains(words, "disputed") {
			d.JoinConflicts = append(d.JoinConflicts, state.JoinConflict{Row: user.Row(), Why: "two objects claim it"})
		}
		if slices.Contains(words, "doubted") {
			d.Unverified = append(d.Unverified, state.JoinConflict{Row: user.Row(), Why: "it has vanished"})
		}
	}
	if len(d.JoinConflicts)+len(d.Unverified) == 0 {
		return nil
	}
	return &d
}

func (f fixture) sku(words []string, consumed map[string]int) state.SKU {
	known, ok := skuPlans[words[1]]
	if !ok {
		f.t.Fatalf("the fixture has no SKU %s", words[1])
	}
	s := state.SKU{ID: sku(words[1]), PartNumber: words[1], Capability: state.CapabilityEnabled, AppliesTo: state.ScopeUser}
	for _, name := range known.plans {
		scope := state.ScopeUser
		if name == "EXCHANGE_S_FOUNDATION" {
			scope = state.ScopeCompany
		}
		s.Plans = append(s.Plans, state.ServicePlan{ID: state.MustParseID[state.ServicePlan](planIDs[name]), Name: name, AppliesTo: scope, Status: "Success"})
	}
	fmt.Sscan(words[2], &s.Enabled)
	for _, word := range words[3:] {
		var n int
		switch {
		case word == "suspended":
			s.Capability = "Suspended"
		case word == "company":
			s.AppliesTo = state.ScopeCompany
		case scan(word, "warning=%d", &n):
			s.Warning = n
		case scan(word, "others=%d", &n):
			consumed[s.ID.String()] += n
		case scan(word, "lags=%d", &n):
			consumed[s.ID.String()] -= n
		default:
			f.t.Fatalf("the fixture does not know %q", word)
		}
	}
	return s
}

func scan(word, format string, n *int) bool {
	read, _ := fmt.Sscanf(word, format, n)
	return read == 1
}

// group reads "NAME SKU(PLAN) roles : MEMBER MEMBER".
func (f fixture) group(words []string, groups map[string]*state.Group) {
	g := named(groups, words[0])
	colon := slices.Index(words, ":")
	for _, word := range words[1:colon] {
		if word == "roles" {
			g.RoleAssignable = true
			continue
		}
		path := f.path(word, groups)
		g.Licenses = append(g.Licenses, state.License{SKU: path.SKU, Disabled: path.Disabled})
	}
	for _, member := range words[colon+1:] {
		g.Everyone = append(g.Everyone, idOf[state.User](member))
	}
	slices.SortFunc(g.Everyone, state.UserID.Compare)
	g.Members = g.Everyone
}

func named(groups map[string]*state.Group, name string) *state.Group {
	if groups[name] == nil {
		groups[name] = &state.Group{ID: idOf[state.Group](name), DisplayName: name}
	}
	return groups[name]
}

func (f fixture) user(words []string, groups map[string]*state.Group) state.Record {
	r := state.Record{UserPrincipalName: words[0] + "@contoso.com", DisplayName: strings.ToUpper(words[0][:1]) + words[0][1:], ID: idOf[state.User](words[0])}
	if words[1] != "-" {
		r.UsageLocation = words[1]
	}
	for _, word := range words[2:] {
		if key, value, found := strings.Cut(word, "="); found {
			switch key {
			case "country":
				r.Country = value
			case "domain":
				r.Domain = value
			case "dn":
				dn, err := state.ParseDN(value)
				if err != nil {
					f.t.Fatal(err)
				}
				r.DN = dn
			}
			continue
		}
		switch word {
		case "disabled":
			r.Disabled = true
		case "guest":
			r.Guest = true
		case "synced":
			r.Synced = true
		case "inconsistent":
			r.Inconsistent = true
		case "disputed", "doubted": // see [fixture.directory]
		default:
			r.Paths = append(r.Paths, f.path(word, groups))
		}
	}
	return r
}

func (f fixture) path(word string, groups map[string]*state.Group) state.Path {
	path := state.Path{State: state.PathActive}
	word, failure, failed := strings.Cut(word, "!")
	if failed {
		path.State, path.Error = state.PathError, failure
	}
	word, trouble, troubled := strings.Cut(word, "?")
	if troubled {
		path.State, path.Error = state.PathActiveWithError, trouble
	}
	word, group, inherited := strings.Cut(word, "@")
	if inherited {
		path.Group = named(groups, group).ID
	}
	word, off, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
	for name := range strings.SplitSeq(off, ",") {
		if name != "" {
			path.Disabled = append(path.Disabled, state.MustParseID[state.ServicePlan](planIDs[name]))
		}
	}
	if _, known := skuPlans[word]; !known {
		f.t.Fatalf("the fixture has no SKU %q", word)
	}
	path.SKU = sku(word)
	return path
}

// printed is a plan as tests want it: a line a step, with plans that are off, then
// a line for every outcome that is blocked or waiting.
func printed(p *plan.Plan) string {
	var b strings.Builder
	for _, step := range p.Steps {
		fmt.Fprint(&b, strings.ReplaceAll(step.String(), "@contoso.com", ""))
		for _, add := range step.Adds() {
			var off []string
			for _, plan := range add.DisabledPlans {
				off = append(off, " ("+planName(plan)+" off)")
			}
			fmt.Fprint(&b, strings.Join(slices.Sorted(slices.Values(off)), ""))
		}
		for _, loss := range step.Loses {
			fmt.Fprintf(&b, " loses %s", loss.Family)
		}
		fmt.Fprintln(&b)
	}
	for _, list := range []struct {
		word     string
		outcomes []plan.Outcome
	}{{"blocked", p.Outcomes.Blocked}, {"waiting", p.Outcomes.Waiting}, {"held", p.Outcomes.Held}} {
		for _, o := range list.outcomes {
			name := strings.TrimSuffix(o.User.UserPrincipalName, "@contoso.com")
			fmt.Fprintf(&b, "%s %s %s: %s\n", list.word, name, o.PartNumber, o.Reason)
		}
	}
	return b.String()
}

func planName(id state.PlanID) string {
	for name, text := range planIDs {
		if text == id.String() {
			return name
		}
	}
	return id.String()
}

// lines joins lines to an expected result.
func lines(want ...string) string {
	if len(want) == 0 {
		return ""
	}
	return strings.Join(want, "\n") + "\n"
}
