package sandbox

import (
	"slices"
	"strings"
)

// directoryObject is a user or a group, where a collection holds both.
type directoryObject struct {
	user  *user
	group *group
}

func (d directoryObject) id() string {
	if d.user != nil {
		return d.user.id
	}
	return d.group.id
}

func asUsers(users []*user) []directoryObject {
	out := make([]directoryObject, 0, len(users))
	for _, u := range users {
		out = append(out, directoryObject{user: u})
	}
	return out
}

func asGroups(groups []*group) []directoryObject {
	out := make([]directoryObject, 0, len(groups))
	for _, g := range groups {
		out = append(out, directoryObject{group: g})
	}
	return out
}

func sortObjects(all []directoryObject) []directoryObject {
	slices.SortFunc(all, func(a, b directoryObject) int { return strings.Compare(a.id(), b.id()) })
	return slices.CompactFunc(all, func(a, b directoryObject) bool { return a.id() == b.id() })
}

// hidesMembers tells whether a group shows its members to those alone who may read
// hidden ones (Member.Read.Hidden).
func (g *group) hidesMembers() bool { return g.attributes["visibility"] == "HiddenMembership" }

// membersOf are the direct members of a group.
func membersOf(g *group) []directoryObject {
	return sortObjects(append(asUsers(g.members), asGroups(g.nested)...))
}

// allMembersOf are the members of a group and of the groups in it, each once.
func allMembersOf(g *group) []directoryObject {
	var out []directoryObject
	for _, inner := range reach(g, func(g *group) []*group { return g.nested }) {
		out = append(out, membersOf(inner)...)
	}
	return sortObjects(out)
}

// reach are a group and all that can be reached from it, itself first.
func reach(g *group, onward func(*group) []*group) []*group {
	out := []*group{g}
	for i := 0; i < len(out); i++ {
		for _, next := range onward(out[i]) {
			if !slices.Contains(out, next) {
				out = append(out, next)
			}
		}
	}
	return out
}

func groupsOf(g *group) []*group { return g.memberOf }

// allGroupsAbove are groups and those that they are members of, each once.
func allGroupsAbove(groups []*group) []directoryObject {
	var out []directoryObject
	for _, g := range groups {
		out = append(out, asGroups(reach(g, groupsOf))...)
	}
	return sortObjects(out)
}

// withErrors are the members of a group whom it could not license as it should.
func (t *Tenant) withErrors(g *group) []*user {
	var out []*user
	for _, u := range t.users {
		if slices.ContainsFunc(u.state.inherited, func(p inherited) bool { return p.group == g && p.failureReason != "" }) {
			out = append(out, u)
		}
	}
	return out
}

// group finds a group by object id.
func (t *Tenant) group(key string) (*group, bool) {
	g, ok := t.groupByID[strings.ToLower(key)]
	return g, ok
}

// objects are those that exist of some ids, in the order of their ids.
func (t *Tenant) objects(ids []string) []directoryObject {
	var out []directoryObject
	for _, id := range ids {
		if g, ok := t.group(id); ok {
			out = append(out, directoryObject{group: g})
		} else if u, ok := t.user(id); ok && u.id == id {
			out = append(out, directoryObject{user: u})
		}
	}
	return sortObjects(out)
}
