package policies

import (
	"cmp"
	"math"
	"slices"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// decodeSettings reads the root of seatwright.yaml.
func decodeSettings(root value, guards guard.Table) Settings {
	var settings Settings
	defaults := Tenant{
		Cloud: state.CloudPublic, Manage: Manage{Mode: ManageMentioned},
		Read: Credential{Kind: state.CredentialDefault}, Write: Credential{Kind: state.CredentialDefault},
	}
	var tenants, shared []value
	var directories map[string]Directory
	written := root.fields(settingsMapping, keys{
		"version":     checkVersion,
		"tenants":     func(v value) { tenants = someTenants(v) },
		"defaults":    func(v value) { shared = append(shared, v) },
		"directories": func(v value) { directories = decodeDirectories(v) },
	})
	root.complete(settingsMapping, root.pos(), written)
	// A tenant may come before the defaults, and both before the directories. So they are
	// read after the directories.
	for _, v := range shared {
		v.fields(defaultsMapping(), defaultKeys(&defaults, directories, guards))
	}
	for _, tenant := range tenants {
		settings.Tenants = append(settings.Tenants, decodeTenant(tenant, defaults, directories, guards))
	}
	return settings
}

func checkVersion(v value) {
	if version, ok := v.word(); ok && version != wordVersion {
		v.problem(diag.RuleValue, "write "+wordVersion, "version %s of the language is not supported", diag.Quote(version))
	}
}

func someTenants(v value) []value {
	tenants := v.filled("a mapping from names to tenants")
	if v.isMapping() && len(v.node.Content) == 0 {
		v.problem(diag.RuleValue, "write at least one tenant", "there is no tenant")
	}
	return tenants
}

// decodeTenant reads one tenant. A key that it has replaces the whole value of the
// defaults, so every reader assigns its field anew.
func decodeTenant(v value, defaults Tenant, directories map[string]Directory, guards guard.Table) Tenant {
	tenant := defaults
	tenant.Pos, tenant.Name = v.keyPos(), v.name()
	checkName(v, v.keyPos(), tenant.Name)
	known := tenantKeys(&tenant, directories, guards)
	known["id"] = func(v value) { tenant.ID = decodeTenantID(v) }
	known["sandbox"] = func(v value) { tenant.Sandbox, tenant.SandboxPos = decodePath(v), v.pos() }
	written := v.fields(tenantMapping, known)
	_, stated := written["records"]
	checkRecords(v, &tenant, stated)
	if len(tenant.Policies) == 0 {
		v.required(v.keyPos(), tenantMapping.Subject, written, "policies")
	}
	if _, sandbox := written["sandbox"]; !sandbox {
		v.required(v.keyPos(), tenantMapping.Subject, written, "id")
		return tenant
	}
	for _, key := range []string{"id", "cloud", "credential"} {
		if pos, both := written[key]; both {
			v.doc.problems.Add(pos, diag.RuleConflict, "keep one of them", "%q and \"sandbox\" exclude each other", key)
		}
	}
	tenant.Cloud, tenant.Read, tenant.Write = state.CloudPublic, Credential{}, Credential{}
	return tenant
}

// defaultKeys returns the keys of `defaults`: those of a tenant, without the keys that
// identify one.
func defaultKeys(defaults *Tenant, directories map[string]Directory, guards guard.Table) keys {
	known := tenantKeys(defaults, directories, guards)
	own := func(v value) {
		v.doc.problems.Add(v.keyPos(), diag.RuleConflict, "write it under the tenant", "%q identifies one tenant and has no default", v.name())
	}
	known["id"], known["sandbox"] = own, own
	known["records"] = func(v value) {
		if defaults.Records = decodeRecords(v); defaults.Records.Emulator != "" {
			v.problem(diag.RuleConflict, "write it under the sandbox tenant", "an emulator keeps the runs of one sandbox tenant only")
			defaults.Records = Records{}
		}
	}
	return known
}

func tenantKeys(t *Tenant, directories map[string]Directory, guards guard.Table) keys {
	return keys{
		"cloud":      func(v value) { t.Cloud = decodeCloud(v) },
		"credential": func(v value) { t.Read, t.Write = decodeCredentials(v) },
		"policies":   func(v value) { t.Policies = decodePatterns(v) },
		"manage":     func(v value) { t.Manage = decodeManage(v) },
		"protect":    func(v value) { t.Protect = decodeSelectors(v, roleProtect) },
		"seats":      func(v value) { t.Reserve = decodeSeats(v) },
		"guards":     func(v value) { t.Guards = decodeGuards(v, guards) },
		"one_of":     func(v value) { t.OneOf = decodeOneOf(v) },
		"records":    func(v value) { t.Records = decodeRecords(v) },
		"prices":     func(v value) { t.Prices, t.PricesPos = decodePath(v), v.pos() },
		"directory":  func(v value) { t.Directories = decodeDirectoryNames(v, directories) },
	}
}

// decodeTenantID reads a tenant's GUID or one of its domain names.
func decodeTenantID(v value) string {
	id, ok := v.word()
	if !ok || state.IsGUID(id) {
		return id
	}
	if fault, hint := domainFault(id); fault != "" {
		v.problem(diag.RuleValue, hint, "%s is neither a tenant's GUID nor one of its domain names", diag.Quote(id))
	}
	return id
}

func decodeCloud(v value) state.Cloud {
	cloud, _ := v.choice(state.Clouds()...)
	return state.Cloud(cloud)
}

func decodePatterns(v value) []Pattern {
	var patterns []Pattern
	for _, item := range v.items("a list of file patterns", "write the files that hold the policies, such as policies/*.yaml") {
		glob, ok := item.word()
		if !ok {
			continue
		}
		if fault, hint := globFault(glob); fault != "" {
			item.problem(diag.RulePath, hint, "%s %s", diag.Quote(glob), fault)
			continue
		}
		patterns = append(patterns, Pattern{Glob: glob, Pos: item.pos()})
	}
	return patterns
}

// decodeManage reads a list of SKUs, or a word for a set of them.
func decodeManage(v value) Manage {
	const hint = "write the SKUs that may be changed, or remove the key for all that policies mention"
	if v.isText() {
		mode, _ := v.choice(manageWords()...)
		return Manage{Mode: ManageMode(mode), Pos: v.pos()}
	}
	skus := decodeSKUs(v, "a list of SKUs, all or mentioned", hint)
	reportTwice(v.doc.problems, "manage", skus, SKURef.folded)
	return Manage{Mode: ManageList, SKUs: skus, Pos: v.pos()}
}

// decodeOneOf reads `{base: [SPE_E5, SPE_E3]}`. An empty mapping has no set.
func decodeOneOf(v value) []OneOf {
	var sets []OneOf
	for _, entry := range v.filled("a mapping from names to lists of SKUs") {
		set := OneOf{Name: entry.name(), Pos: entry.keyPos()}
		checkName(entry, set.Pos, set.Name)
		set.SKUs = decodeSKUs(entry, "a list of SKUs", "write the SKUs of which a user holds one")
		if len(set.SKUs) == 1 {
			entry.problem(diag.RuleValue, "write two or more SKUs, or remove the line", "a set of one SKU has no effect")
		}
		sets = append(sets, set)
	}
	slices.SortFunc(sets, func(a, b OneOf) int { return cmp.Compare(a.Name, b.Name) })
	reportShared(v.doc.problems, sets, SKURef.folded)
	return sets
}

// decodeSeats reads `{SPE_E5: {reserve: 25}}`. An empty mapping reserves nothing.
func decodeSeats(v value) []Reserve {
	var reserves []Reserve
	var skus []SKURef
	for _, entry := range v.filled("a mapping from SKUs to seats") {
		name, named := entry.keyWord()
		if !named {
			continue
		}
		reserve := Reserve{SKU: SKURef{Name: name, Pos: entry.keyPos()}}
		written := entry.fields(seatsMapping, keys{
			"reserve": func(v value) { reserve.Seats, _ = v.wholeNumber(0, math.MaxInt32) },
		})
		entry.complete(seatsMapping, entry.keyPos(), written)
		reserves = append(reserves, reserve)
		skus = append(skus, reserve.SKU)
	}
	reportTwice(v.doc.problems, "seats", skus, SKURef.folded)
	return reserves
}

// decodeGuards reads the limits of guards: of every guard that has a limit which settings
// can change.
func decodeGuards(v value, guards guard.Table) GuardLimits {
	limits, known := GuardLimits{}, keys{}
	for _, row := range guards.Rows() {
		if slices.ContainsFunc(row.Settings, changeable) {
			known[string(row.Name)] = func(v value) { limits[row.Name] = decodeLimit(v, row) }
		}
	}
	v.fields(guardsMapping(guards), known)
	return limits
}

func changeable(s guard.Setting) bool { return !s.Fixed }

func decodeLimit(v value, row guard.Row) GuardLimit {
	limit, known := GuardLimit{}, keys{}
	for _, s := range row.Settings {
		if !changeable(s) {
			continue
		}
		known[string(s.Key)] = func(v value) {
			if n, ok := v.wholeNumber(0, mostOf(s)); ok {
				limit[s.Key] = n
			}
		}
	}
	written := v.fields(limitMapping(row), known)
	if v.isMapping() && len(written) == 0 {
		v.problem(diag.RuleValue, "write {users: 10}, or remove the guard for its default", "the guard has no limit")
	}
	return limit
}
