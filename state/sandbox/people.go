package sandbox

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// fileTime is when everything in the file happened that does not say so.
var fileTime = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// countryCode is the form of a usageLocation, ISO 3166-1 alpha-2.
var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// readUser reads an account without its licences, which name SKUs and groups.
func (r *fileReader) readUser(n *yaml.Node) strict.Object {
	o := r.Object(n, "a user", append(names(userAttributes),
		"id", "userPrincipalName", "accountEnabled", "usageLocation", "assignedLicenses", "licenseAssignmentStates"))
	u := &user{
		id:         r.GUID(o, "id"),
		upn:        r.Required(o, "userPrincipalName", "a user"),
		enabled:    r.Flag(o, "accountEnabled", true),
		attributes: r.attributes(o, userAttributes),
	}
	if u.id == "" {
		u.id = guid.Derived(r.tenant.organization.id, "user", strings.ToLower(u.upn))
	}
	u.attributes["userType"] = r.Word(o, "userType", "Member", "Guest")
	u.file.location = r.Text(o, "usageLocation")
	if u.file.location != "" && !countryCode.MatchString(u.file.location) {
		r.Problem(o.At("usageLocation"), "usageLocation must be two capital letters, not %s", strict.Quoted(u.file.location))
	}
	if u.upn != "" && !strings.Contains(u.upn, "@") {
		r.Problem(o.At("userPrincipalName"), "userPrincipalName %s has no @", strict.Quoted(u.upn))
	}
	r.keepUser(u, o)
	return o
}

// keepUser adds a user whose names nobody else has. One that cannot be found by
// his names stays in the list, so that users and their nodes keep in step.
func (r *fileReader) keepUser(u *user, o strict.Object) {
	r.tenant.users = append(r.tenant.users, u)
	for _, key := range []struct{ property, value string }{
		{"userPrincipalName", strings.ToLower(u.upn)},
		{"id", u.id},
	} {
		if r.tenant.userByKey[key.value] != nil && u.upn != "" {
			r.Problem(o.At(key.property), "%s %s is listed twice", key.property, strict.Quoted(key.value))
			return
		}
		r.tenant.userByKey[key.value] = u
	}
}

// readGroup reads a group without its members, who may be groups that follow.
func (r *fileReader) readGroup(n *yaml.Node) {
	o := r.Object(n, "a group", append(names(groupAttributes), "id", "assignedLicenses", "members"))
	g := &group{id: r.GUID(o, "id"), attributes: r.attributes(o, groupAttributes)}
	name := r.Required(o, "displayName", "a group")
	if g.id == "" {
		g.id = guid.Derived(r.tenant.organization.id, "group", name)
	}
	g.attributes["securityEnabled"] = r.Flag(o, "securityEnabled", true)
	g.attributes["mailEnabled"] = r.Flag(o, "mailEnabled", false)
	g.file.licences = r.licences(o, "assignedLicenses")
	if len(g.file.licences) > 0 && g.attributes["securityEnabled"] == false {
		r.Problem(o.At("assignedLicenses"), "group %s is not securityEnabled: it cannot hold licences", strict.Quoted(name))
	}
	if r.tenant.groupByID[g.id] != nil || r.tenant.userByKey[g.id] != nil {
		r.Problem(o.At("id"), "the id %s of group %s is in use already", g.id, strict.Quoted(name))
		return
	}
	r.tenant.groups = append(r.tenant.groups, g)
	r.tenant.groupByID[g.id] = g
	r.groupByName[name] = append(r.groupByName[name], g)
	r.memberLists = append(r.memberLists, memberList{g, r.List(o, "members")})
}

// memberList is what a group's members are to be read from.
type memberList struct {
	group *group
	nodes []*yaml.Node
}

// readMembers reads the members of a group: users by their names or id, groups
// by their id or as {group: NAME}.
func (r *fileReader) readMembers(m memberList) {
	listed := map[*user]bool{}
	for _, n := range m.nodes {
		if n.Kind == yaml.MappingNode {
			r.readNested(m.group, n)
			continue
		}
		key := r.ScalarText(n, "a member")
		u, ok := r.tenant.user(key)
		inner := r.tenant.groupByID[strings.ToLower(key)]
		switch {
		case key == "":
		case inner != nil:
			r.nest(m.group, inner, n)
		case !ok:
			r.Problem(n, "no user %s%s", strict.Quoted(key), strict.DidYouMean(key, r.principalNames()))
		case listed[u]:
			r.Problem(n, "member %s is listed twice", strict.Quoted(key))
		default:
			listed[u] = true
			m.group.members = append(m.group.members, u)
		}
	}
}

func (r *fileReader) readNested(g *group, n *yaml.Node) {
	o := r.Object(n, "a member", []string{"group"})
	if !o.Has("group") {
		r.Problem(n, "a member is a user, or {group: NAME}")
		return
	}
	if inner, ok := r.findGroup(o.At("group")); ok {
		r.nest(g, inner, n)
	}
}

func (r *fileReader) nest(g, inner *group, n *yaml.Node) {
	if slices.Contains(g.nested, inner) {
		r.Problem(n, "member %s is listed twice", strict.Quoted(inner.id))
		return
	}
	g.nested = append(g.nested, inner)
}

func (r *fileReader) principalNames() []string {
	out := make([]string, 0, len(r.tenant.users))
	for _, u := range r.tenant.users {
		out = append(out, u.upn)
	}
	return out
}

func (r *fileReader) readUserLicences(u *user, o strict.Object) {
	u.file.direct = r.licences(o, "assignedLicenses")
	for _, n := range r.List(o, "licenseAssignmentStates") {
		r.readPath(u, n)
	}
}

// readPath reads a path through a group whose state the file states itself.
func (r *fileReader) readPath(u *user, n *yaml.Node) {
	o := r.Object(n, "a license assignment state",
		[]string{"skuId", "sku", "assignedByGroup", "state", "error", "disabledPlans", "lastUpdatedDateTime"})
	if !o.Has("assignedByGroup") {
		r.Problem(n, "a path without assignedByGroup is direct: write it in assignedLicenses")
		return
	}
	l, known := r.licence(n, o)
	g, found := r.findGroup(o.At("assignedByGroup"))
	if !known || !found {
		return
	}
	p := inherited{licence: l, group: g}
	p.state = r.Word(o, "state", stateActive, stateActiveWithError, stateDisabled, stateError)
	p.failureReason = r.failureReason(o, p.state)
	if slices.ContainsFunc(u.file.inherited, func(q inherited) bool { return q.of(g, l.sku) }) {
		r.Problem(n, "the path of %s by this group is listed twice", l.sku.partNumber)
		return
	}
	u.file.inherited = append(u.file.inherited, p)
}

// failureReason reads why a path is not well; "None" and absence mean that it is.
func (r *fileReader) failureReason(o strict.Object, state string) string {
	reason := r.Word(o, "error", "None", reasonCount, reasonExclusive, reasonDependency, reasonProhibited, reasonUnique, reasonOther)
	wanted := state == stateError || state == stateActiveWithError
	switch {
	case wanted && reason == "None":
		r.Problem(o.At("error"), "a path in state %s needs error", state)
	case !wanted && reason != "None":
		r.Problem(o.At("error"), "a path in state %s has no error", state)
	}
	return strings.TrimPrefix(reason, "None")
}

func (r *fileReader) findGroup(n *yaml.Node) (*group, bool) {
	key := r.ScalarText(n, "assignedByGroup")
	if g := r.tenant.groupByID[strings.ToLower(key)]; g != nil {
		return g, true
	}
	switch named := r.groupByName[key]; len(named) {
	case 1:
		return named[0], true
	case 0:
		r.Problem(n, "no group %s%s", strict.Quoted(key), strict.DidYouMean(key, slices.Sorted(maps.Keys(r.groupByName))))
	default:
		r.Problem(n, "several groups are named %s: write the id", strict.Quoted(key))
	}
	return nil, false
}

// licences reads a list of assigned licences, short ("SPE_E3") or long, sorted
// by SKU.
func (r *fileReader) licences(o strict.Object, key string) []licence {
	var out []licence
	for _, n := range r.List(o, key) {
		l, ok := r.assignedLicence(n)
		switch {
		case !ok:
		case slices.ContainsFunc(out, func(have licence) bool { return have.sku == l.sku }):
			r.Problem(n, "%s is listed twice", l.sku.partNumber)
		default:
			out = append(out, l)
		}
	}
	slices.SortFunc(out, compareLicences)
	return out
}

func (r *fileReader) assignedLicence(n *yaml.Node) (licence, bool) {
	if n.Kind == yaml.ScalarNode {
		s, ok := r.findSKU(n)
		return licence{sku: s, updated: fileTime}, ok
	}
	o := r.Object(n, "an assigned license", []string{"skuId", "sku", "disabledPlans", "lastUpdatedDateTime"})
	return r.licence(n, o)
}

// licence reads the keys that assigned licences and paths have in common.
func (r *fileReader) licence(n *yaml.Node, o strict.Object) (licence, bool) {
	if o.Has("sku") == o.Has("skuId") {
		r.Problem(n, "write either sku or skuId")
		return licence{}, false
	}
	key := "sku"
	if o.Has("skuId") {
		key = "skuId"
	}
	s, ok := r.findSKU(o.At(key))
	if !ok {
		return licence{}, false
	}
	l := licence{sku: s, updated: r.Instant(o, "lastUpdatedDateTime", fileTime)}
	for _, p := range r.List(o, "disabledPlans") {
		if id, ok := r.findPlan(p, s); ok {
			l.off = append(l.off, id)
		}
	}
	slices.Sort(l.off)
	l.off = slices.Compact(l.off)
	return l, true
}

func (r *fileReader) findSKU(n *yaml.Node) (*sku, bool) {
	key := strings.ToLower(r.ScalarText(n, "a SKU"))
	if s := r.tenant.skuByID[key]; s != nil {
		return s, true
	}
	switch named := r.skusByName[key]; len(named) {
	case 1:
		return named[0], true
	case 0:
		r.Problem(n, "no subscribedSku %s%s", strict.Quoted(n.Value), strict.DidYouMean(n.Value, r.partNumbers()))
	default:
		r.Problem(n, "several subscribedSkus are named %s: write the skuId", strict.Quoted(n.Value))
	}
	return nil, false
}

func (r *fileReader) partNumbers() []string {
	out := make([]string, 0, len(r.tenant.skus))
	for _, s := range r.tenant.skus {
		out = append(out, s.partNumber)
	}
	return out
}

func (r *fileReader) findPlan(n *yaml.Node, s *sku) (string, bool) {
	key := r.ScalarText(n, "a service plan")
	known := make([]string, 0, len(s.plans))
	for _, p := range s.plans {
		if strings.EqualFold(p.ID, key) || strings.EqualFold(p.Name, key) {
			return p.ID, true
		}
		known = append(known, p.Name)
	}
	r.Problem(n, "no service plan %s in %s%s", strict.Quoted(key), s.partNumber, strict.DidYouMean(key, known))
	return "", false
}
