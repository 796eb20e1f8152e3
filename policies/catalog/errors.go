package catalog

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// The two kinds of names, as errors call them.
const (
	KindSKU  = "SKU"
	KindPlan = "service plan"
)

// UnknownError is returned for a name that nothing has.
type UnknownError struct {
	Kind, Name string
	Nearest    []string // what may have been meant, the nearest first
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %s%s", e.Kind, diag.Quote(e.Name), orNearest(e.Nearest))
}

// AmbiguousError is returned for a name that means several things.
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

// NotOwnedError is returned for a SKU of which the tenant has no subscription.
type NotOwnedError struct {
	Name, PartNumber, ProductName string
	ID                            state.SKUID
}

func (e *NotOwnedError) Error() string {
	return fmt.Sprintf("SKU %s is not owned by the tenant: %s, %s (%s)", diag.Quote(e.Name), e.PartNumber, e.ProductName, e.ID)
}

// NotInSKUError is returned for a service plan that the tenant's SKU does not contain.
type NotInSKUError struct {
	Name    string
	SKU     string   // part number; "": it is in no SKU of the tenant
	Nearest []string // plans of the SKU that may have been meant, the nearest first
}

func (e *NotInSKUError) Error() string {
	return fmt.Sprintf("service plan %s is not in %s%s", diag.Quote(e.Name), cmp.Or(e.SKU, "any SKU of the tenant"), orNearest(e.Nearest))
}

// TenantWideError is returned for a service plan that works for the whole tenant, so that
// it cannot be switched for one user.
type TenantWideError struct{ Name string }

func (e *TenantWideError) Error() string {
	return fmt.Sprintf("service plan %s works for the whole tenant and cannot be switched off for users", diag.Quote(e.Name))
}

// orNearest returns the end of a message with the names that are probably meant.
func orNearest(names []string) string {
	if hint := diag.DidYouMean(names...); hint != "" {
		return ", " + hint
	}
	return ""
}
