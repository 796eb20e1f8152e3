package graph

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/state"
)

// groupSelect requests the attributes that a [state.Group] is made of, except members.
const groupSelect = "$select=id,displayName,assignedLicenses,isAssignableToRole"

// wireGroup is a group with the attributes of groupSelect ("group resource type").
type wireGroup struct {
	ID             state.GroupID `json:"id"`
	DisplayName    string        `json:"displayName"`
	RoleAssignable bool          `json:"isAssignableToRole"` // null: false
	Licenses       []struct {
		SKU      state.SKUID    `json:"skuId"`
		Disabled []state.PlanID `json:"disabledPlans"`
	} `json:"assignedLicenses"`
}

func (w *wireGroup) group() *state.Group {
	g := &state.Group{ID: w.ID, DisplayName: w.DisplayName, RoleAssignable: w.RoleAssignable}
	for _, l := range w.Licenses {
		g.Licenses = append(g.Licenses, state.License{SKU: l.SKU, Disabled: state.SortedPlans(l.Disabled)})
	}
	slices.SortFunc(g.Licenses, func(a, b state.License) int { return a.SKU.Compare(b.SKU) })
	return g
}

// wireMember is an element of a list of members, which can be users, groups, devices and
// more. If the display name of a user is null, the reader may not see the user. Then the
// list is not complete either ("List group members", hidden membership).
type wireMember struct {
	Type        string         `json:"@odata.type"`
	ID          state.UserID   `json:"id"`
	DisplayName field[*string] `json:"displayName"`
}

const typeUser = "#microsoft.graph.user"

// groupReader collects the groups of one read.
type groupReader struct {
	*Client
	found map[state.GroupID]*state.Group
}

// readGroups returns the groups that the query requests. Groups that policies name must
// be read. If a permission is missing, groups that only make a plan more careful are
// noted as unread. A group whose name cannot be read is known by its id.
func (c *Client) readGroups(ctx context.Context, q state.Query, namedGroups []state.GroupID, header *state.Header) error {
	r := groupReader{Client: c, found: map[state.GroupID]*state.Group{}}
	for _, id := range q.Everyone {
		if err := r.everyone(ctx, id); err != nil {
			return err
		}
	}
	if q.Licensing {
		if err := noteUnread(header, "groups that give licenses", r.licensing(ctx, header.SKUs)); err != nil {
			return err
		}
	}
	if q.Roles {
		if err := noteUnread(header, "members of role-assignable groups", r.roles(ctx)); err != nil {
			return err
		}
	}
	if q.Groups {
		if err := r.names(ctx, namedGroups); err != nil {
			return err
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(r.found), state.GroupID.Compare) {
		header.Groups = append(header.Groups, *r.found[id])
	}
	return nil
}

// noteUnread notes a missing permission, and a list that shows less than there is. It
// returns other errors.
func noteUnread(header *state.Header, what string, err error) error {
	if err == nil {
		return nil
	}
	if state.ReasonOf(err) != state.ReasonForbidden && !errors.Is(err, errHidden) {
		return err
	}
	header.Unread = append(header.Unread, fmt.Sprintf("%s: %v", what, err))
	return nil
}

// add keeps a group, or returns what was read of it before.
func (r groupReader) add(w *wireGroup) *state.Group {
	if known := r.found[w.ID]; known != nil {
		return known
	}
	r.found[w.ID] = w.group()
	return r.found[w.ID]
}

// everyone reads one group with its transitive members. One that does not exist is
// left out.
func (r groupReader) everyone(ctx context.Context, id state.GroupID) error {
	const op = "read group"
	raw, err := r.get(ctx, r.root.to("/groups/"+id.String(), groupSelect))
	if no, ok := errors.AsType[*refusal](err); ok && no.status == http.StatusNotFound && no.reason() == state.ReasonNotFound {
		return nil
	}
	if err != nil {
		return readFailure(ctx, op, err)
	}
	var w wireGroup
	if err := json.Unmarshal(raw, &w); err != nil || w.ID != id {
		return fmt.Errorf("%s %s: %w", op, id, ErrIncomplete)
	}
	g := r.add(&w)
	g.Everyone, err = r.members(ctx, id, "transitiveMembers")
	return err
}

// licensing reads every group that gives one of the SKUs, with its direct members. The
// group gives the SKUs only to them.
func (r groupReader) licensing(ctx context.Context, skus []state.SKU) error {
	var giving []*state.Group
	collect := func(w *wireGroup) error {
		if len(w.Licenses) > 0 && !slices.ContainsFunc(giving, func(g *state.Group) bool { return g.ID == w.ID }) {
			giving = append(giving, r.add(w))
		}
		return nil
	}
	for _, sku := range skus {
		if sku.AppliesTo != state.ScopeUser {
			continue
		}
		err := r.listGroups(ctx, "assignedLicenses/any(a:a/skuId eq "+sku.ID.String()+")", collect)
		if no, ok := errors.AsType[*state.Error](err); ok && no.Status == http.StatusBadRequest {
			// Microsoft does not document explicitly that groups support this filter.
			if err = r.listGroups(ctx, "", collect); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	for _, g := range giving {
		members, err := r.members(ctx, g.ID, "members")
		if err != nil {
			return err
		}
		g.Members = members
	}
	return nil
}

// roles reads the groups that can hold directory roles, with all their members.
func (r groupReader) roles(ctx context.Context) error {
	var assignable []*state.Group
	err := r.listGroups(ctx, "isAssignableToRole eq true", func(w *wireGroup) error {
		assignable = append(assignable, r.add(w))
		return nil
	})
	if err != nil {
		return err
	}
	for _, g := range assignable {
		if g.Everyone, err = r.members(ctx, g.ID, "transitiveMembers"); err != nil {
			return err
		}
	}
	return nil
}

func (r groupReader) listGroups(ctx context.Context, filter string, each func(*wireGroup) error) error {
	query := groupSelect + "&$top=999"
	if filter != "" {
		query += "&$filter=" + url.QueryEscape(filter)
	}
	return list(ctx, r.Client, "list groups", r.root.to("/groups", query), func(w *wireGroup) error {
		if w.ID.IsZero() {
			return fmt.Errorf("%w: a group without id", ErrIncomplete)
		}
		return each(w)
	}, func() {})
}

// errHidden reports that a list of members shows only their ids.
var errHidden = errors.New("the members are hidden from this credential (grant Member.Read.Hidden to read them)")

// members returns the users among the members of a group, sorted.
func (r groupReader) members(ctx context.Context, id state.GroupID, relation string) ([]state.UserID, error) {
	members := []state.UserID{}
	address := r.root.to("/groups/"+id.String()+"/"+relation, "$select=id,displayName&$top=999")
	err := list(ctx, r.Client, "list members of group "+id.String(), address, func(m *wireMember) error {
		switch {
		case m.Type != typeUser:
		case m.ID.IsZero():
			return fmt.Errorf("%w: a member without id", ErrIncomplete)
		case m.DisplayName.value == nil:
			return fmt.Errorf("%w: %w", ErrIncomplete, errHidden)
		default:
			members = append(members, m.ID)
		}
		return nil
	}, func() {})
	slices.SortFunc(members, state.UserID.Compare)
	return members, err
}

// names reads the names of groups. A group that cannot be read, because a permission is
// missing or the group is gone, has no name; that is not an error.
func (r groupReader) names(ctx context.Context, ids []state.GroupID) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id state.GroupID) bool { return r.found[id] != nil })
	for chunk := range slices.Chunk(ids, batchSize) {
		outcomes := r.exchange(ctx, readRequests(chunk, "/groups/%s?$select=id,displayName"), retryReads)
		if ctx.Err() != nil {
			return fmt.Errorf("read groups: %w", ctx.Err())
		}
		for i, id := range chunk {
			var w wireGroup
			if outcomes[i].err == nil && json.Unmarshal(outcomes[i].body, &w) != nil {
				w = wireGroup{}
			}
			r.found[id] = &state.Group{ID: id, DisplayName: w.DisplayName}
		}
	}
	return nil
}
