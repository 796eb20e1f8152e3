package sandbox

import (
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// What each resource can be filtered by.

// userFilters returns the filters of users. They follow the table of user properties in
// "Advanced query capabilities on Microsoft Entra ID objects". Properties that are not here
// cannot be filtered.
func userFilters(chosen variant.Set) query.Filters[*directory.User] {
	fs := query.Filters[*directory.User]{
		Resource: "User",
		Properties: map[string]query.Filterable[*directory.User]{
			"accountEnabled":               {Kind: query.FlagLiteral, Equals: query.Always},
			"department":                   {Equals: query.Always, Prefix: query.Always, Null: query.Advanced},
			"employeeId":                   {Equals: query.Always, Null: query.Advanced},
			"id":                           {Equals: query.Always},
			"onPremisesDistinguishedName":  {Equals: query.Advanced, Prefix: query.Advanced, Null: query.Advanced},
			"onPremisesImmutableId":        {Equals: query.Always},
			"onPremisesSamAccountName":     {Equals: query.Advanced, Prefix: query.Advanced},
			"onPremisesSecurityIdentifier": {Equals: query.Always, Null: query.Advanced},
			"onPremisesSyncEnabled":        {Kind: query.FlagLiteral, Equals: query.Always, Null: query.Advanced},
			"usageLocation":                {Equals: query.Always, Prefix: query.Always, Null: query.Advanced},
			"userPrincipalName":            {Equals: query.Always, Prefix: query.Always, Suffix: query.Advanced},
			"userType":                     {Equals: query.Always, Null: query.Advanced},
		},
		Lists: map[string]query.Collection[*directory.User]{
			"assignedLicenses": {
				Fields:   map[string]query.Need{"skuId": query.Always},
				Count:    query.Advanced,
				Elements: func(u *directory.User) []map[string]string { return skuElements(u.State.Effective()) },
			},
			"assignedPlans": {
				Fields:   map[string]query.Need{"servicePlanId": query.Advanced, "capabilityStatus": query.Advanced, "service": query.Advanced},
				Elements: planElements,
			},
		},
	}
	if chosen.Has(variant.EmployeeIDPrefix) {
		p := fs.Properties["employeeId"]
		p.Prefix = query.Always
		fs.Properties["employeeId"] = p
	}
	if chosen.Has(variant.ImmutableIDAdvanced) {
		fs.Properties["onPremisesImmutableId"] = query.Filterable[*directory.User]{Equals: query.Advanced}
	}
	return withValues(fs, userShape)
}

// groupFilters returns the filters of groups. They follow the group resource type page.
// That displayName can be compared is recorded.
func (svc *service) groupFilters() query.Filters[*directory.Group] {
	return withValues(query.Filters[*directory.Group]{
		Resource: "Group",
		Properties: map[string]query.Filterable[*directory.Group]{
			"displayName":           {Equals: query.Always, Prefix: query.Always, Null: query.Advanced},
			"id":                    {Equals: query.Always},
			"isAssignableToRole":    {Kind: query.FlagLiteral, Equals: query.Always},
			"mail":                  {Equals: query.Always, Prefix: query.Always, Null: query.Advanced},
			"mailEnabled":           {Kind: query.FlagLiteral, Equals: query.Always},
			"mailNickname":          {Equals: query.Always, Prefix: query.Always},
			"onPremisesSyncEnabled": {Kind: query.FlagLiteral, Equals: query.Always, Null: query.Advanced},
			"securityEnabled":       {Kind: query.FlagLiteral, Equals: query.Always},
			"hasMembersWithLicenseErrors": {Kind: query.FlagLiteral, Equals: query.Always, Value: func(g *directory.Group) any {
				return len(svc.tenant.MembersWithErrors(g)) > 0
			}},
		},
		Lists: map[string]query.Collection[*directory.Group]{
			"assignedLicenses": {
				Fields: map[string]query.Need{"skuId": query.Always}, Bare: query.Always, Count: query.Advanced,
				Elements: func(g *directory.Group) []map[string]string { return skuElements(g.State.Licenses) },
			},
			"groupTypes": {Fields: map[string]query.Need{"": query.Always}, Elements: func(g *directory.Group) []map[string]string {
				var out []map[string]string
				types, _ := g.Attributes["groupTypes"].([]string)
				for _, t := range types {
					out = append(out, map[string]string{"": t})
				}
				return out
			}},
		},
	}, svc.groupShape())
}

// auditFilters returns the filters of audits. They follow the directoryAudit resource type
// page.
func auditFilters() query.Filters[directory.Audit] {
	return withValues(query.Filters[directory.Audit]{
		Resource: "directoryAudit",
		Properties: map[string]query.Filterable[directory.Audit]{
			"activityDateTime":    {Kind: query.InstantLiteral, Equals: query.Always, Ordered: query.Always},
			"activityDisplayName": {Equals: query.Always, Prefix: query.Always},
			"category":            {Equals: query.Always},
			"correlationId":       {Equals: query.Always},
			"loggedByService":     {Equals: query.Always},
			"result":              {Equals: query.Always},
		},
		Lists: map[string]query.Collection[directory.Audit]{
			"targetResources": {
				Fields: map[string]query.Need{"id": query.Always},
				Elements: func(a directory.Audit) []map[string]string {
					return []map[string]string{{"id": a.User.ID}}
				},
			},
		},
	}, auditShape)
}

// withValues returns the filters with a value for each property that has none of its own:
// the value that answers show.
func withValues[T any](fs query.Filters[T], s shape[T]) query.Filters[T] {
	for _, p := range s.properties {
		if filterable, ok := fs.Properties[p.name]; ok {
			filterable.Value = p.value
			fs.Properties[p.name] = filterable
		}
	}
	return fs
}

func skuElements(licenses []directory.License) []map[string]string {
	var out []map[string]string
	for _, l := range licenses {
		out = append(out, map[string]string{"skuId": l.SKU.ID})
	}
	return out
}

func planElements(u *directory.User) []map[string]string {
	var out []map[string]string
	for _, p := range u.AssignedPlans() {
		out = append(out, map[string]string{"servicePlanId": p.ServicePlanID, "capabilityStatus": p.CapabilityStatus, "service": p.Service})
	}
	return out
}
