package directory

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

// FileTime is the time of everything in the file that has no time of its own.
var FileTime = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// CountryCode is the form of a usageLocation, ISO 3166-1 alpha-2.
var CountryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// readUser reads an account without its licenses, which name SKUs and groups.
func (r *fileReader) readUser(n *yaml.Node) strict.Object {
	o := r.Object(n, "a user", append(names(UserAttributes),
		"id", "userPrincipalName", "accountEnabled", "usageLocation", "assignedLicenses", "licenseAssignmentStates"))
	u := &User{
		ID:         r.GUID(o, "id"),
		UPN:        r.Required(o, "userPrincipalName", "a user"),
		Enabled:    r.Flag(o, "accountEnabled", true),
		Attributes: r.attributes(o, UserAttributes),
	}
	if u.ID == "" {
		u.ID = guid.Derived(r.tenant.Organization.ID, "user", strings.ToLower(u.UPN))
	}
	u.Attributes["userType"] = r.Word(o, "userType", "Member", "Guest")
	u.file.Location = r.Text(o, "usageLocation")
	if u.file.Location != "" && !CountryCode.MatchString(u.file.Location) {
		r.Problem(o.At("usageLocation"), "usageLocation must be two capital letters, not %s", strict.Quoted(u.file.Location))
	}
	if u.UPN != "" && !strings.Contains(u.UPN, "@") {
		r.Problem(o.At("userPrincipalName"), "userPrincipalName %s has no @", strict.Quoted(u.UPN))
	}
	r.keepUser(u, o)
	return o
}

// keepUser adds a user whose names are unique. One that cannot be found by their names
// stays in the list, so that users and their nodes keep in step.
func (r *fileReader) keepUser(u *User, o strict.Object) {
	r.tenant.Users = append(r.tenant.Users, u)
	for _, key := range []struct{ property, value string }{
		{"userPrincipalName", strings.ToLower(u.UPN)},
		{"id", u.ID},
	} {
		if r.tenant.userByKey[key.value] != nil && u.UPN != "" {
			r.Problem(o.At(key.property), "%s %s is listed twice", key.property, strict.Quoted(key.value))
			return
		}
		r.tenant.userByKey[key.value] = u
	}
}

// readGroup reads a group without its members, because members may be groups that follow in
// the file.
func (r *fileReader) readGroup(n *yaml.Node) {
	o := r.Object(n, "a group", append(names(GroupAttributes), "id", "assignedLicenses", "members"))
	g := &Group{ID: r.GUID(o, "id"), Attributes: r.attributes(o, GroupAttributes)}
	name := r.Required(o, "displayName", "a group")
	if g.ID == "" {
		g.ID = guid.Derived(r.tenant.Organization.ID, "group", name)
	}
	g.Attributes["securityEnabled"] = r.Flag(o, "securityEnabled", true)
	g.Attributes["mailEnabled"] = r.Flag(o, "mailEnabled", false)
	g.file.Licenses = r.licenses(o, "assignedLicenses")
	if len(g.file.Licenses) > 0 && g.Attributes["securityEnabled"] == false {
		r.Problem(o.At("assignedLicenses"), "group %s is not securityEnabled: it cannot hold licenses", strict.Quoted(name))
	}
	if r.tenant.groupByID[g.ID] != nil || r.tenant.userByKey[g.ID] != nil {
		r.Problem(o.At("id"), "the id %s of group %s is in use already", g.ID, strict.Quoted(name))
		return
	}
	r.tenant.Groups = append(r.tenant.Groups, g)
	r.tenant.groupByID[g.ID] = g
	r.groupByName[name] = append(r.groupByName[name], g)
	r.memberLists = append(r.memberLists, memberList{g, r.List(o, "members")})
}

// memberList is the source of a group's members.
type memberList struct {
	group *Group
	nodes []*yaml.Node
}

// readMembers reads the members of a group: users by their names or id, groups
// by their id or as {group: NAME}.
func (r *fileReader) readMembers(m memberList) {
	listed := map[*User]bool{}
	for _, n := range m.nodes {
		if n.Kind == yaml.MappingNode {
			r.readNested(m.group, n)
			continue
		}
		key := r.ScalarText(n, "a member")
		u, ok := r.tenant.User(key)
		inner := r.tenant.groupByID[strings.ToLower(key)]
		switch {
		case key == "":
		case inner != nil:
			r.nest(m.group, inner, n)
		case !ok:
			r.Problem(n, "no user %s%s", strict.Quoted(key), strict.DidYouMean(key, principalNames(r.tenant)))
		case listed[u]:
			r.Problem(n, "member %s is listed twice", strict.Quoted(key))
		default:
			listed[u] = true
			m.group.Members = append(m.group.Members, u)
		}
	}
}

func (r *fileReader) readNested(g *Group, n *yaml.Node) {
	o := r.Object(n, "a member", []string{"group"})
	if !o.Has("group") {
		r.Problem(n, "a member is a user, or {group: NAME}")
		return
	}
	if inner, ok := r.findGroup(o.At("group")); ok {
		r.nest(g, inner, n)
	}
}

func (r *fileReader) nest(g, inner *Group, n *yaml.Node) {
	if slices.Contains(g.Nested, inner) {
		r.Problem(n, "member %s is listed twice", strict.Quoted(inner.ID))
		return
	}
	g.Nested = append(g.Nested, inner)
}

func principalNames(t *Tenant) []string {
	out := make([]string, 0, len(t.Users))
	for _, u := range t.Users {
		out = append(out, u.UPN)
	}
	return out
}

func (r *fileReader) readUserLicenses(u *User, o strict.Object) {
	u.file.Direct = r.licenses(o, "assignedLicenses")
	for _, n := range r.List(o, "licenseAssignmentStates") {
		r.readPath(u, n)
	}
}

// readPath reads a path through a group whose state is in the file itself.
func (r *fileReader) readPath(u *User, n *yaml.Node) {
	o := r.Object(n, "a license assignment state",
		[]string{"skuId", "sku", "assignedByGroup", "state", "error", "disabledPlans", "lastUpdatedDateTime"})
	if !o.Has("assignedByGroup") {
		r.Problem(n, "a path without assignedByGroup is direct: write it in assignedLicenses")
		return
	}
	l, known := r.license(n, o)
	g, found := r.findGroup(o.At("assignedByGroup"))
	if !known || !found {
		return
	}
	p := Inherited{License: l, Group: g}
	p.State = r.Word(o, "state", StateActive, stateActiveWithError, stateDisabled, StateError)
	p.failureReason = r.failureReason(o, p.State)
	if slices.ContainsFunc(u.file.Inherited, func(q Inherited) bool { return q.goesThrough(g, l.SKU) }) {
		r.Problem(n, "the path of %s by this group is listed twice", l.SKU.PartNumber)
		return
	}
	u.file.Inherited = append(u.file.Inherited, p)
}

// failureReason reads why a path failed. "None" and absence mean that it did not.
func (r *fileReader) failureReason(o strict.Object, state string) string {
	reason := r.Word(o, "error", "None", reasonCount, reasonExclusive, reasonDependency, reasonProhibited, reasonUnique, ReasonOther)
	wanted := state == StateError || state == stateActiveWithError
	switch {
	case wanted && reason == "None":
		r.Problem(o.At("error"), "a path in state %s needs error", state)
	case !wanted && reason != "None":
		r.Problem(o.At("error"), "a path in state %s has no error", state)
	}
	return strings.TrimPrefix(reason, "None")
}

func (r *fileReader) findGroup(n *yaml.Node) (*Group, bool) {
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

// licenses reads a list of assigned licenses, short ("SPE_E3") or long, sorted
// by SKU.
func (r *fileReader) licenses(o strict.Object, key string) []License {
	var out []License
	for _, n := range r.List(o, key) {
		l, ok := r.assignedLicense(n)
		switch {
		case !ok:
		case slices.ContainsFunc(out, func(have License) bool { return have.SKU == l.SKU }):
			r.Problem(n, "%s is listed twice", l.SKU.PartNumber)
		default:
			out = append(out, l)
		}
	}
	slices.SortFunc(out, compareLicenses)
	return out
}

func (r *fileReader) assignedLicense(n *yaml.Node) (License, bool) {
	if n.Kind == yaml.ScalarNode {
		s, ok := r.findSKU(n)
		return License{SKU: s, updated: FileTime}, ok
	}
	o := r.Object(n, "an assigned license", []string{"skuId", "sku", "disabledPlans", "lastUpdatedDateTime"})
	return r.license(n, o)
}

// license reads the keys that assigned licenses and paths share.
func (r *fileReader) license(n *yaml.Node, o strict.Object) (License, bool) {
	if o.Has("sku") == o.Has("skuId") {
		r.Problem(n, "write either sku or skuId")
		return License{}, false
	}
	key := "sku"
	if o.Has("skuId") {
		key = "skuId"
	}
	s, ok := r.findSKU(o.At(key))
	if !ok {
		return License{}, false
	}
	l := License{SKU: s, updated: r.Instant(o, "lastUpdatedDateTime", FileTime)}
	for _, p := range r.List(o, "disabledPlans") {
		if id, ok := r.findPlan(p, s); ok {
			l.Off = append(l.Off, id)
		}
	}
	slices.Sort(l.Off)
	l.Off = slices.Compact(l.Off)
	return l, true
}

func (r *fileReader) findSKU(n *yaml.Node) (*SKU, bool) {
	key := strings.ToLower(r.ScalarText(n, "a SKU"))
	if s := r.tenant.skuByID[key]; s != nil {
		return s, true
	}
	switch named := r.skusByName[key]; len(named) {
	case 1:
		return named[0], true
	case 0:
		r.Problem(n, "no subscribedSku %s%s", strict.Quoted(n.Value), strict.DidYouMean(n.Value, partNumbers(r.tenant)))
	default:
		r.Problem(n, "several subscribedSkus are named %s: write the skuId", strict.Quoted(n.Value))
	}
	return nil, false
}

func partNumbers(t *Tenant) []string {
	out := make([]string, 0, len(t.SKUs))
	for _, s := range t.SKUs {
		out = append(out, s.PartNumber)
	}
	return out
}

func (r *fileReader) findPlan(n *yaml.Node, s *SKU) (string, bool) {
	key := r.ScalarText(n, "a service plan")
	known := make([]string, 0, len(s.Plans))
	for _, p := range s.Plans {
		if strings.EqualFold(p.ID, key) || strings.EqualFold(p.Name, key) {
			return p.ID, true
		}
		known = append(known, p.Name)
	}
	r.Problem(n, "no service plan %s in %s%s", strict.Quoted(key), s.PartNumber, strict.DidYouMean(key, known))
	return "", false
}
