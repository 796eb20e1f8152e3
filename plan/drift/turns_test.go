package drift_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
)

const ourApp = "0a5b1c1e-0000-4000-8000-000000000001"

var (
	joe    = state.Actor{User: userID("joe"), Name: "joe@contoso.com"}
	portal = state.Actor{App: "0a5b1c1e-0000-4000-8000-000000000002", Name: "Portal"}
	us     = state.Actor{App: ourApp, Name: "Seatwright"}
)

func days(n int) time.Time { return today.AddDate(0, 0, -n) }

// gave is a run that gave a SKU to anna, and took one that took it from her.
func gave(run string, at time.Time, part string) drift.Deed { return deed(run, at, "", part) }
func took(run string, at time.Time, part string) drift.Deed { return deed(run, at, part, "") }

func deed(run string, at time.Time, before, after string) drift.Deed {
	held := func(text string) []plan.License {
		var licenses []plan.License
		for part := range strings.FieldsSeq(text) {
			licenses = append(licenses, plan.License{SKU: skuID(part), PartNumber: part})
		}
		return licenses
	}
	return drift.Deed{Run: run, At: at, Until: at.Add(time.Minute), Step: plan.Step{
		User: plan.UserRef{ID: userID("anna")}, Kind: plan.KindAdd, Before: plan.State{Licenses: held(before)}, After: plan.State{Licenses: held(after)},
	}}
}

// entry is one of the log about anna.
func entry(at time.Time, by state.Actor, before, after string) state.AuditEvent {
	held := func(text string) []state.AuditedLicense {
		var licenses []state.AuditedLicense
		for word := range strings.FieldsSeq(text) {
			part, off, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
			license := state.AuditedLicense{SKU: skuID(part)}
			if off != "" {
				license.Disabled = []string{off}
			}
			licenses = append(licenses, license)
		}
		return licenses
	}
	return state.AuditEvent{At: at, User: userID("anna"), By: by, Licenses: &state.AuditedLicenses{Before: held(before), After: held(after)}}
}

func TestFights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		deeds  []drift.Deed
		events []state.AuditEvent
		want   int // times; 0: no fight
		with   []drift.Actor
	}{
		{"nothing is known", nil, nil, 0, nil},
		{"once is drift", []drift.Deed{gave("r1", days(3), "SPE_E3")}, nil, 0, nil},
		{"two journals gave it, and it is gone again", []drift.Deed{gave("r1", days(3), "SPE_E3"), gave("r2", days(2), "SPE_E3")}, nil, 2, nil},
		{"it was written twice by one run", []drift.Deed{gave("r1", days(3), "SPE_E3"), gave("r1", days(3), "SPE_E3")}, nil, 0, nil},
		{
			"the run between them took it itself: policies changed",
			[]drift.Deed{gave("r1", days(4), "SPE_E3"), took("r2", days(3), "SPE_E3"), gave("r3", days(2), "SPE_E3")}, nil, 0, nil,
		},
		{
			"the log names who takes it", []drift.Deed{gave("r1", days(4), "SPE_E3"), gave("r2", days(2), "SPE_E3")},
			[]state.AuditEvent{entry(days(3), joe, "SPE_E3", ""), entry(days(1), portal, "SPE_E3", "")}, 2,
			[]drift.Actor{{ID: joe.User.String(), Kind: drift.ActorUser, Name: joe.Name}, {ID: portal.App, Kind: drift.ActorApp, Name: "Portal"}},
		},
		{
			"the log alone shows both sides", nil,
			[]state.AuditEvent{entry(days(4), us, "", "SPE_E3"), entry(days(3), joe, "SPE_E3", ""), entry(days(2), us, "", "SPE_E3"), entry(days(1), joe, "SPE_E3", "")}, 2,
			[]drift.Actor{{ID: joe.User.String(), Kind: drift.ActorUser, Name: joe.Name}},
		},
		{
			"the log tells of our own writes too, a little later", []drift.Deed{gave("r1", days(4), "SPE_E3")},
			[]state.AuditEvent{entry(days(4).Add(2*time.Minute), us, "", "SPE_E3"), entry(days(1), joe, "SPE_E3", "")}, 0, nil,
		},
		{"others go back and forth among themselves", nil, []state.AuditEvent{entry(days(4), portal, "", "SPE_E3"), entry(days(3), joe, "SPE_E3", ""), entry(days(2), portal, "", "SPE_E3"), entry(days(1), joe, "SPE_E3", "")}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := world{t: t, users: []string{"anna CH", "bea CH SPE_E3"}}
			r := drift.Compare(w.plan(allE3), w.plan(allE3))
			r.Trace(drift.NewChronicle(c.deeds, c.events, ourApp), time.Time{})
			fight := r.Items[0].Fight
			if (fight != nil) != (c.want > 0) {
				t.Fatalf("fight %+v, want %d times", fight, c.want)
			}
			if fight == nil {
				return
			}
			if fight.Times != c.want {
				t.Errorf("%d times, want %d", fight.Times, c.want)
			}
			if diff := cmp.Diff(append([]drift.Actor{}, c.with...), fight.With); diff != "" {
				t.Errorf("with (-want +got):\n%s", diff)
			}
			if steps := drift.Correct(w.input(allE3), w.input(allE3), r.Leave(drift.All)).Steps; len(steps) > 0 {
				t.Errorf("a fight is corrected again: %v", steps)
			}
		})
	}
}

func TestWhoMadeItSoSinceTheLastRun(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna CH VISIOCLIENT", "bea CH SPE_E3"}}
	r := drift.Compare(w.plan(allE3, noVisio), w.plan(allE3, noVisio))
	events := []state.AuditEvent{
		entry(days(9), portal, "SPE_E3", ""), // before the last run
		entry(days(2), portal, "SPE_E3", "VISIOCLIENT"),
		entry(days(1), joe, "VISIOCLIENT", "VISIOCLIENT(VISIOONLINE)"),
	}
	r.Trace(drift.NewChronicle([]drift.Deed{took("r1", days(1), "SPE_E3")}, events, ourApp), days(5))
	var got []string
	for _, x := range r.Items {
		for _, turn := range x.Changed {
			got = append(got, string(x.Sort)+" "+x.PartNumber+" by "+turn.Run+turn.By.Name+" at "+turn.At.Format(time.DateOnly))
		}
	}
	want := []string{"missing SPE_E3 by r1 at 2026-11-22", "missing SPE_E3 by Portal at 2026-11-21", "extra VISIOCLIENT by Portal at 2026-11-21"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("who (-want +got):\n%s", diff)
	}
}

func TestWhoMovedIntoASourceOrOutOfIt(t *testing.T) {
	t.Parallel()
	const (
		staff  = "{name: staff, users: {upns: [anna@contoso.com, bea@contoso.com]}, licenses: [SPE_E3], others: remove}"
		visios = "{name: visio, priority: -1, users: [{upns: [bea@contoso.com]}, {search: carl}], licenses: [VISIOCLIENT]}"
	)
	w := world{t: t, users: []string{"anna CH", "bea CH SPE_E3 VISIOCLIENT", "carl CH"}}
	in := w.input(staff, visios)
	now := plan.NewBaseline("", in.Set, in.Matches, in.Snapshot).Sources
	then := slices.Clone(now)
	for i := range then { // anna was not among the staff; of the search nothing is known
		then[i].Users = slices.DeleteFunc(slices.Clone(then[i].Users), func(id state.UserID) bool { return id == userID("anna") })
	}
	then = slices.DeleteFunc(then, func(s plan.SourceRecord) bool { return slices.Contains(s.Users, userID("carl")) })
	whole := explain.Plan(in)
	r := drift.Compare(whole, whole)
	r.Moves(then, now)
	moved := map[string][]drift.Move{}
	for _, x := range r.Items {
		moved[x.User.DisplayName+" "+x.PartNumber] = x.Moved
	}
	want := map[string][]drift.Move{"anna SPE_E3": {{Policy: "staff", Selector: "upns: 2 listed"}}, "carl VISIOCLIENT": {}}
	if diff := cmp.Diff(want, moved); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
}

func TestWhoLeftASourceIsToldWhereSomethingIsToBeTaken(t *testing.T) {
	t.Parallel()
	const staff = "{name: staff, users: {upns: [bea@contoso.com]}, except: {upns: [carl@contoso.com]}, licenses: [SPE_E3]}"
	const annaE5 = "{name: e5, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}"
	w := world{t: t, users: []string{"anna CH VISIOCLIENT", "bea CH VISIOCLIENT", "carl CH VISIOCLIENT"}}
	in := w.input(staff, noVisio, annaE5)
	now := plan.NewBaseline("", in.Set, in.Matches, in.Snapshot).Sources
	then := slices.Clone(now)
	for i := range then {
		switch {
		case then[i].Protects: // bea was, and carl was not, which gives nothing and takes nothing
			then[i].Users = []state.UserID{userID("bea")}
		case then[i].Policy == "staff": // anna was among them, and bea was not
			then[i].Users = []state.UserID{userID("anna")}
		}
	}
	left := []drift.Move{{Policy: "staff", Selector: "upns: 1 listed", Left: true}}
	came := []drift.Move{{Policy: "staff", Selector: "upns: 1 listed"}}
	for _, c := range []struct {
		last []string
		want map[string][]drift.Move
	}{
		{[]string{staff}, map[string][]drift.Move{"anna SPE_E5": {}, "anna VISIOCLIENT": {}, "bea SPE_E3": came, "bea VISIOCLIENT": {}, "carl VISIOCLIENT": {}}}, // to take Visio is pending
		{[]string{noVisio, annaE5}, map[string][]drift.Move{"anna SPE_E5": {}, "anna VISIOCLIENT": left, "bea SPE_E3": {}, "bea VISIOCLIENT": {}, "carl VISIOCLIENT": {}}},
	} {
		r := drift.Compare(explain.Plan(in), w.plan(c.last...))
		r.Moves(then, now)
		moved := map[string][]drift.Move{}
		for _, x := range r.Items {
			moved[x.User.DisplayName+" "+x.PartNumber] = x.Moved
		}
		if diff := cmp.Diff(c.want, moved); diff != "" {
			t.Errorf("after %s, moves (-want +got):\n%s", c.last, diff)
		}
	}
}

func TestServicePlansAreFoughtOverByTwoSides(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna CH SPE_E3", "bea CH"}}
	back := func(first, second state.Actor) drift.Item {
		r := drift.Compare(w.plan(annaSway), w.plan(annaSway))
		r.Trace(drift.NewChronicle(nil, []state.AuditEvent{
			entry(days(4), first, "SPE_E3", "SPE_E3(SWAY)"), entry(days(3), second, "SPE_E3(SWAY)", "SPE_E3"),
			entry(days(2), first, "SPE_E3", "SPE_E3(SWAY)"), entry(days(1), second, "SPE_E3(SWAY)", "SPE_E3"),
		}, ourApp), days(5))
		return r.Items[0]
	}
	if x := back(us, joe); x.Fight == nil || x.Fight.Times != 2 || len(x.Changed) != 2 || x.Changed[0].Ours {
		t.Errorf("got %+v, changed %+v, want a fight with joe", x.Fight, x.Changed)
	}
	if x := back(joe, portal); x.Fight != nil {
		t.Errorf("%+v: we had no part in it", x.Fight)
	}
	if x := back(us, us); x.Fight != nil || len(x.Changed) > 0 {
		t.Errorf("%+v, changed %+v: we fight nobody", x.Fight, x.Changed)
	}
}

func TestALogWithoutLicencesNamesWhoeverMayHaveDoneIt(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna CH", "bea CH"}}
	r := drift.Compare(w.plan(allE3), w.plan(allE3))
	vague := state.AuditEvent{At: days(1), User: userID("anna"), By: joe}
	r.Trace(drift.NewChronicle(nil, []state.AuditEvent{vague, {At: days(1), User: userID("anna"), By: us}}, ourApp), days(5))
	for _, x := range r.Items {
		turns := len(x.Changed)
		if anna := x.User.ID == userID("anna"); anna != (turns == 1) || anna && (x.Changed[0].By.Name != joe.Name || x.Changed[0].Does != "") {
			t.Errorf("%s: %+v", x.Key, x.Changed)
		}
		if x.Fight != nil {
			t.Errorf("%s is a fight", x.Key)
		}
	}
}

func TestALocationIsTracedByItsValue(t *testing.T) {
	t.Parallel()
	w := world{t: t, users: []string{"anna DE SPE_E3", "bea CH SPE_E3"}}
	overwrite := "{name: all, users: {all: true}, usage_location: {value: CH, overwrite: all}}"
	r := drift.Compare(w.plan(overwrite), w.plan(overwrite))
	if places := r.Places(); len(places) != 1 || places[0] != userID("anna") {
		t.Fatalf("places %v, want anna's", places)
	}
	moved := func(at time.Time, by state.Actor, to string) state.AuditEvent {
		return state.AuditEvent{At: at, User: userID("anna"), By: by, Location: &state.AuditedLocation{After: to}}
	}
	r.Trace(drift.NewChronicle(nil, []state.AuditEvent{moved(days(4), us, "CH"), moved(days(3), joe, "DE"), moved(days(2), us, "CH"), moved(days(1), joe, "DE")}, ourApp), days(5))
	if x := r.Items[0]; x.Fight == nil || x.Fight.Times != 2 || len(x.Changed) != 2 || x.Changed[0].By.Name != joe.Name {
		t.Errorf("got %+v, changed %+v", x.Fight, x.Changed)
	}
}

func TestOrphans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		user   string
		deeds  []drift.Deed
		events []state.AuditEvent
		want   []string
	}{
		{"nothing is known of a user who never had anything", "anna CH", nil, nil, nil},
		{"a run took the last licence", "anna CH", []drift.Deed{took("r1", days(10).Add(-time.Hour), "SPE_E3")}, nil, []string{"mailbox 19 r1", "onedrive 82 r1"}},
		{"somebody else did", "anna CH", nil, []state.AuditEvent{entry(days(1), joe, "SPE_E3 VISIOCLIENT", "VISIOCLIENT")}, []string{"mailbox 29 joe@contoso.com", "onedrive 92 joe@contoso.com"}},
		{"he has another licence today", "anna CH SPE_E5", []drift.Deed{took("r1", days(10), "SPE_E3")}, nil, nil},
		{"he had another one all the time", "anna CH", nil, []state.AuditEvent{entry(days(9), joe, "SPE_E3 SPE_E5", "SPE_E5"), entry(days(2), joe, "SPE_E5", "")}, []string{"mailbox 28 joe@contoso.com", "onedrive 91 joe@contoso.com"}},
		{"the service was off before", "anna CH", nil, []state.AuditEvent{entry(days(9), joe, "SPE_E3(EXCHANGE_S_ENTERPRISE)", "")}, []string{"onedrive 84 joe@contoso.com"}},
		{"on the last day there are none left", "anna CH", []drift.Deed{took("r1", days(30).Add(2*time.Hour), "SPE_E3")}, nil, []string{"mailbox 0 r1", "onedrive 63 r1"}},
		{"the days are over", "anna CH", []drift.Deed{took("r1", days(94), "SPE_E3")}, nil, nil},
		{"it was given back, and taken again", "anna CH", []drift.Deed{took("r1", days(20), "SPE_E3"), gave("r2", days(19), "SPE_E3"), took("r3", days(1).Add(-time.Hour), "SPE_E3")}, nil, []string{"mailbox 28 r3", "onedrive 91 r3"}},
		{"no data was in it", "anna CH", []drift.Deed{took("r1", days(1), "VISIOCLIENT")}, nil, nil},
		{"he was deleted", "bea CH", []drift.Deed{took("r1", days(1), "SPE_E3")}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := world{t: t, users: []string{c.user}}.input(noVisio)
			var got []string
			for _, o := range drift.Orphans(in.Snapshot, in.Catalog, c.deeds, c.events, today) {
				got = append(got, fmt.Sprintf("%s %d %s%s", o.Family, o.DaysLeft, o.Run, o.By.Name))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("orphans (-want +got):\n%s", diff)
			}
		})
	}
}
