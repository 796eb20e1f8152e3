package directory

import (
	"slices"
	"strings"
)

// Object is a user or a group, where a collection holds both.
type Object struct {
	User  *User
	Group *Group
}

// ID returns the object id.
func (d Object) ID() string {
	if d.User != nil {
		return d.User.ID
	}
	return d.Group.ID
}

// AsUsers returns users as directory objects.
func AsUsers(users []*User) []Object {
	out := make([]Object, 0, len(users))
	for _, u := range users {
		out = append(out, Object{User: u})
	}
	return out
}

// AsGroups returns groups as directory objects.
func AsGroups(groups []*Group) []Object {
	out := make([]Object, 0, len(groups))
	for _, g := range groups {
		out = append(out, Object{Group: g})
	}
	return out
}

func sortObjects(all []Object) []Object {
	slices.SortFunc(all, func(a, b Object) int { return strings.Compare(a.ID(), b.ID()) })
	return slices.CompactFunc(all, func(a, b Object) bool { return a.ID() == b.ID() })
}

// HidesMembers reports whether a group shows its members only to callers that may read
// hidden ones (Member.Read.Hidden).
func (g *Group) HidesMembers() bool { return g.Attributes["visibility"] == "HiddenMembership" }

// MembersOf returns the direct members of a group.
func MembersOf(g *Group) []Object {
	return sortObjects(append(AsUsers(g.Members), AsGroups(g.Nested)...))
}

// AllMembersOf returns the members of a group and of the groups in it, each once.
func AllMembersOf(g *Group) []Object {
	var out []Object
	for _, inner := range Reach(g, func(g *Group) []*Group { return g.Nested }) {
		out = append(out, MembersOf(inner)...)
	}
	return sortObjects(out)
}

// Reach returns a group and all groups that can be reached from it. The group itself is
// first.
func Reach(g *Group, onward func(*Group) []*Group) []*Group {
	out := []*Group{g}
	for i := 0; i < len(out); i++ {
		for _, next := range onward(out[i]) {
			if !slices.Contains(out, next) {
				out = append(out, next)
			}
		}
	}
	return out
}

func groupsOf(g *Group) []*Group { return g.MemberOf }

// AllGroupsAbove returns groups and those that they are members of, each once.
func AllGroupsAbove(groups []*Group) []Object {
	var out []Object
	for _, g := range groups {
		out = append(out, AsGroups(Reach(g, groupsOf))...)
	}
	return sortObjects(out)
}

// MembersWithErrors returns the members of a group that it could not license as it should.
func (t *Tenant) MembersWithErrors(g *Group) []*User {
	var out []*User
	for _, u := range t.Users {
		if slices.ContainsFunc(u.State.Inherited, func(p Inherited) bool { return p.Group == g && p.failureReason != "" }) {
			out = append(out, u)
		}
	}
	return out
}

// Group returns the group with an object id.
func (t *Tenant) Group(key string) (*Group, bool) {
	g, ok := t.groupByID[strings.ToLower(key)]
	return g, ok
}

// Objects returns the objects that exist among some ids, in the order of their ids.
func (t *Tenant) Objects(ids []string) []Object {
	var out []Object
	for _, id := range ids {
		if g, ok := t.Group(id); ok {
			out = append(out, Object{Group: g})
		} else if u, ok := t.User(id); ok && u.ID == id {
			out = append(out, Object{User: u})
		}
	}
	return sortObjects(out)
}
