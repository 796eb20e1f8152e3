package policies

import (
	"time"

	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// Settings is the file seatwright.yaml: the tenants with their identities and limits.
type Settings struct {
	Tenants []Tenant // sorted by name
	Digest  string   // "sha256:<hex>" of the file
}

// Tenant is one tenant's settings, with the defaults filled in.
type Tenant struct {
	Pos         Pos
	Name        string
	ID          string // domain name or GUID; "" for a sandbox
	Cloud       state.Cloud
	Read        Credential
	Write       Credential
	Sandbox     string // tenant file of a sandbox tenant; "": a real tenant
	SandboxPos  Pos
	Policies    []Pattern
	Manage      Manage
	OneOf       []OneOf // sorted by name
	Protect     []Selector
	Reserve     []Reserve
	Guards      GuardLimits
	Directories []Directory // where `ou` and `domain` are looked up; none: the values of the last sync
	Prices      string      // file of monthly prices; "": none
	PricesPos   Pos
	Records     Records  // where runs are kept; zero: in the state folder
	Among       []string // names of all tenants in the settings, sorted; shared, do not change them
}

// Directory is an Active Directory domain, and how to read it. It never holds a secret.
type Directory struct {
	Pos         Pos
	Name        string
	URLs        []string // of domain controllers, in the order in which they are tried: ldaps://, or ldap:// with StartTLS
	StartTLS    bool
	CAFile      string // PEM of the CAs to trust; "": those of the system
	CAFilePos   Pos
	UserEnv     string   // the environment variable with the account's name
	PasswordEnv string   // and the one with its password
	Anchors     []string // of [state.AnchorAttributes]
}

// Records is a container of Azure Blob Storage that keeps runs and the lock of the tenant. The host follows from the tenant's cloud.
type Records struct {
	Account   string
	Container string
	Emulator  string // address of Azurite instead of an account, for a sandbox tenant
	Pos       Pos
}

// Set reports whether the settings name a container.
func (r Records) Set() bool { return r.Container != "" }

// Pattern is a glob of policy files.
type Pattern struct {
	Glob string
	Pos  Pos
}

// Credential is how to sign in. It never holds a secret.
type Credential struct {
	Kind              state.CredentialKind
	ClientID          string // application id, where the kind needs one
	CertificateFile   string // path of a PEM or PKCS#12 file, for client-certificate
	ServiceConnection string // its id, for azure-pipelines
	TokenEnv          string // variable with the job's ID token, for gitlab-oidc; "" is SEATWRIGHT_ID_TOKEN
	Pos               Pos
}

// Manage is which SKUs may be changed.
type Manage struct {
	Mode ManageMode
	SKUs []SKURef // ManageList
	Pos  Pos
}

// ManageMode is a form of `manage`.
type ManageMode string

// The forms of `manage`.
const (
	ManageMentioned ManageMode = "mentioned" // every SKU that a policy names
	ManageAll       ManageMode = "all"       // every SKU for users, except free, trial and self-service ones
	ManageList      ManageMode = "list"
)

// OneOf is a set of SKUs of which a user holds one: a want of one makes the others absent. Of several wants the highest priority wins; equal ones are a conflict.
type OneOf struct {
	Name string
	SKUs []SKURef // two or more
	Pos  Pos
}

// Reserve is seats of a SKU that the planner leaves free.
type Reserve struct {
	SKU   SKURef
	Seats int
}

// GuardLimits are the limits that settings state, by guard. A guard that is not among
// them has its defaults.
type GuardLimits map[guard.Name]GuardLimit

// GuardLimit is the numbers that settings state for one guard.
type GuardLimit map[guard.Key]int

// Limit returns a number of the guard: the one that settings state, or the default.
func (l GuardLimits) Limit(row guard.Row, key guard.Key) int {
	if n, stated := l[row.Name][key]; stated {
		return n
	}
	return row.Default(key)
}

// IsSandbox reports whether the tenant is a sandbox tenant.
func (t Tenant) IsSandbox() bool { return t.Sandbox != "" }

// ParsedID returns the tenant's GUID, if the settings name it by GUID.
func (t Tenant) ParsedID() (state.TenantID, bool) {
	id, err := state.ParseID[state.Organization](t.ID)
	return id, err == nil
}

// Waiver raises the limit of one guard for a while, and is reviewed like a policy. It is an
// entry of waivers.yaml beside the settings.
type Waiver struct {
	Pos     Pos
	Guard   guard.Name
	SKU     SKURef // zero: not for a SKU
	Policy  string // "": not for a policy
	Limit   int    // in the unit of the guard
	Reason  string
	Expires time.Time // midnight UTC after the last day on which it counts; it must be at most 30 days ahead
}

// Prices is what seats of SKUs cost, from the file that the settings name.
type Prices struct {
	Currency string // as written, such as CHF; "": there are no prices
	Monthly  []Price
}

// Price is what a seat of a SKU costs per month.
type Price struct {
	SKU   SKURef
	Cents int64 // hundredths of the currency
}
