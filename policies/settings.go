package policies

import "github.com/seatwright/seatwright/state"

// Settings are the file seatwright.yaml: which tenants, with which identities,
// within which limits.
type Settings struct {
	Tenants []Tenant // sorted by name
	Digest  string   // "sha256:<hex>" of the file
}

// Tenant is one tenant's settings, with the defaults filled in.
type Tenant struct {
	Pos        Pos
	Name       string
	ID         string // domain name or GUID; "" for a sandbox
	Cloud      Cloud
	Read       Credential
	Write      Credential
	Sandbox    string // tenant file of the embedded tenant; "": a real one
	SandboxPos Pos
	Policies   []Pattern
	Manage     Manage
	Protect    []Selector
	Reserve    []Reserve
	Guards     GuardLimits
}

// Pattern is a glob of policy files.
type Pattern struct {
	Glob string
	Pos  Pos
}

// Cloud is one of Microsoft's national clouds (Graph: "National cloud deployments").
type Cloud string

// The clouds. Endpoints follow from them and are never configurable.
const (
	CloudPublic   Cloud = "public" // with GCC
	CloudUSGov    Cloud = "usgov"  // GCC High
	CloudUSGovDoD Cloud = "usgov-dod"
	CloudChina    Cloud = "china"
)

// Credential says how to sign in; it never holds a secret.
type Credential struct {
	Kind            CredentialKind
	ClientID        string // application id, where the kind needs one
	CertificateFile string // path of a PEM or PKCS#12 file, for client-certificate
	Pos             Pos
}

// CredentialKind is a way to sign in.
type CredentialKind string

// The kinds of credentials.
const (
	CredentialDefault           CredentialKind = "default"
	CredentialEnvironment       CredentialKind = "environment"
	CredentialClientCertificate CredentialKind = "client-certificate"
	CredentialAzureCLI          CredentialKind = "azure-cli"
)

// Manage says which SKUs may be touched at all.
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
	ManageAll       ManageMode = "all"       // every SKU for users, but for free, trial and self-service ones
	ManageList      ManageMode = "list"
)

// Reserve keeps seats of a SKU out of the planner's hands.
type Reserve struct {
	SKU   SKURef
	Seats int
}

// GuardLimits are the limits that settings state; nil has the default of the guard.
type GuardLimits struct {
	Removals     GuardLimit
	Replacements GuardLimit
	Additions    GuardLimit
}

// GuardLimit is the limit of one guard.
type GuardLimit struct {
	Users   *int
	Percent *int // 0 to 100
}

// IsSandbox says whether the tenant is the embedded one.
func (t Tenant) IsSandbox() bool { return t.Sandbox != "" }

// ParsedID is the tenant's GUID, if the settings name it by GUID.
func (t Tenant) ParsedID() (state.TenantID, bool) {
	id, err := state.ParseID[state.Organization](t.ID)
	return id, err == nil
}
