package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state/graph"
)

// credentialUse is one of the two credentials of a tenant.
type credentialUse string

const (
	toRead  credentialUse = "read"
	toWrite credentialUse = "write"
)

// demand is what decides which permissions are needed.
type demand struct {
	groups    bool // a policy names a group
	licenses  bool // a license changes
	locations bool // a usage location changes
}

// permissionRow is one permission of Microsoft Graph, and when it is needed.
type permissionRow struct {
	permission graph.Permission
	credential credentialUse
	needed     func(demand) bool
	useful     bool // the credential may have it although nothing needs it
	commands   []string
	purpose    string
	when       string // it is needed, in words
}

func always(demand) bool { return true }
func never(demand) bool  { return false }

// permissionRows is the only list of permissions: the checks before a write, doctor and
// the reference read it.
var permissionRows = []permissionRow{
	{graph.ReadUsers, toRead, always, false, []string{"plan", "apply", "drift", "undo", "explain", "users", "seats", "snapshot", "validate --live"}, "users and their licenses", "always"},
	{graph.ReadLicenses, toRead, always, false, []string{"plan", "apply", "drift", "undo", "explain", "users", "seats", "snapshot", "catalog", "validate --live"}, "the SKUs of the tenant", "always"},
	{graph.ReadGroups, toRead, func(d demand) bool { return d.groups }, true, []string{"plan", "apply", "drift", "undo", "explain", "users", "seats", "snapshot", "validate --live"},
		"members of groups, licensing groups and roles", "policies name a group; otherwise `plan` notes what it cannot see"},
	{graph.ReadHidden, toRead, never, true, []string{"plan", "apply", "drift", "undo", "explain", "users", "seats", "snapshot", "validate --live"}, "members of groups that hide them", "optional"},
	{graph.ReadAudits, toRead, never, true, []string{"drift"}, "who changed an assignment", "optional"},
	{graph.Assign, toWrite, func(d demand) bool { return d.licenses }, false, []string{"apply", "drift --correct"}, "assign and remove licenses", "the plan changes licenses"},
	{graph.Locate, toWrite, func(d demand) bool { return d.locations }, false, []string{"apply", "drift --correct"}, "set the usage location", "a policy has `usage_location`"},
}

// permissionsFor returns the permissions of a credential that are needed.
func permissionsFor(credential credentialUse, d demand) []graph.Permission {
	var needed []graph.Permission
	for _, row := range permissionRows {
		if row.credential == credential && row.needed(d) {
			needed = append(needed, row.permission)
		}
	}
	return needed
}

// usefulToRead returns permissions that plan can do without. It knows less then of
// licensing groups, roles and hidden members, and notes that.
func usefulToRead() []graph.Permission {
	var useful []graph.Permission
	for _, row := range permissionRows {
		if row.credential == toRead && row.useful {
			useful = append(useful, row.permission)
		}
	}
	return useful
}

// neededToRead returns the permissions that plan needs for these policies, or for any if
// they could not be loaded.
func neededToRead(set *policies.Set) []graph.Permission {
	return permissionsFor(toRead, demand{groups: set == nil || len(selector.Needs(set).Everyone) > 0})
}

// neededToApply returns the permissions that apply needs for these policies, or for any if
// they could not be loaded.
func neededToApply(set *policies.Set) []graph.Permission {
	locates := func(p policies.Policy) bool { return p.Location != nil }
	return permissionsFor(toWrite, demand{licenses: true, locations: set == nil || slices.ContainsFunc(set.Policies, locates)})
}

// neededToWrite returns the permissions that the steps of a plan need.
func neededToWrite(p *plan.Plan) []graph.Permission {
	var d demand
	for _, step := range p.Steps {
		d.locations = d.locations || step.Kind == plan.KindLocation
		d.licenses = d.licenses || step.Kind != plan.KindLocation
	}
	return permissionsFor(toWrite, d)
}

// checkPermissions refuses before the first write what the token shows would fail: a
// token of another tenant, or without a permission. A token that cannot be read refuses
// nothing: Graph decides then.
func (l *lockedTenant) checkPermissions(ctx context.Context, client *graph.Client, p *plan.Plan) error {
	id, err := client.Identity(ctx)
	switch {
	case errors.Is(err, graph.ErrOpaque):
		return nil
	case err != nil:
		return err
	case !id.Tenant.IsZero() && id.Tenant != p.Tenant.ID:
		return ends(reasonGuard, fmt.Errorf("tenant %s: the write credential signs in at tenant %s", l.call.tenant.Name, id.Tenant),
			"correct `credential: {write: ...}` of the tenant in seatwright.yaml")
	}
	return missingPermissions(id, neededToWrite(p))
}

// missingPermissions returns the error for an identity that lacks needed permissions, or
// nil.
func missingPermissions(id graph.Identity, needed []graph.Permission) error {
	lacks := id.Lacks(needed)
	if len(lacks) == 0 {
		return nil
	}
	return ends(reasonCredentials, fmt.Errorf("application %s lacks %s", id.App, joinPermissions(lacks)),
		"grant it "+joinPermissions(lacks)+" (Microsoft Graph, with admin consent); seatwright doctor lists all permissions that are needed")
}

func joinPermissions(permissions []graph.Permission) string {
	words := make([]string, len(permissions))
	for i, p := range permissions {
		words[i] = string(p)
	}
	return strings.Join(words, " and ")
}
