package policies

import (
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// UsageError is returned for a tenant that the settings do not have. It lists those that
// they have.
type UsageError struct {
	Tenant  string   // as asked for; "": none was named
	Choices []string // the tenants there are, sorted
}

// Error returns the message with the choices.
func (e *UsageError) Error() string {
	choices := strings.Join(e.Choices, ", ")
	if e.Tenant == "" {
		return fmt.Sprintf("choose a tenant with --tenant: the settings have %s", choices)
	}
	text := fmt.Sprintf("choose a tenant: the settings have no %s, only %s", diag.Quote(e.Tenant), choices)
	if hint := catalog.DidYouMean(e.Tenant, e.Choices); hint != "" {
		text += "; " + hint
	}
	return text
}

// Tenant finds a tenant by name. The name may be "" if there is only one. The error
// is a [*UsageError].
func (s *Settings) Tenant(name string) (Tenant, error) {
	if name == "" && len(s.Tenants) == 1 {
		return s.Tenants[0], nil
	}
	refusal := &UsageError{Tenant: name}
	for _, tenant := range s.Tenants {
		if tenant.Name == name {
			return tenant, nil
		}
		refusal.Choices = append(refusal.Choices, tenant.Name)
	}
	return Tenant{}, refusal
}
