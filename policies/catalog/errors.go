package catalog

import (
	"cmp"
	"fmt"
	"strings"

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
	return fmt.Sprintf("unknown %s %s%s", e.Kind, quote(e.Name), didYouMean(e.Nearest))
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
	text := fmt.Sprintf("%s %s can mean %s", e.Kind, quote(e.Name), strings.Join(meanings, " or "))
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
	return fmt.Sprintf("SKU %s is not owned by the tenant: %s, %s (%s)", quote(e.Name), e.PartNumber, e.ProductName, e.ID)
}

// NotInSKUError says that a service plan exists but the tenant's SKU does not
// contain it.
type NotInSKUError struct {
	Name    string
	SKU     string   // part number; "": it is in no SKU of the tenant
	Nearest []string // plans of the SKU that may have been meant, the nearest first
}

func (e *NotInSKUError) Error() string {
	return fmt.Sprintf("service plan %s is not in %s%s", quote(e.Name), cmp.Or(e.SKU, "any SKU of the tenant"), didYouMean(e.Nearest))
}

// TenantWideError says that a service plan works for the whole tenant, so that it
// cannot be switched for one user.
type TenantWideError struct{ Name string }

func (e *TenantWideError) Error() string {
	return fmt.Sprintf("service plan %s works for the whole tenant and cannot be switched off for users", quote(e.Name))
}

func didYouMean(nearest []string) string {
	if len(nearest) == 0 {
		return ""
	}
	quoted := make([]string, len(nearest))
	for i, name := range nearest {
		quoted[i] = quote(name)
	}
	return ", did you mean " + strings.Join(quoted, " or ") + "?"
}

// quote quotes foreign text, cut to 64 characters.
func quote(s string) string {
	const most = 64
	characters := 0
	for i := range s {
		if characters == most {
			return fmt.Sprintf("%q", s[:i]+"...")
		}
		characters++
	}
	return fmt.Sprintf("%q", s)
}
