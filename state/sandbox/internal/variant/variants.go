package variant

import "slices"

// Name is a way of answering that some sources have and others do not have. Without a
// variant, a tenant does what recorded answers have, or else the stricter thing.
type Name string

// The variants, each with where it comes from.
const (
	// ErrorNull: licenseAssignmentState.error is null on success, as on its resource type
	// page. The service sends "None".
	ErrorNull Name = "error-null"
	// ErrorOthers: a license that failed because another license of its group failed has
	// the error "Others", as in older documentation (microsoft-graph-docs issue 15734). The
	// service sends "Other".
	ErrorOthers Name = "error-others"
	// LicensesInAnswer: assignLicense answers with the user's licenses, as in the example
	// on its page. Recorded answers have the default properties alone.
	LicensesInAnswer Name = "licenses-in-answer"
	// SeatsLeft: no free seats are refused in the words of Microsoft's interface for
	// partners, which end with "left".
	SeatsLeft Name = "seats-left"
	// BracketedPlans: exclusive plans are named as the audit log does, in brackets
	// (Entra: resolve group license assignment problems).
	BracketedPlans Name = "bracketed-plans"
	// NullIsMissing: addLicenses and removeLicenses may not be null, as the schema
	// has it. A widely deployed connector sends null and is answered 200.
	NullIsMissing Name = "null-is-missing"
	// StatesOmitted: licenseAssignmentStates lacks direct paths that assignedLicenses
	// shows (microsoft-graph-docs issue 9636).
	StatesOmitted Name = "states-omitted"
	// SyncedRefused: the usage location of a synchronized user cannot be changed either, as
	// the page of "Update user" warns ("depends on source of authority").
	SyncedRefused Name = "synced-refused"
	// FanOut: a batch may hold items that all depend on the same one, as in the known
	// issues of 2021. The page on JSON batching does not allow it.
	FanOut Name = "fan-out"
	// EmployeeIDPrefix: startsWith(employeeId, ...) is supported, as on the user resource
	// type page. The page on advanced queries does not list it.
	EmployeeIDPrefix Name = "employee-id-prefix"
	// ImmutableIDAdvanced: onPremisesImmutableId is filtered in advanced queries
	// alone, as an older page on advanced queries had it.
	ImmutableIDAdvanced Name = "immutable-id-advanced"
	// DeltaLicenses: users/delta tracks assignedLicenses. Microsoft does not document
	// whether it does.
	DeltaLicenses Name = "delta-licenses"
)

// All holds every variant.
var All = []Name{
	ErrorNull, ErrorOthers, LicensesInAnswer, SeatsLeft, BracketedPlans, NullIsMissing, StatesOmitted, SyncedRefused, FanOut,
	EmployeeIDPrefix, ImmutableIDAdvanced, DeltaLicenses,
}

// Set holds the variants that were chosen.
type Set []Name

// Has reports whether a variant was chosen.
func (v Set) Has(wanted Name) bool { return slices.Contains(v, wanted) }

// Names returns the names that a fault profile can give.
func Names() []string {
	out := make([]string, 0, len(All))
	for _, v := range All {
		out = append(out, string(v))
	}
	return out
}
