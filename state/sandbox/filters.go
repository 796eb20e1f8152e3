package sandbox

// What each resource can be filtered by.

// userFilters follows the table of user properties in "Advanced query capabilities
// on Microsoft Entra ID objects". Properties that are not here cannot be filtered.
func (f *face) userFilters() filters[*user] {
	fs := filters[*user]{
		resource: "User",
		properties: map[string]filterable[*user]{
			"accountEnabled":               {kind: flagLiteral, equals: always},
			"department":                   {equals: always, prefix: always, null: advanced},
			"employeeId":                   {equals: always, null: advanced},
			"id":                           {equals: always},
			"onPremisesDistinguishedName":  {equals: advanced, prefix: advanced, null: advanced},
			"onPremisesImmutableId":        {equals: always},
			"onPremisesSamAccountName":     {equals: advanced, prefix: advanced},
			"onPremisesSecurityIdentifier": {equals: always, null: advanced},
			"onPremisesSyncEnabled":        {kind: flagLiteral, equals: always, null: advanced},
			"usageLocation":                {equals: always, prefix: always, null: advanced},
			"userPrincipalName":            {equals: always, prefix: always, suffix: advanced},
			"userType":                     {equals: always, null: advanced},
		},
		lists: map[string]collection[*user]{
			"assignedLicenses": {
				fields:   map[string]need{"skuId": always},
				count:    advanced,
				elements: func(u *user) []map[string]string { return skuElements(u.state.effective()) },
			},
			"assignedPlans": {
				fields:   map[string]need{"servicePlanId": advanced, "capabilityStatus": advanced, "service": advanced},
				elements: planElements,
			},
		},
	}
	if f.variants.has(EmployeeIDPrefix) {
		p := fs.properties["employeeId"]
		p.prefix = always
		fs.properties["employeeId"] = p
	}
	if f.variants.has(ImmutableIDAdvanced) {
		fs.properties["onPremisesImmutableId"] = filterable[*user]{equals: advanced}
	}
	return withValues(fs, userShape)
}

// groupFilters follows the group resource type page; that displayName can be
// compared is recorded.
func (f *face) groupFilters() filters[*group] {
	return withValues(filters[*group]{
		resource: "Group",
		properties: map[string]filterable[*group]{
			"displayName":           {equals: always, prefix: always, null: advanced},
			"id":                    {equals: always},
			"isAssignableToRole":    {kind: flagLiteral, equals: always},
			"mail":                  {equals: always, prefix: always, null: advanced},
			"mailEnabled":           {kind: flagLiteral, equals: always},
			"mailNickname":          {equals: always, prefix: always},
			"onPremisesSyncEnabled": {kind: flagLiteral, equals: always, null: advanced},
			"securityEnabled":       {kind: flagLiteral, equals: always},
			"hasMembersWithLicenseErrors": {kind: flagLiteral, equals: always, value: func(g *group) any {
				return len(f.tenant.withErrors(g)) > 0
			}},
		},
		lists: map[string]collection[*group]{
			"assignedLicenses": {
				fields: map[string]need{"skuId": always}, bare: always, count: advanced,
				elements: func(g *group) []map[string]string { return skuElements(g.state.licences) },
			},
			"groupTypes": {fields: map[string]need{"": always}, elements: func(g *group) []map[string]string {
				var out []map[string]string
				types, _ := g.attributes["groupTypes"].([]string)
				for _, t := range types {
					out = append(out, map[string]string{"": t})
				}
				return out
			}},
		},
	}, f.groupShape())
}

// auditFilters follows the directoryAudit resource type page.
func (f *face) auditFilters() filters[audit] {
	return withValues(filters[audit]{
		resource: "directoryAudit",
		properties: map[string]filterable[audit]{
			"activityDateTime":    {kind: instantLiteral, equals: always, ordered: always},
			"activityDisplayName": {equals: always, prefix: always},
			"category":            {equals: always},
			"correlationId":       {equals: always},
			"loggedByService":     {equals: always},
			"result":              {equals: always},
		},
		lists: map[string]collection[audit]{
			"targetResources": {
				fields: map[string]need{"id": always},
				elements: func(a audit) []map[string]string {
					return []map[string]string{{"id": a.user.id}}
				},
			},
		},
	}, auditShape)
}

// withValues lets every property that has no value of its own be read as answers show
// it.
func withValues[T any](fs filters[T], s shape[T]) filters[T] {
	for _, p := range s.properties {
		if filterable, ok := fs.properties[p.name]; ok {
			filterable.value = p.value
			fs.properties[p.name] = filterable
		}
	}
	return fs
}

func skuElements(licences []licence) []map[string]string {
	var out []map[string]string
	for _, l := range licences {
		out = append(out, map[string]string{"skuId": l.sku.id})
	}
	return out
}

func planElements(u *user) []map[string]string {
	var out []map[string]string
	for _, p := range u.assignedPlans() {
		out = append(out, map[string]string{"servicePlanId": p.ServicePlanID, "capabilityStatus": p.CapabilityStatus, "service": p.Service})
	}
	return out
}
