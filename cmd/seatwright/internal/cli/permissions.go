package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state/graph"
)

// permitted refuses before the first write what the token says would fail: another
// tenant's, or one that lacks a permission. A token that cannot be read stops
// nothing; Graph decides then.
func (l *lockedTenant) permitted(ctx context.Context, client *graph.Client, p *plan.Plan) error {
	id, err := client.Identity(ctx)
	switch {
	case errors.Is(err, graph.ErrOpaque):
		return nil
	case err != nil:
		return err
	case !id.Tenant.IsZero() && id.Tenant != p.Tenant.ID:
		return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("tenant %s: the write credential signs in at tenant %s", l.call.tenant.Name, id.Tenant),
			hint: "correct `credential: {write: ...}` of the tenant in seatwright.yaml"}
	}
	return lacking(id, neededToWrite(p))
}

// neededToWrite are the permissions that carrying a plan out takes.
func neededToWrite(p *plan.Plan) []graph.Permission {
	var location, licences bool
	for _, step := range p.Steps {
		location = location || step.Kind == plan.KindLocation
		licences = licences || step.Kind != plan.KindLocation
	}
	var needed []graph.Permission
	if licences {
		needed = append(needed, graph.Assign)
	}
	if location {
		needed = append(needed, graph.Locate)
	}
	return needed
}

// lacking is the error for an identity that lacks some of what is needed, or nil.
func lacking(id graph.Identity, needed []graph.Permission) error {
	lacks := id.Lacks(needed)
	if len(lacks) == 0 {
		return nil
	}
	return &exit{code: ExitCredentials, reason: "credentials", err: fmt.Errorf("application %s lacks %s", id.App, joined(lacks)),
		hint: "grant it " + joined(lacks) + " (Microsoft Graph, with admin consent); seatwright doctor lists all that is needed"}
}

func joined(permissions []graph.Permission) string {
	words := make([]string, len(permissions))
	for i, p := range permissions {
		words[i] = string(p)
	}
	return strings.Join(words, " and ")
}
