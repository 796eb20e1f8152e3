package sandbox

import "slices"

// Variant is a way of answering that some sources have and others have not. What
// a tenant does without it is what recorded answers have, or else the stricter.
type Variant string

// The variants, each with where it comes from.
const (
	// ErrorNull: licenseAssignmentState.error is null on success, as its resource
	// type page has it. Seen on the service: "None".
	ErrorNull Variant = "error-null"
	// ErrorOthers: a licence that failed since another one of its group did has the
	// error "Others", as older documentation had it (microsoft-graph-docs issue
	// 15734). Seen on the service: "Other".
	ErrorOthers Variant = "error-others"
	// LicencesInAnswer: assignLicense answers with the user's licences, as the
	// example of its page does. Recorded answers have the default properties alone.
	LicencesInAnswer Variant = "licences-in-answer"
	// SeatsLeft: no free seats are refused in the words of Microsoft's interface for
	// partners, which end with "left".
	SeatsLeft Variant = "seats-left"
	// BracketedPlans: exclusive plans are named as the audit log does, in brackets
	// (Entra: resolve group license assignment problems).
	BracketedPlans Variant = "bracketed-plans"
	// NullIsMissing: addLicenses and removeLicenses may not be null, as the schema
	// has it. A widely deployed connector sends null and is answered 200.
	NullIsMissing Variant = "null-is-missing"
	// StatesOmitted: licenseAssignmentStates lacks direct paths that assignedLicenses
	// shows (microsoft-graph-docs issue 9636).
	StatesOmitted Variant = "states-omitted"
	// SyncedRefused: the usage location of a synchronised user cannot be changed
	// either, as the page of "Update user" warns ("depends on source of authority").
	SyncedRefused Variant = "synced-refused"
	// FanOut: a batch may hold items that all depend on the same one, as the known
	// issues of 2021 said. The page on JSON batching does not.
	FanOut Variant = "fan-out"
	// EmployeeIDPrefix: startsWith(employeeId, ...) is supported, as the user resource
	// type page says. The page on advanced queries does not.
	EmployeeIDPrefix Variant = "employee-id-prefix"
	// ImmutableIDAdvanced: onPremisesImmutableId is filtered in advanced queries
	// alone, as an older page on advanced queries had it.
	ImmutableIDAdvanced Variant = "immutable-id-advanced"
	// DeltaLicences: users/delta tracks assignedLicenses. That it does is nowhere
	// written, nor that it does not.
	DeltaLicences Variant = "delta-licences"
)

// allVariants is every variant.
var allVariants = []Variant{
	ErrorNull, ErrorOthers, LicencesInAnswer, SeatsLeft, BracketedPlans, NullIsMissing, StatesOmitted, SyncedRefused, FanOut,
	EmployeeIDPrefix, ImmutableIDAdvanced, DeltaLicences,
}

// variants are those that were chosen.
type variants []Variant

// has reports whether a variant was chosen.
func (v variants) has(wanted Variant) bool { return slices.Contains(v, wanted) }

// variantNames are the names that a fault profile can give.
func variantNames() []string {
	out := make([]string, 0, len(allVariants))
	for _, v := range allVariants {
		out = append(out, string(v))
	}
	return out
}
