package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// pendingStep is a step with what the guards and the order need to know about it.
type pendingStep struct {
	Step
	userPlan *userPlan
	groups   []*swapGroup
	wave     int
	takes    bool          // the user loses a direct path or an effective plan
	shrinks  bool          // the user loses an effective plan
	cut      []state.SKUID // SKUs of which the user loses the direct path, or plans on it
	gives    []state.SKUID // SKUs of which the user gets a direct path
	needed   []*pendingStep

	// deciding are the policies that decide the step, sorted. Filters, guards, holding and
	// report mode go by them. The step gets its reasons when it is written down, so that
	// reasons cannot decide anything.
	deciding []string
}

// makeSteps makes the steps: one for a location that changes, and one license step for all
// groups of a user. Groups stay apart if another user takes a seat that an early group frees
// while a later group waits for another seat: put together, two users could wait for each
// other.
func makeSteps(f *facts, users []*userPlan) []*pendingStep {
	var steps []*pendingStep
	byGroup := map[*swapGroup]*pendingStep{}
	for _, x := range users {
		location := locationStep(f, x)
		if location != nil {
			steps = append(steps, location)
		}
		paths := x.user.Paths()
		var previous *pendingStep
		for _, groups := range callsOf(x.groups) {
			d, after := licenseStep(f, x, groups, paths)
			paths = after
			d.addNeed(previous)
			if location != nil && location.Before.UsageLocation.Value == "" && slices.ContainsFunc(groups, (*swapGroup).assigns) {
				d.addNeed(location)
			}
			for _, u := range groups {
				byGroup[u] = d
			}
			steps = append(steps, d)
			previous = d
		}
	}
	for u, d := range byGroup {
		for _, source := range u.needs {
			d.addNeed(byGroup[source])
		}
	}
	return ordered(steps)
}

// isDecidedBy reports whether the policy is one of those that decide the step.
func (d *pendingStep) isDecidedBy(policy string) bool {
	_, found := slices.BinarySearch(d.deciding, policy)
	return found
}

func (d *pendingStep) addNeed(other *pendingStep) {
	if other != nil && !slices.Contains(d.needed, other) {
		d.needed = append(d.needed, other)
	}
}

// callsOf splits a user's groups into calls, in order of their waves. A group that no other
// one waits for can run as late as the last one does.
func callsOf(groups []*swapGroup) [][]*swapGroup {
	last := 0
	for _, u := range groups {
		last = max(last, u.wave)
	}
	byWave := map[int][]*swapGroup{}
	for _, u := range groups {
		wave := u.wave
		if !u.isSource {
			wave = last
		}
		byWave[wave] = append(byWave[wave], u)
	}
	var calls [][]*swapGroup
	for wave := range last + 1 {
		if len(byWave[wave]) > 0 {
			calls = append(calls, byWave[wave])
		}
	}
	return calls
}

// ordered sorts the steps so that each comes after those that it needs. Only names decide
// between equals. It also sets the ids of the steps that each needs.
func ordered(steps []*pendingStep) []*pendingStep {
	for _, d := range steps {
		for _, u := range d.groups {
			d.wave = max(d.wave, u.wave+1) // wave 0 is for locations
		}
	}
	slices.SortFunc(steps, func(a, b *pendingStep) int {
		return cmp.Or(cmp.Compare(a.wave, b.wave), cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)),
			cmp.Compare(a.ID, b.ID))
	})
	for _, d := range steps {
		d.Needs = []string{}
		for _, other := range d.needed {
			d.Needs = append(d.Needs, other.ID)
		}
		slices.Sort(d.Needs)
	}
	return steps
}

func locationStep(f *facts, x *userPlan) *pendingStep {
	if !x.locating {
		return nil
	}
	step := Step{
		User: f.ref(x.user), Kind: KindLocation, Loses: []Loss{},
		Before: State{UsageLocation: Location{Touched: true, Value: x.location.before}},
		After:  State{UsageLocation: Location{Touched: true, Value: x.location.after}},
	}
	step.ID = StepID(step)
	return &pendingStep{Step: step, userPlan: x, deciding: x.location.deciding()}
}

// licenseStep returns the one step that carries out the groups, from the paths that the user
// has by then, and the paths after it.
func licenseStep(f *facts, x *userPlan, groups []*swapGroup, paths []state.Path) (*pendingStep, []state.Path) {
	d := &pendingStep{userPlan: x, groups: groups}
	d.User = f.ref(x.user)
	var assign []state.License
	var remove, touched []state.SKUID
	for _, u := range groups {
		u.each(func(y *assignment) {
			switch y.disposition {
			case DispositionAdd:
				d.gives = append(d.gives, y.sku)
				assign = append(assign, state.License{SKU: y.sku, Disabled: y.off})
			case DispositionPlans:
				if y.cuts {
					d.cut = append(d.cut, y.sku)
				}
				assign = append(assign, state.License{SKU: y.sku, Disabled: y.off})
			case DispositionRemove:
				d.cut = append(d.cut, y.sku)
				remove = append(remove, y.sku)
			default:
				return
			}
			touched = append(touched, y.sku)
			d.deciding = y.appendDeciding(d.deciding)
		})
	}
	after := effective.WithLicenses(effective.WithoutDirect(paths, remove), assign)
	d.Before, d.After = stateOf(paths, touched, f.part), stateOf(after, touched, f.part)
	d.After.Inherited = nil
	gone := effective.Plans(f.Snapshot, paths).Minus(effective.Plans(f.Snapshot, after))
	d.shrinks = len(gone) > 0
	d.takes = len(remove) > 0 || d.shrinks
	d.Loses = Losses(f.Catalog, f.Snapshot, paths, after)
	d.Kind = kindOf(d)
	d.deciding = sortedNames(d.deciding)
	d.ID = StepID(d.Step)
	return d, after
}

func kindOf(d *pendingStep) Kind {
	removes := len(d.Removes()) > 0
	switch {
	case len(d.gives) > 0 && removes:
		return KindReplace
	case len(d.gives) > 0:
		return KindAdd
	case removes:
		return KindRemove
	}
	return KindPlans
}

// stateOf returns the paths of the touched SKUs. The function name returns part numbers.
func stateOf(paths []state.Path, touched []state.SKUID, name func(state.SKUID) string) State {
	s := State{Licenses: []License{}, Inherited: []Inherited{}}
	for _, path := range paths {
		switch {
		case !slices.Contains(touched, path.SKU):
		case path.Direct():
			s.Licenses = append(s.Licenses, License{SKU: path.SKU, PartNumber: name(path.SKU), DisabledPlans: sortedNonNil(path.Disabled)})
		default:
			s.Inherited = append(s.Inherited, Inherited{SKU: path.SKU, PartNumber: name(path.SKU), Group: path.Group, State: path.State,
				DisabledPlans: sortedNonNil(path.Disabled)})
		}
	}
	slices.SortFunc(s.Licenses, func(a, b License) int { return a.SKU.Compare(b.SKU) })
	slices.SortFunc(s.Inherited, func(a, b Inherited) int { return cmp.Or(a.SKU.Compare(b.SKU), a.Group.Compare(b.Group)) })
	return s
}

// sortedNonNil returns sorted plans. They are never nil, so that the file has [] and not null.
func sortedNonNil(plans []state.PlanID) []state.PlanID {
	return append([]state.PlanID{}, state.SortedPlans(plans)...)
}

// touched returns the SKUs that a license step changes.
func (s Step) touched() []state.SKUID {
	var skus []state.SKUID
	for _, license := range slices.Concat(s.Before.Licenses, s.After.Licenses) {
		skus = append(skus, license.SKU)
	}
	return skus
}

// StepID returns "sha256:<hex>" over RFC 8785 JSON of the user's id, before and after. Names,
// reasons and order are not part of it, so that an approval stays valid when they change.
func StepID(s Step) string {
	content := struct {
		UserID state.UserID `json:"user_id"`
		Before State        `json:"before"`
		After  State        `json:"after"`
	}{s.User.ID, s.Before.withoutNames(), s.After.withoutNames()}
	raw, err := json.Marshal(content)
	if err != nil {
		panic("encode step: " + err.Error()) // strings and ids only: cannot be
	}
	value := jsontext.Value(raw)
	if err := value.Canonicalize(); err != nil {
		panic("canonicalize step: " + err.Error()) // just encoded: cannot be
	}
	sum := sha256.Sum256(value)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// withoutNames returns the state without part numbers, which are for people.
func (s State) withoutNames() State {
	s.Licenses = slices.Clone(s.Licenses)
	for i := range s.Licenses {
		s.Licenses[i].PartNumber = ""
	}
	s.Inherited = slices.Clone(s.Inherited)
	for i := range s.Inherited {
		s.Inherited[i].PartNumber = ""
	}
	return s
}

func find(licenses []License, sku state.SKUID) (License, bool) {
	i := slices.IndexFunc(licenses, func(l License) bool { return l.SKU == sku })
	if i < 0 {
		return License{}, false
	}
	return licenses[i], true
}

func equalPlans(a, b []state.PlanID) bool {
	return slices.Equal(state.SortedPlans(a), state.SortedPlans(b))
}
