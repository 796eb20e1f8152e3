package drift_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

var today = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func planID(text string) state.PlanID { return state.MustParseID[state.ServicePlan](text) }

// owned has the SKUs of the tests, with real ids and some of their service plans.
var owned = []state.SKU{
	ownedSKU("SPE_E3", "05e9a617-0261-4cee-bb44-138d3ef5d965", exchange, sharePoint, sway),
	ownedSKU("SPE_E5", "06ebc4ee-1bb5-47dd-8120-11324bc54e06", exchange, sharePoint, sway, phone),
	ownedSKU("VISIOCLIENT", "c5928f49-12ba-48f7-ada3-0d743a3601d5", visio),
}

var (
	exchange   = state.ServicePlan{ID: planID("efb87545-963c-4e0d-99df-69c6916d9eb0"), Name: "EXCHANGE_S_ENTERPRISE"}
	sharePoint = state.ServicePlan{ID: planID("5dbe027f-2339-4123-9542-606e4d348a72"), Name: "SHAREPOINTENTERPRISE"}
	sway       = state.ServicePlan{ID: planID("a23b959c-7ce8-4e57-9140-b90eb88a9e97"), Name: "SWAY"}
	phone      = state.ServicePlan{ID: planID("4828c8ec-dc2e-4779-b502-87ac9ce28ab7"), Name: "MCOEV"}
	visio      = state.ServicePlan{ID: planID("2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f"), Name: "VISIOONLINE"}
)

func ownedSKU(part, id string, plans ...state.ServicePlan) state.SKU {
	for i := range plans {
		plans[i].AppliesTo, plans[i].Status = state.ScopeUser, "Success"
	}
	return state.SKU{ID: state.MustParseID[state.SKU](id), PartNumber: part, Capability: "Enabled", AppliesTo: state.ScopeUser, Enabled: 100, Plans: plans}
}

func skuID(part string) state.SKUID {
	return owned[slices.IndexFunc(owned, func(s state.SKU) bool { return s.PartNumber == part })].ID
}

// userID returns an id made from the name, the same in every run.
func userID(name string) state.UserID {
	sum := sha256.Sum256([]byte(name))
	return state.UserID(sum[:16])
}

// world is a tenant with one line for each user, such as "anna CH SPE_E3
// VISIOCLIENT(VISIOONLINE)" with service plans that are off, "VISIOCLIENT@staff" for a
// license through a group, or "-" for no location. The seats of SKUs can be limited.
type world struct {
	t     testing.TB
	users []string
	seats map[string]int
}

func (w world) snapshot() *state.Snapshot {
	w.t.Helper()
	builder := state.NewBuilder()
	consumed := map[state.SKUID]int{}
	for _, line := range w.users {
		record := userRecord(strings.Fields(line))
		for _, path := range record.Paths {
			consumed[path.SKU]++
		}
		if err := builder.Add(record); err != nil {
			w.t.Fatal(err)
		}
	}
	header := state.Header{Source: state.SourceSandbox, ReadAt: today, Complete: true, SKUs: slices.Clone(owned)}
	header.Organization.ID[0] = 1
	for i := range header.SKUs {
		header.SKUs[i].Consumed = consumed[header.SKUs[i].ID]
		if seats, scarce := w.seats[header.SKUs[i].PartNumber]; scarce {
			header.SKUs[i].Enabled = seats
		}
	}
	snapshot, err := builder.Snapshot(header)
	if err != nil {
		w.t.Fatal(err)
	}
	return snapshot
}

func userRecord(words []string) state.Record {
	r := state.Record{ID: userID(words[0]), UserPrincipalName: words[0] + "@contoso.com", DisplayName: words[0]}
	if words[1] != "-" {
		r.UsageLocation = words[1]
	}
	for _, word := range words[2:] {
		word, group, _ := strings.Cut(word, "@")
		part, off, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		path := state.Path{SKU: skuID(part), State: state.PathActive}
		if group != "" {
			path.Group = state.GroupID(userID(group))
		}
		for _, p := range owned[slices.IndexFunc(owned, func(s state.SKU) bool { return s.PartNumber == part })].Plans {
			if p.Name == off {
				path.Disabled = append(path.Disabled, p.ID)
			}
		}
		r.Paths = append(r.Paths, path)
	}
	return r
}

// input returns the input of a plan for the world. Each policy is in a file of its own.
func (w world) input(texts ...string) plan.Input {
	w.t.Helper()
	files := fstest.MapFS{"seatwright.yaml": {Data: []byte("version: 1\ntenants:\n  test:\n    sandbox: tenant.yaml\n    policies: [\"p.*yaml\"]\n    manage: [SPE_E3, SPE_E5, VISIOCLIENT]\n")}}
	for i, text := range texts {
		files[fmt.Sprintf("p.%d.yaml", i)] = &fstest.MapFile{Data: []byte("policies:\n  - " + text + "\n")}
	}
	settings, err := policies.LoadSettings(files)
	if err != nil {
		w.t.Fatal(err)
	}
	tenant, err := settings.Tenant("")
	if err != nil {
		w.t.Fatal(err)
	}
	set, _, err := policies.Load(files, tenant)
	if err != nil {
		w.t.Fatal(err)
	}
	snapshot := w.snapshot()
	names := catalog.Builtin().ForTenant(snapshot.SKUs)
	bound, err := policies.Bind(set, names)
	if err != nil {
		w.t.Fatal(err)
	}
	matches, _, err := selector.Resolve(bound, snapshot)
	if err != nil {
		w.t.Fatal(err)
	}
	return plan.Input{Set: bound, Matches: matches, Snapshot: snapshot, Catalog: names, Now: today, FirstRun: true}
}

func (w world) plan(texts ...string) *plan.Plan {
	w.t.Helper()
	return explain.Plan(w.input(texts...))
}

// lines returns items as "class key", with names instead of ids.
func (w world) lines(items []drift.Item) []string {
	out := []string{}
	for _, x := range items {
		key := x.Key
		for _, line := range w.users {
			name := strings.Fields(line)[0]
			key = strings.ReplaceAll(key, userID(name).String(), name)
		}
		out = append(out, string(x.Class)+" "+key)
	}
	slices.Sort(out)
	return out
}

// after returns the world once a plan has been carried out.
func (w world) after(p *plan.Plan) world {
	held := map[state.UserID][]string{}
	for _, line := range w.users {
		words := strings.Fields(line)
		held[userID(words[0])] = words
	}
	for _, step := range p.Steps {
		words := held[step.User.ID]
		if step.Kind == plan.KindLocation {
			words[1] = step.After.UsageLocation.Value
		}
		for _, l := range append(step.Adds(), step.Removes()...) {
			words = slices.DeleteFunc(words, func(word string) bool { return word == l.PartNumber || strings.HasPrefix(word, l.PartNumber+"(") })
		}
		for _, l := range step.Adds() {
			word := l.PartNumber
			if len(l.DisabledPlans) > 0 {
				word += "(" + catalog.Builtin().PlanName(l.DisabledPlans[0]) + ")"
			}
			words = append(words, word)
		}
		held[step.User.ID] = words
	}
	next := world{t: w.t, seats: w.seats}
	for _, line := range w.users {
		next.users = append(next.users, strings.Join(held[userID(strings.Fields(line)[0])], " "))
	}
	return next
}
