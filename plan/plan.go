package plan

import (
	"time"

	"github.com/seatwright/seatwright/state"
)

// FormatVersion is the version of the plan file that this program writes.
const FormatVersion = 1

// Lifetime is how long a plan may be applied after it was made.
const Lifetime = 14 * 24 * time.Hour

// Plan holds everything that a run would do, and why. It is data: it can be written, read
// back and compared. The JSON names are those of the plan file.
type Plan struct {
	FormatVersion  int            `json:"format_version"`
	ToolVersion    string         `json:"tool_version"`
	Source         state.Source   `json:"source"` // only a live plan may be applied to a live tenant
	Tenant         Tenant         `json:"tenant"`
	CreatedAt      time.Time      `json:"created_at"`
	ExpiresAt      time.Time      `json:"expires_at"`
	Commit         string         `json:"commit"` // of the policies, for people; drives nothing
	PoliciesDigest string         `json:"policies_digest"`
	Inputs         []InputRecord  `json:"inputs"`
	Mode           Mode           `json:"mode"`
	Undo           *UndoOf        `json:"undo,omitzero"`     // the run that is reverted; nil: none
	Settings       *SettingsFrom  `json:"settings,omitzero"` // nil: those beside the policies
	Base           *Base          `json:"base,omitzero"`     // what an earlier commit's policies would do; nil: not asked for
	Baseline       string         `json:"baseline"`          // origin of the baseline, or ""
	Filters        []string       `json:"filters"`           // flags that left steps out
	Overrides      []string       `json:"overrides"`         // shown; never in force when read from a file
	Sources        []SourceChange `json:"sources"`           // which users entered and left the selectors
	SKUs           []SKU          `json:"skus"`
	Schedule       Schedule       `json:"schedule"`
	Steps          []Step         `json:"steps"`    // in an order that respects needs
	Reported       []Step         `json:"reported"` // what policies with `mode: report` would do on top; never applied
	Cost           Cost           `json:"cost"`
	Outcomes       Outcomes       `json:"outcomes"`
	Guards         []Guard        `json:"guards"`
	Complete       bool           `json:"complete"`     // everything was read
	Applyable      bool           `json:"applyable"`    // complete, and no guard stops it
	StepsDigest    string         `json:"steps_digest"` // set by planfile
	Digest         string         `json:"digest"`       // set by planfile
}

// Tenant is the only tenant that a plan may be applied to.
type Tenant struct {
	Name string         `json:"name"`
	ID   state.TenantID `json:"id"`
}

// Mode is where the steps come from.
type Mode string

// The modes of plans.
const (
	ModePolicies    Mode = "policies"    // made from policies
	ModeUndo        Mode = "undo"        // reverts a run
	ModeCorrections Mode = "corrections" // made from policies, only for what changed since a run
)

// InputRecord is one source the plan was made from.
type InputRecord struct {
	Source string    `json:"source"` // path of a file, SourceGraph, SourceDirectory with its name and server, or SourceSynced
	Rows   int       `json:"rows"`
	ReadAt time.Time `json:"read_at"` // of SourceSynced: the last sync; zero: not known
	Digest string    `json:"digest"`  // of a file's bytes, else empty
}

// The sources that are not files.
const (
	SourceGraph     = "graph"
	SourceDirectory = "directory " // before "corp (dc1.corp.contoso.com:636)": OUs and domains were looked up there
	SourceSynced    = "graph, names synced from Active Directory"
)

// SKU is the seat account of one managed SKU. Counts are seats. Available seats are negative
// if a SKU is overused, or if seats of its reserve are in use.
type SKU struct {
	ID              state.SKUID `json:"sku_id"`
	PartNumber      string      `json:"sku_part_number"`
	Name            string      `json:"name"` // product name, or ""
	Enabled         int         `json:"enabled"`
	Warning         int         `json:"warning"` // in the grace period
	Consumed        int         `json:"consumed"`
	Reserve         int         `json:"reserve"` // kept back by settings; not in what is available
	Pending         int         `json:"pending"` // group members that wait for a seat, and get one first
	AvailableBefore int         `json:"available_before"`
	AvailableAfter  int         `json:"available_after"`
	Short           int         `json:"short"` // seats to buy so that no user waits for one
}

// Effect is what a policy does to a user, by name or by implication.
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

// Loss is a family of data or services that a user loses, or of which the user gets a lower tier.
type Loss struct {
	Family string   `json:"family"`
	From   string   `json:"from"`  // tier before
	To     string   `json:"to"`    // tier after; "" for none
	Plans  []string `json:"plans"` // effective service plans that go
	Days   int      `json:"days"`  // until the data is gone
	Undo   string   `json:"undo"`
}

// Outcomes are the assignments that no step changes.
type Outcomes struct {
	Blocked  []Outcome `json:"blocked"`
	Waiting  []Outcome `json:"waiting"`
	Held     []Outcome `json:"held"`
	Notes    []Note    `json:"notes"`
	Filtered int       `json:"filtered_count"`
	Ignored  int       `json:"ignored_count"`
	Keep     int       `json:"keep_count"`
}

// Outcome explains why an assignment stays as it is.
type Outcome struct {
	User       UserRef   `json:"user"`
	PartNumber string    `json:"sku_part_number"` // "" where it is about the location
	Reason     Reason    `json:"reason"`
	Detail     string    `json:"detail"`
	Because    []Because `json:"because"`
	InBase     bool      `json:"in_base,omitzero"` // the policies of the base have the same outcome
}

// Reason is why an assignment is blocked or waiting.
type Reason string

// The reasons of blocked and waiting assignments.
const (
	ReasonConflict         Reason = "conflict"           // policies of equal priority disagree
	ReasonLocationConflict Reason = "location_conflict"  // the same, about the usage location
	ReasonInherited        Reason = "inherited"          // a group gives what must be absent
	ReasonGroupEnables     Reason = "group_enables_plan" // a group turns on what a policy turns off
	ReasonProtected        Reason = "protected"
	ReasonJoin             Reason = "join" // it is not certain which Active Directory object the user is
	ReasonNoLocation       Reason = "no_usage_location"
	ReasonNotAssignable    Reason = "sku_not_assignable"
	ReasonInconsistent     Reason = "inconsistent_read"
	ReasonNoSeat           Reason = "no_seat"
	ReasonSpareSeat        Reason = "spare_seat"  // swaps wait for each other's seats; one spare seat is enough
	ReasonUntil            Reason = "until"       // waits for another SKU of the same user
	ReasonGroup            Reason = "group"       // the user's group has not given it yet
	ReasonNoBaseline       Reason = "no_baseline" // it may follow from a source that shrank, which is unknown
	ReasonNotOwned         Reason = "not_owned"   // the tenant does not own the replacement
	ReasonChanged          Reason = "changed"     // it is not as the run to undo left it
	ReasonGuard            Reason = "guard"       // held by a guard
)

// Note is information about the plan that changes nothing.
type Note struct {
	Message string   `json:"message"`
	Count   int      `json:"count"` // users it is about
	Users   []string `json:"users"` // the first few of them, by user principal name
}

// Breached returns the guards that stop the plan.
func (p *Plan) Breached() []Guard {
	var breached []Guard
	for _, g := range p.Guards {
		if g.Verdict == VerdictBreached {
			breached = append(breached, g)
		}
	}
	return breached
}

// Count returns the number of steps of a kind.
func (p *Plan) Count(kind Kind) int {
	n := 0
	for _, step := range p.Steps {
		if step.Kind == kind {
			n++
		}
	}
	return n
}
