package catalog

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// The two kinds of things that have names, as errors call them.
const (
	KindSKU  = "SKU"
	KindPlan = "service plan"
)

// UnknownError says that nothing has this name.
type UnknownError struct {
	Kind, Name string
	Nearest    []string // what may have been meant, the nearest first
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %s%s", e.Kind, diag.Quote(e.Name), orNearest(e.Nearest))
}

// AmbiguousError says that a name means several things.
type AmbiguousError struct {
	Kind, Name string
	Candidates []Candidate // sorted by part number, then id
	NotOwned   bool        // of SKUs: the tenant owns none of them
}

// Candidate is one of the things an ambiguous name can mean.
type Candidate struct {
	Name       string // product name, or a plan's friendly name; "" if there is none
	PartNumber string // or plan name
	ID         string // GUID
}

func (e *AmbiguousError) Error() string {
	meanings := make([]string, len(e.Candidates))
	for i, c := range e.Candidates {
		meanings[i] = c.PartNumber + " (" + c.ID + ")"
	}
	text := fmt.Sprintf("%s %s can mean %s", e.Kind, diag.Quote(e.Name), strings.Join(meanings, " or "))
	if e.NotOwned {
		text += ", and the tenant owns none of them"
	}
	return text
}

// NotOwnedError says that a SKU exists but the tenant has no subscription of it.
type NotOwnedError struct {
	Name, PartNumber, ProductName string
	ID                            state.SKUID
}

func (e *NotOwnedError) Error() string {
	return fmt.Sprintf("SKU %s is not owned by the tenant: %s, %s (%s)", diag.Quote(e.Name), e.PartNumber, e.ProductName, e.ID)
}

// NotInSKUError says that a service plan exists but the tenant's SKU does not
// contain it.
type NotInSKUError struct {
	Name    string
	SKU     string   // part number; "": it is in no SKU of the tenant
	Nearest []string // plans of the SKU that may have been meant, the nearest first
}

func (e *NotInSKUError) Error() string {
	return fmt.Sprintf("service plan %s is not in %s%s", diag.Quote(e.Name), cmp.Or(e.SKU, "any SKU of the tenant"), orNearest(e.Nearest))
}

// TenantWideError says that a service plan works for the whole tenant, so that it
// cannot be switched for one user.
type TenantWideError struct{ Name string }

func (e *TenantWideError) Error() string {
	return fmt.Sprintf("service plan %s works for the whole tenant and cannot be switched off for users", diag.Quote(e.Name))
}

// orNearest ends a message with the names that may have been meant.
func orNearest(names []string) string {
	if hint := diag.DidYouMean(names...); hint != "" {
		return ", " + hint
	}
	return ""
}
