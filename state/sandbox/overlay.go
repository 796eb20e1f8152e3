package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// ErrOtherTenant says that kept changes belong to another tenant file, or to
// the same file before it was edited.
var ErrOtherTenant = errors.New("the changes were made on another tenant file")

// overlayVersion is the version of the overlay's format.
const overlayVersion = 1

// overlay is the JSON form of what has changed against the tenant file.
type overlay struct {
	Version    int               `json:"version"`
	TenantFile string            `json:"tenantFile"`       // digest, "sha256:<hex>"
	Users      []json.RawMessage `json:"users"`            // of overlayUser, by id
	Groups     []json.RawMessage `json:"groups,omitempty"` // of overlayGroup, by id
}

// overlayUser is the whole changeable state of one changed user.
type overlayUser struct {
	ID               string           `json:"id"`
	UsageLocation    string           `json:"usageLocation,omitempty"`
	AssignedLicenses []overlayLicence `json:"assignedLicenses"` // the direct ones

	// Paths through groups, where they are not what the file says.
	Inherited *[]overlayPath `json:"licenseAssignmentStates,omitempty"`
}

// overlayPath is a path through a group.
type overlayPath struct {
	overlayLicence

	AssignedByGroup string `json:"assignedByGroup"` // id
	State           string `json:"state"`
	Error           string `json:"error,omitempty"`
}

// overlayGroup is the whole changeable state of one changed group.
type overlayGroup struct {
	ID               string           `json:"id"`
	AssignedLicenses []overlayLicence `json:"assignedLicenses"`
	Asked            *time.Time       `json:"queuedDateTime,omitempty"` // while its members wait
}

type overlayLicence struct {
	SKUID         string    `json:"skuId"`
	DisabledPlans []string  `json:"disabledPlans"`
	LastUpdated   time.Time `json:"lastUpdatedDateTime"`
}

// Overlay returns what has changed against the tenant file, as JSON: only users
// and groups whose state differs, by id, so that the same changes are the same bytes.
func (t *Tenant) Overlay() []byte {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.overlay()
}

func (t *Tenant) overlay() []byte {
	o := overlay{Version: overlayVersion, TenantFile: t.digest, Users: []json.RawMessage{}}
	for _, id := range slices.Sorted(maps.Keys(t.changed)) {
		if t.groupByID[id] != nil {
			o.Groups = append(o.Groups, t.changed[id])
		} else {
			o.Users = append(o.Users, t.changed[id])
		}
	}
	return ordered.Encode(o)
}

// change is an overlay of some users and groups alone, in the state they have now,
// even if that is the file's again: behind others it takes their place.
func (t *Tenant) change(users []*user, groups ...*group) []byte {
	o := overlay{Version: overlayVersion, TenantFile: t.digest, Users: []json.RawMessage{}}
	for _, u := range users {
		o.Users = append(o.Users, kept(u))
	}
	for _, g := range groups {
		o.Groups = append(o.Groups, keptGroup(g))
	}
	return append(ordered.Encode(o), '\n')
}

// track notes whether a user now differs from the file.
func (t *Tenant) track(u *user) {
	if u.state.equal(u.file) {
		delete(t.changed, u.id)
		return
	}
	t.changed[u.id] = kept(u)
}

// trackGroup notes whether a group now differs from the file.
func (t *Tenant) trackGroup(g *group) {
	if g.state.equal(g.file) {
		delete(t.changed, g.id)
		return
	}
	t.changed[g.id] = keptGroup(g)
}

// kept is the changeable state of a user.
func kept(u *user) []byte {
	kept := overlayUser{ID: u.id, UsageLocation: u.state.location, AssignedLicenses: keptLicences(u.state.direct)}
	if !slices.EqualFunc(u.state.inherited, u.file.inherited, inherited.equal) {
		paths := []overlayPath{}
		for _, p := range u.state.inherited {
			paths = append(paths, overlayPath{overlayLicence: keptLicence(p.licence), AssignedByGroup: p.group.id,
				State: p.state, Error: p.failureReason})
		}
		kept.Inherited = &paths
	}
	return ordered.Encode(kept)
}

func keptGroup(g *group) []byte {
	kept := overlayGroup{ID: g.id, AssignedLicenses: keptLicences(g.state.licences)}
	if g.state.waiting() {
		asked := g.state.asked.UTC()
		kept.Asked = &asked
	}
	return ordered.Encode(kept)
}

func keptLicences(licences []licence) []overlayLicence {
	kept := make([]overlayLicence, 0, len(licences))
	for _, l := range licences {
		kept = append(kept, keptLicence(l))
	}
	return kept
}

func keptLicence(l licence) overlayLicence {
	return overlayLicence{SKUID: l.sku.id, DisabledPlans: orEmpty(l.off), LastUpdated: l.updated.UTC()}
}

func (s userState) equal(other userState) bool {
	return s.location == other.location && slices.EqualFunc(s.direct, other.direct, licence.equal) &&
		slices.EqualFunc(s.inherited, other.inherited, inherited.equal)
}

func (s groupState) equal(other groupState) bool {
	return s.asked.Equal(other.asked) && slices.EqualFunc(s.licences, other.licences, licence.equal)
}

func (p inherited) equal(other inherited) bool {
	return p.licence.equal(other.licence) && p.group == other.group && p.state == other.state && p.failureReason == other.failureReason
}

func (l licence) equal(other licence) bool {
	return l.sku == other.sku && slices.Equal(l.off, other.off) && l.updated.Equal(other.updated)
}

// Restore replaces the tenant's changes by those of an earlier [Tenant.Overlay] and
// of whatever Changed was given since, one behind the other. A last one that is cut
// off was never answered and counts for nothing. Changes made on another tenant file
// are refused with [ErrOtherTenant]; a refusal changes nothing.
func (t *Tenant) Restore(data []byte) error {
	states, err := t.replay(data)
	if err != nil {
		return fmt.Errorf("restore sandbox changes: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = map[string][]byte{}
	for _, u := range t.users {
		u.state = u.file
		if s, ok := states.users[u]; ok {
			u.state = s
			t.track(u)
		}
	}
	t.queued = nil
	for _, g := range t.groups {
		g.state = g.file
		if s, ok := states.groups[g]; ok {
			t.setGroup(g, s)
		}
	}
	t.count()
	return nil
}

// restored is what overlays say.
type restored struct {
	tenant *Tenant
	users  map[*user]userState
	groups map[*group]groupState
}

// replay reads overlays one behind the other; the last word on a user or group
// counts.
func (t *Tenant) replay(data []byte) (restored, error) {
	states := restored{tenant: t, users: map[*user]userState{}, groups: map[*group]groupState{}}
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var o overlay
		switch err := decoder.Decode(&o); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && len(states.users)+len(states.groups) > 0:
			return states, nil
		case err != nil:
			return restored{}, err
		case o.Version != overlayVersion:
			return restored{}, fmt.Errorf("version %d is not %d", o.Version, overlayVersion)
		case o.TenantFile != t.digest:
			return restored{}, ErrOtherTenant
		}
		for _, raw := range o.Users {
			if err := states.user(raw); err != nil {
				return restored{}, err
			}
		}
		for _, raw := range o.Groups {
			if err := states.group(raw); err != nil {
				return restored{}, err
			}
		}
	}
}

func (r restored) user(raw json.RawMessage) error {
	var kept overlayUser
	if err := json.Unmarshal(raw, &kept); err != nil {
		return err
	}
	u, ok := r.tenant.user(kept.ID)
	if !ok {
		return fmt.Errorf("no user %s", strict.Quoted(kept.ID))
	}
	direct, err := r.licences(kept.AssignedLicenses)
	if err != nil {
		return fmt.Errorf("user %s: %w", u.upn, err)
	}
	s := userState{location: kept.UsageLocation, direct: direct, inherited: u.file.inherited}
	if kept.Inherited != nil {
		if s.inherited, err = r.paths(*kept.Inherited); err != nil {
			return fmt.Errorf("user %s: %w", u.upn, err)
		}
	}
	r.users[u] = s
	return nil
}

func (r restored) group(raw json.RawMessage) error {
	var kept overlayGroup
	if err := json.Unmarshal(raw, &kept); err != nil {
		return err
	}
	g := r.tenant.groupByID[kept.ID]
	if g == nil {
		return fmt.Errorf("no group %s", strict.Quoted(kept.ID))
	}
	licences, err := r.licences(kept.AssignedLicenses)
	if err != nil {
		return fmt.Errorf("group %s: %w", g.id, err)
	}
	s := groupState{licences: licences}
	if kept.Asked != nil {
		s.asked = *kept.Asked
	}
	r.groups[g] = s
	return nil
}

func (r restored) paths(kept []overlayPath) ([]inherited, error) {
	var out []inherited
	for _, k := range kept {
		l, err := r.licence(k.overlayLicence)
		if err != nil {
			return nil, err
		}
		g := r.tenant.groupByID[k.AssignedByGroup]
		if g == nil {
			return nil, fmt.Errorf("no group %s", strict.Quoted(k.AssignedByGroup))
		}
		if slices.ContainsFunc(out, func(p inherited) bool { return p.of(g, l.sku) }) {
			return nil, fmt.Errorf("the path of %s by group %s is listed twice", l.sku.partNumber, g.id)
		}
		out = append(out, inherited{licence: l, group: g, state: k.State, failureReason: k.Error})
	}
	slices.SortFunc(out, comparePaths)
	return out, nil
}

func (r restored) licences(kept []overlayLicence) ([]licence, error) {
	var out []licence
	for _, k := range kept {
		l, err := r.licence(k)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(have licence) bool { return have.sku == l.sku }) {
			return nil, fmt.Errorf("%s is listed twice", l.sku.partNumber)
		}
		out = append(out, l)
	}
	slices.SortFunc(out, compareLicences)
	return out, nil
}

func (r restored) licence(kept overlayLicence) (licence, error) {
	s := r.tenant.skuByID[kept.SKUID]
	if s == nil {
		return licence{}, fmt.Errorf("no SKU %s", strict.Quoted(kept.SKUID))
	}
	for _, p := range kept.DisabledPlans {
		if _, ok := s.plan(p); !ok {
			return licence{}, fmt.Errorf("no service plan %s in %s", strict.Quoted(p), s.partNumber)
		}
	}
	slices.Sort(kept.DisabledPlans)
	return licence{sku: s, off: kept.DisabledPlans, updated: kept.LastUpdated}, nil
}
