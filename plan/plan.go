package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

// FormatVersion is the version of the plan file that this program writes.
const FormatVersion = 1

// Lifetime is how long a plan may be applied after it was made.
const Lifetime = 14 * 24 * time.Hour

// Plan is all that a run would do and why. It is data: it can be written, read
// back and compared. The JSON names are those of the plan file (design 3.5).
type Plan struct {
	FormatVersion  int           `json:"format_version"`
	ToolVersion    string        `json:"tool_version"`
	Source         state.Source  `json:"source"` // only a live plan may be applied to a live tenant
	Tenant         Tenant        `json:"tenant"`
	CreatedAt      time.Time     `json:"created_at"`
	ExpiresAt      time.Time     `json:"expires_at"`
	Commit         string        `json:"commit"` // of the policies, for people; drives nothing
	PoliciesDigest string        `json:"policies_digest"`
	Inputs         []InputRecord `json:"inputs"`
	Mode           Mode          `json:"mode"`
	Baseline       string        `json:"baseline"`  // what was compared with, or ""
	Filters        []string      `json:"filters"`   // flags that left steps out
	Overrides      []string      `json:"overrides"` // shown, never honoured when read from a file
	SKUs           []SKU         `json:"skus"`
	Schedule       Schedule      `json:"schedule"`
	Steps          []Step        `json:"steps"`    // in an order that respects needs
	Reported       []Step        `json:"reported"` // what policies with `mode: report` would do on top; never applied
	Cost           Cost          `json:"cost"`
	Outcomes       Outcomes      `json:"outcomes"`
	Guards         []Guard       `json:"guards"`
	Complete       bool          `json:"complete"`     // everything was read
	Applyable      bool          `json:"applyable"`    // complete, and no guard stops it
	StepsDigest    string        `json:"steps_digest"` // set by planfile
	Digest         string        `json:"digest"`       // set by planfile
}

// Tenant is the tenant that a plan is for, and for no other.
type Tenant struct {
	Name string         `json:"name"`
	ID   state.TenantID `json:"id"`
}

// Mode says where the steps come from.
type Mode string

// ModePolicies is a plan made from policies.
const ModePolicies Mode = "policies"

// InputRecord is one source the plan was made from.
type InputRecord struct {
	Source string    `json:"source"` // path of a file, or "graph"
	Rows   int       `json:"rows"`
	ReadAt time.Time `json:"read_at"`
	Digest string    `json:"digest"` // of a file's bytes; empty for graph
}

// SKU is the seat account of one managed SKU. Counts are seats; available ones can
// be negative where a SKU is overused or its reserve is eaten into.
type SKU struct {
	ID              state.SKUID `json:"sku_id"`
	PartNumber      string      `json:"sku_part_number"`
	Name            string      `json:"name"` // product name, or ""
	Enabled         int         `json:"enabled"`
	Warning         int         `json:"warning"` // in the grace period
	Consumed        int         `json:"consumed"`
	Reserve         int         `json:"reserve"` // kept back by settings; not in what is available
	AvailableBefore int         `json:"available_before"`
	AvailableAfter  int         `json:"available_after"`
	Short           int         `json:"short"` // seats to buy so that nobody waits for one
}

// Step changes one user, in one call: either his usage location or his licences.
type Step struct {
	ID      string    `json:"id"` // "sha256:<hex>" of user, before and after
	User    UserRef   `json:"user"`
	Kind    Kind      `json:"kind"`
	Before  State     `json:"before"`  // precondition: compared again before the write
	After   State     `json:"after"`   // postcondition: compared after it
	Because []Because `json:"because"` // explains; drives nothing
	Loses   []Loss    `json:"loses"`
	Needs   []string  `json:"needs"` // ids of the steps that must be done first
}

// UserRef names a user: by id for machines, by names for people.
type UserRef struct {
	ID                state.UserID `json:"id"`
	UserPrincipalName string       `json:"user_principal_name"`
	DisplayName       string       `json:"display_name"`
}

// Kind says what a step does.
type Kind string

// The kinds of steps. A licence step that adds and removes is a replacement;
// plan changes that go with an addition or a removal do not show in the kind.
const (
	KindLocation Kind = "location"
	KindAdd      Kind = "add"
	KindRemove   Kind = "remove"
	KindReplace  Kind = "replace"
	KindPlans    Kind = "plans"
)

// Kinds are all kinds of steps.
func Kinds() []Kind { return []Kind{KindRemove, KindReplace, KindAdd, KindPlans, KindLocation} }

// State is the part of a user that a step touches, before or after it.
type State struct {
	UsageLocation Location    `json:"usage_location,omitzero"` // in location steps only
	Licenses      []License   `json:"licenses,omitzero"`       // direct paths of touched SKUs, in licence steps only
	Inherited     []Inherited `json:"inherited,omitzero"`      // groups that give touched SKUs, in before only
}

// Location is a usage location that a step touches; "" inside a touched one means unset.
type Location struct {
	Touched bool
	Value   string
}

// IsZero says that the step does not touch the location.
func (l Location) IsZero() bool { return !l.Touched }

// MarshalJSON is the country code, or null where none is set.
func (l Location) MarshalJSON() ([]byte, error) {
	if l.Value == "" {
		return []byte("null"), nil
	}
	return json.Marshal(l.Value)
}

// UnmarshalJSON reads a country code or null; either means touched.
func (l *Location) UnmarshalJSON(data []byte) error {
	*l = Location{Touched: true}
	return json.Unmarshal(data, &l.Value)
}

// License is a SKU held directly, with the service plans that are off.
type License struct {
	SKU           state.SKUID    `json:"sku_id"`
	PartNumber    string         `json:"sku_part_number,omitempty"` // never empty in a plan; ids leave it out
	DisabledPlans []state.PlanID `json:"disabled_plans"`            // sorted
}

// Inherited is a SKU that a group gives.
type Inherited struct {
	SKU           state.SKUID     `json:"sku_id"`
	PartNumber    string          `json:"sku_part_number,omitempty"` // never empty in a plan; ids leave it out
	Group         state.GroupID   `json:"group_id"`
	State         state.PathState `json:"state"`
	DisabledPlans []state.PlanID  `json:"disabled_plans"`
}

// Effect is what a policy, or an implication of one, has on a user.
type Effect string

// The effects that a [Because] can name.
const (
	EffectWant     Effect = "want"
	EffectAbsent   Effect = "absent"
	EffectImplied  Effect = "implied" // absent by `others: remove`
	EffectOneOf    Effect = "one_of"  // absent, since another SKU of its set is wanted
	EffectLocation Effect = "location"
	EffectPlansOff Effect = "plans_off"
	EffectPlansOn  Effect = "plans_on"
)

// Because traces a decision to the place in a policy, the selector and the row
// that caused it.
type Because struct {
	PartNumber string `json:"sku_part_number"` // "" for a location
	Effect     Effect `json:"effect"`
	Policy     string `json:"policy"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Selector   string `json:"selector"`
	Row        int    `json:"row"` // of a CSV, list or inline list; 0: none
}

// Loss is a family of data or services that a user loses, or falls a tier of.
type Loss struct {
	Family string   `json:"family"`
	From   string   `json:"from"`  // tier before
	To     string   `json:"to"`    // tier after; "" for none
	Plans  []string `json:"plans"` // effective service plans that go
	Days   int      `json:"days"`  // until the data is gone
	Undo   string   `json:"undo"`
}

// Outcomes are the pairs of users and SKUs that no step serves.
type Outcomes struct {
	Blocked  []Outcome `json:"blocked"`
	Waiting  []Outcome `json:"waiting"`
	Held     []Outcome `json:"held"`
	Notes    []Note    `json:"notes"`
	Filtered int       `json:"filtered_count"`
	Ignored  int       `json:"ignored_count"`
	Keep     int       `json:"keep_count"`
}

// Outcome says why a user and a SKU are left as they are.
type Outcome struct {
	User       UserRef   `json:"user"`
	PartNumber string    `json:"sku_part_number"` // "" where it is about the location
	Reason     Reason    `json:"reason"`
	Detail     string    `json:"detail"`
	Because    []Because `json:"because"`
}

// Reason is why a pair is blocked or waits.
type Reason string

// The reasons of blocked and waiting pairs.
const (
	ReasonConflict         Reason = "conflict"           // policies of equal priority disagree
	ReasonLocationConflict Reason = "location_conflict"  // the same, about the usage location
	ReasonInherited        Reason = "inherited"          // a group gives what must be absent
	ReasonGroupEnables     Reason = "group_enables_plan" // a group turns on what a policy turns off
	ReasonProtected        Reason = "protected"
	ReasonNoLocation       Reason = "no_usage_location"
	ReasonNotAssignable    Reason = "sku_not_assignable"
	ReasonInconsistent     Reason = "inconsistent_read"
	ReasonNoSeat           Reason = "no_seat"
	ReasonSpareSeat        Reason = "spare_seat"  // swaps wait for each other's seats; one to begin with would do
	ReasonUntil            Reason = "until"       // waits for another SKU of the same user
	ReasonGroup            Reason = "group"       // the user's group has not given it yet
	ReasonNoBaseline       Reason = "no_baseline" // it may follow from a source that shrank, and nobody knows
	ReasonNotOwned         Reason = "not_owned"   // what was to take its place is not owned
	ReasonGuard            Reason = "guard"       // held by a guard
)

// Note is something worth knowing that changes nothing.
type Note struct {
	Message string   `json:"message"`
	Count   int      `json:"count"` // users it is about
	Users   []string `json:"users"` // the first few of them, by user principal name
}

// Class says how a guard acts on a breach.
type Class string

// The classes of guards.
const (
	ClassStop      Class = "stop"      // always stops the run
	ClassHold      Class = "hold"      // stops the run, or holds what takes something
	ClassAssertion Class = "assertion" // must never fire
)

// Verdict is what a guard found.
type Verdict string

// The verdicts of guards.
const (
	VerdictOK         Verdict = "ok"
	VerdictBreached   Verdict = "breached"
	VerdictHeld       Verdict = "held"
	VerdictOverridden Verdict = "overridden"
	VerdictNotChecked Verdict = "not_checked"
)

// Guard is one limit and what was seen of it.
type Guard struct {
	Name     GuardName `json:"name"`
	Class    Class     `json:"class"`
	SKU      string    `json:"sku"` // part number, or "" for the whole run
	Policy   string    `json:"policy"`
	Limit    int       `json:"limit"`
	Seen     int       `json:"seen"`
	Verdict  Verdict   `json:"verdict"`
	Override *int      `json:"override"` // the limit that --allow or a waiver gave
	Detail   string    `json:"detail"`   // what is wrong, or why it was not checked
}

// Allow is the flag that would lift the guard's limit to what it saw, or "" for
// guards that no flag opens.
func (g Guard) Allow() string {
	if !g.Name.opens() {
		return ""
	}
	return "--allow " + g.target() + "=" + g.seen()
}

// target is the guard with what it counted, as flags write it.
func (g Guard) target() string {
	if of := cmp.Or(g.SKU, g.Policy); of != "" {
		return string(g.Name) + ":" + of
	}
	return string(g.Name)
}

func (g Guard) seen() string {
	if g.Name == GuardSource {
		return fmt.Sprintf("%d%%", g.Seen)
	}
	return fmt.Sprint(g.Seen)
}

// Waiver is the entry of waivers.yaml that would do the same for a week, or "". Its
// reason is left to whoever commits it.
func (g Guard) Waiver(now time.Time) string {
	if !g.Name.opens() || g.Name == GuardSource && g.Policy == "" { // what protects everybody is opened by hand
		return ""
	}
	of := ""
	switch {
	case g.SKU != "":
		of = fmt.Sprintf("sku: %q, ", g.SKU)
	case g.Policy != "":
		of = fmt.Sprintf("policy: %s, ", g.Policy)
	}
	return fmt.Sprintf("- {guard: %s, %slimit: %s, reason: WHY, expires: %s}", g.Name, of, g.seen(), now.UTC().AddDate(0, 0, 7).Format(time.DateOnly))
}

// Breached are the guards that stop the plan.
func (p *Plan) Breached() []Guard {
	var breached []Guard
	for _, g := range p.Guards {
		if g.Verdict == VerdictBreached {
			breached = append(breached, g)
		}
	}
	return breached
}

// Count is the number of steps of a kind.
func (p *Plan) Count(kind Kind) int {
	n := 0
	for _, step := range p.Steps {
		if step.Kind == kind {
			n++
		}
	}
	return n
}

// Adds are the licences that the step assigns: new ones and held ones whose plans change.
func (s Step) Adds() []License {
	var adds []License
	for _, after := range s.After.Licenses {
		before, held := find(s.Before.Licenses, after.SKU)
		if !held || !equalPlans(before.DisabledPlans, after.DisabledPlans) {
			adds = append(adds, after)
		}
	}
	return adds
}

// Removes are the direct licences that the step takes away.
func (s Step) Removes() []License {
	var removes []License
	for _, before := range s.Before.Licenses {
		if _, kept := find(s.After.Licenses, before.SKU); !kept {
			removes = append(removes, before)
		}
	}
	return removes
}

// String is the step in one line, as people read it and tests want it:
// "replace anna@contoso.com: +SPE_E5 -SPE_E3".
func (s Step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", s.Kind, s.User.UserPrincipalName)
	if s.Kind == KindLocation {
		from := s.Before.UsageLocation.Value
		if from == "" {
			from = "unset"
		}
		fmt.Fprintf(&b, " %s -> %s", from, s.After.UsageLocation.Value)
		return b.String()
	}
	for _, add := range s.Adds() {
		sign := "+"
		if _, held := find(s.Before.Licenses, add.SKU); held {
			sign = "~"
		}
		fmt.Fprintf(&b, " %s%s", sign, add.PartNumber)
	}
	for _, remove := range s.Removes() {
		fmt.Fprintf(&b, " -%s", remove.PartNumber)
	}
	return b.String()
}
