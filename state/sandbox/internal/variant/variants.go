package variant

import "slices"

// Name is a way of answering that some sources have and others have not. What
// a tenant does without it is what recorded answers have, or else the stricter.
type Name string

// The variants, each with where it comes from.
const (
	// ErrorNull: licenseAssignmentState.error is null on success, as its resource
	// type page has it. Seen on the service: "None".
	ErrorNull Name = "error-null"
	// ErrorOthers: a licence that failed since another one of its group did has the
	// error "Others", as older documentation had it (microsoft-graph-docs issue
	// 15734). Seen on the service: "Other".
	ErrorOthers Name = "error-others"
	// LicencesInAnswer: assignLicense answers with the user's licences, as the
	// example of its page does. Recorded answers have the default properties alone.
	LicencesInAnswer Name = "licences-in-answer"
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
	// SyncedRefused: the usage location of a synchronised user cannot be changed
	// either, as the page of "Update user" warns ("depends on source of authority").
	SyncedRefused Name = "synced-refused"
	// FanOut: a batch may hold items that all depend on the same one, as the known
	// issues of 2021 said. The page on JSON batching does not.
	FanOut Name = "fan-out"
	// EmployeeIDPrefix: startsWith(employeeId, ...) is supported, as the user resource
	// type page says. The page on advanced queries does not.
	EmployeeIDPrefix Name = "employee-id-prefix"
	// ImmutableIDAdvanced: onPremisesImmutableId is filtered in advanced queries
	// alone, as an older page on advanced queries had it.
	ImmutableIDAdvanced Name = "immutable-id-advanced"
	// DeltaLicences: users/delta tracks assignedLicenses. That it does is nowhere
	// written, nor that it does not.
	DeltaLicences Name = "delta-licences"
)

// All is every variant.
var All = []Name{
	ErrorNull, ErrorOthers, LicencesInAnswer, SeatsLeft, BracketedPlans, NullIsMissing, StatesOmitted, SyncedRefused, FanOut,
	EmployeeIDPrefix, ImmutableIDAdvanced, DeltaLicences,
}

// Set are those that were chosen.
type Set []Name

// Has reports whether a variant was chosen.
func (v Set) Has(wanted Name) bool { return slices.Contains(v, wanted) }

// Names are the names that a fault profile can give.
func Names() []string {
	out := make([]string, 0, len(All))
	for _, v := range All {
		out = append(out, string(v))
	}
	return out
}
