package policies

import (
	"fmt"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Set is everything one tenant's policies say: the input of a plan.
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
	Rows   int    // rows of people in a CSV or list, policies in a policy file
	Digest string // "sha256:<hex>" of the bytes
}

// InputKind says what a file is for.
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

// Policy says who should hold what. A field that was not written is zero and has
// no opinion: absent, empty and a value are three different things, so lists that
// may not be empty are refused when empty.
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
	PlansOff      []PlanOff // off in whatever managed SKU the users hold directly or want
	Location      *Location
	From, Until   time.Time // the window in which the policy matches, UTC; zero: open
	AllowDataLoss []LossRef
}

// Mode says whether a policy acts or only shows what it would do.
type Mode string

// The modes of a policy.
const (
	ModeEnforce Mode = ""
	ModeReport  Mode = "report"
)

// InForce says that the policy's window holds the moment; until is exclusive.
func (p Policy) InForce(at time.Time) bool {
	return !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until))
}

// SKURef is a SKU as somebody wrote it: product name, string id or GUID.
type SKURef struct {
	Name string
	Pos  Pos
	ID   state.SKUID // zero until [Bind]
}

// PlanRef is a service plan as somebody wrote it, which means one only inside its SKU.
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

// License is a SKU that users must hold. Of its service plans either nothing is
// stated, or exactly one of the three.
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

// Others says what becomes of managed SKUs that nobody mentions.
type Others string

// The answers of `others`. OthersUnset has no opinion.
const (
	OthersUnset  Others = ""
	OthersKeep   Others = "keep"
	OthersRemove Others = "remove"
)

// Location is the usage location that users should have.
type Location struct {
	Pos         Pos
	Value       string // two upper-case letters, ISO 3166-1; "": FromCountry
	FromCountry bool   // attribute: country: what the user's own country says
	Overwrite   Overwrite
}

// Overwrite says whose location may be changed where one is set already.
type Overwrite string

// The extents of `overwrite`. OverwriteNone only fills what is unset.
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

// Selector picks users: at most one source, narrowed by filters. Without a source
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

// String is the selector as a policy writes it, shortened to one line.
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
	// KindUnmatched is every enabled internal user whom no policy's selector matches, in
	// whatever mode or window, exceptions disregarded; other unmatched selectors do not count.
	KindUnmatched SourceKind = "unmatched"
	KindGroup     SourceKind = "group" // transitive members of an Entra group
)

// Group is an Entra group, named by id.
type Group struct {
	ID   state.GroupID
	Name string // what its display name has to be; "" any
	Pos  Pos
}

// OU is an organizational unit or another container.
type OU struct {
	DN      state.DN     // of one named by objectGUID: zero until the directory was read
	GUID    state.Anchor // zero: named by its distinguished name
	Subtree bool         // users anywhere below it, not only directly in it
	Pos     Pos
}

// String is the OU as a policy names it.
func (ou OU) String() string {
	if !ou.GUID.IsZero() {
		return pinPrefix + ou.GUID.String()
	}
	return ou.DN.String()
}

// Place is where the directory is to be asked for the OU.
func (ou OU) Place() state.Place {
	if !ou.GUID.IsZero() {
		return state.Place{GUID: ou.GUID, Subtree: ou.Subtree}
	}
	return state.Place{DN: ou.DN, Subtree: ou.Subtree}
}

// Missing says what to do about rows that name nobody.
type Missing string

// The answers of `missing`.
const (
	MissingError Missing = ""
	MissingSkip  Missing = "skip"
)
