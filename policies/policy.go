package policies

import (
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Set is everything one tenant's policies say: the input of a plan.
type Set struct {
	Tenant   Tenant
	Policies []Policy // sorted by name
	Inputs   []Input  // every file that was read, sorted by path
	Digest   string   // "sha256:<hex>" over names and bytes of all inputs but the settings
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
)

// Policy says who should hold what. A field that was not written is zero and has
// no opinion: absent, empty and a value are three different things, so lists that
// may not be empty are refused when empty.
type Policy struct {
	Pos           Pos // of the name
	Name          string
	Description   string
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
	Location      *Location
	AllowDataLoss []LossRef
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

// License is a SKU that users must hold.
type License struct {
	SKU     SKURef
	Disable []PlanRef // these service plans off; no opinion about the others
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
	Pos       Pos
	Value     string // two upper-case letters, ISO 3166-1
	Overwrite Overwrite
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
	case KindOU:
		names := make([]string, len(s.OUs))
		for i, ou := range s.OUs {
			names[i] = ou.DN.String()
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
)

// OU is an organizational unit or another container.
type OU struct {
	DN      state.DN
	Subtree bool // users anywhere below it, not only directly in it
	Pos     Pos
}

// Row names one user in a file or an inline list.
type Row struct {
	Pos      Pos          // for a CSV: the row's line, and the column of the cell
	Number   int          // row number as people count: the CSV header is row 1; lists count lines, inline lists items
	ID       state.UserID // zero: named by UPN only
	UPN      string       // "": named by id only
	Location string       // the CSV's UsageLocation, two upper-case letters, or ""
}

// Missing says what to do about rows that name nobody.
type Missing string

// The answers of `missing`.
const (
	MissingError Missing = ""
	MissingSkip  Missing = "skip"
)
