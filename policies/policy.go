package policies

import (
	"fmt"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Set is the policies of one tenant with all that they refer to: the input of a plan.
type Set struct {
	Tenant   Tenant
	Policies []Policy // sorted by name
	Waivers  []Waiver // of this tenant, expired ones too; sorted by position
	Prices   Prices
	Lock     *LockedTenant // from the lock file; nil: it has nothing of the tenant
	Inputs   []Input       // every file that was read, sorted by path
	Digest   string        // "sha256:<hex>" over names and bytes of all inputs but the settings
}

// Input is one file that was read.
type Input struct {
	Path   string // as fs.FS has it, with slashes
	Kind   InputKind
	Rows   int    // rows of users in a CSV or list, policies in a policy file
	Digest string // "sha256:<hex>" of the bytes
}

// InputKind is what a file is for.
type InputKind string

// The kinds of input files.
const (
	InputPolicies InputKind = "policies"
	InputCSV      InputKind = "csv"
	InputList     InputKind = "list"
	InputWaivers  InputKind = "waivers"
	InputPrices   InputKind = "prices"
	InputLock     InputKind = "lock"
)

// Policy is which licenses its users should hold. The field of a missing key is zero and
// has no effect. A missing key, an empty list and a filled list never mean the same, so
// most lists are refused when empty.
type Policy struct {
	Pos           Pos // of the name
	Name          string
	Description   string
	Mode          Mode
	Priority      int
	Users         []Selector
	Except        []Selector
	GiveDisabled  bool // include: [disabled]
	TakeExternal  bool // include: [external]: sources and filters match guests and #EXT# members too
	Licenses      []License
	Replace       []Replacement
	Absent        []SKURef
	AbsentAll     Pos // of "absent: all"; zero: not written
	Others        Others
	OthersPos     Pos
	PlansOff      []PlanOff // off in every managed SKU that the users hold directly or want
	Location      *Location
	From, Until   time.Time // the window in which the policy matches, UTC; zero: open
	AllowDataLoss []LossRef
}

// Mode is whether the steps of a policy are applied or only shown.
type Mode string

// The modes of a policy.
const (
	ModeEnforce Mode = ""
	ModeReport  Mode = "report"
)

// InForce reports whether the policy counts at the moment; until is exclusive.
func (p Policy) InForce(at time.Time) bool {
	return !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until))
}

// SKURef is a SKU as a file names it: product name, string id or GUID.
type SKURef struct {
	Name string
	Pos  Pos
	ID   state.SKUID // zero until [Bind]
}

// PlanRef is a service plan as a file names it. The name has a meaning only inside its SKU.
type PlanRef struct {
	Name string
	Pos  Pos
	ID   state.PlanID // zero until [Bind]
}

// PlanOff is a service plan that is to be off wherever it occurs.
type PlanOff struct {
	Name string
	Pos  Pos
	IDs  []state.PlanID // sorted, one for each plan of that name in the tenant's SKUs; nil until [Bind]
}

// License is a SKU that users must hold. At most one of Disable, Enable and DisableNone is
// set.
type License struct {
	SKU         SKURef
	Disable     []PlanRef // these off; no opinion about the others
	Enable      []PlanRef // exactly these on, all others off
	DisableNone bool      // disable: none: every plan on
	IfOwned     bool      // without it, a SKU that the tenant does not own is an error
	Missing     bool      // set by [Bind]: IfOwned, and the tenant does not own it; its SKU has no id then
}

// Replacement gives To to the direct holders of From, who then must not hold From.
type Replacement struct {
	From SKURef
	To   License
}

// Others is what happens to managed SKUs that no policy of the user mentions.
type Others string

// The values of `others`. OthersUnset has no effect.
const (
	OthersUnset  Others = ""
	OthersKeep   Others = "keep"
	OthersRemove Others = "remove"
)

// Location is the usage location that users should have.
type Location struct {
	Pos         Pos
	Value       string // two upper-case letters, ISO 3166-1; "": FromCountry
	FromCountry bool   // attribute: country: the user's own country
	Overwrite   Overwrite
}

// Overwrite is which users may have a location changed that is already set.
type Overwrite string

// The values of `overwrite`. OverwriteNone only sets locations that are unset.
const (
	OverwriteNone  Overwrite = ""
	OverwriteCloud Overwrite = "cloud" // users that are not synced
	OverwriteAll   Overwrite = "all"
)

// LossRef is a loss family named in allow_data_loss.
type LossRef struct {
	Family string // one of catalog.Families
	Pos    Pos
}

// Selector selects users: at most one source, narrowed by filters. Without a source
// the filters narrow all users.
type Selector struct {
	Pos     Pos
	Kind    SourceKind
	OUs     []OU   // KindOU
	File    string // KindCSV, KindList
	FilePos Pos    // where File is named
	Rows    []Row  // KindCSV, KindList, KindUPNs, KindIDs
	Group   Group  // KindGroup
	Domain  string // filter: AD domain, lower case; "" none
	Search  string // filter: text in display name or UPN; "" none
	Missing Missing
}

// String returns the selector as a policy writes it, shortened to one line.
func (s Selector) String() string {
	var parts []string
	switch s.Kind {
	case KindFilter:
	case KindAll:
		parts = append(parts, "all: true")
	case KindUnmatched:
		parts = append(parts, "unmatched: true")
	case KindGroup:
		parts = append(parts, strings.TrimSpace("group: "+s.Group.Name+" "+s.Group.ID.String()))
	case KindOU:
		names := make([]string, len(s.OUs))
		for i, ou := range s.OUs {
			names[i] = ou.String()
		}
		parts = append(parts, "ou: "+strings.Join(names, "; "))
	case KindCSV, KindList:
		parts = append(parts, string(s.Kind)+": "+s.File)
	case KindUPNs, KindIDs:
		parts = append(parts, fmt.Sprintf("%s: %d listed", s.Kind, len(s.Rows)))
	}
	if s.Domain != "" {
		parts = append(parts, "domain: "+s.Domain)
	}
	if s.Search != "" {
		parts = append(parts, "search: "+s.Search)
	}
	return strings.Join(parts, ", ")
}

// SourceKind is where the users of a selector come from.
type SourceKind string

// The sources. KindFilter is a selector that has filters only.
const (
	KindFilter SourceKind = ""
	KindAll    SourceKind = "all"
	KindOU     SourceKind = "ou"
	KindCSV    SourceKind = "csv"
	KindList   SourceKind = "list"
	KindUPNs   SourceKind = "upns"
	KindIDs    SourceKind = "ids"
	// KindUnmatched is every enabled internal user that no selector of a policy matches, in
	// any mode or window. Exceptions and other unmatched selectors do not count.
	KindUnmatched SourceKind = "unmatched"
	KindGroup     SourceKind = "group" // transitive members of an Entra group
)

// Group is an Entra group, named by id.
type Group struct {
	ID   state.GroupID
	Name string // the display name that the group must have; "": any
	Pos  Pos
}

// OU is an organizational unit or another container.
type OU struct {
	DN      state.DN     // of one named by objectGUID: zero until the directory was read
	GUID    state.Anchor // zero: named by its distinguished name
	Subtree bool         // users anywhere below it, not only directly in it
	Pos     Pos
}

// String returns the OU as a policy names it.
func (ou OU) String() string {
	if !ou.GUID.IsZero() {
		return pinPrefix + ou.GUID.String()
	}
	return ou.DN.String()
}

// Place returns the place of the OU to ask the directory about.
func (ou OU) Place() state.Place {
	if !ou.GUID.IsZero() {
		return state.Place{GUID: ou.GUID, Subtree: ou.Subtree}
	}
	return state.Place{DN: ou.DN, Subtree: ou.Subtree}
}

// Missing is what to do about rows that name no user.
type Missing string

// The values of `missing`.
const (
	MissingError Missing = ""
	MissingSkip  Missing = "skip"
)
