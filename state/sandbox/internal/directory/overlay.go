package directory

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

// ErrOtherTenant reports that kept changes belong to another tenant file, or to the same
// file before it was edited.
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
	AssignedLicenses []overlayLicense `json:"assignedLicenses"` // the direct ones

	// Paths through groups, if they differ from the file.
	Inherited *[]overlayPath `json:"licenseAssignmentStates,omitempty"`
}

// overlayPath is a path through a group.
type overlayPath struct {
	overlayLicense

	AssignedByGroup string `json:"assignedByGroup"` // id
	State           string `json:"state"`
	Error           string `json:"error,omitempty"`
}

// overlayGroup is the whole changeable state of one changed group.
type overlayGroup struct {
	ID               string           `json:"id"`
	AssignedLicenses []overlayLicense `json:"assignedLicenses"`
	Asked            *time.Time       `json:"queuedDateTime,omitempty"` // while its members wait
}

type overlayLicense struct {
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
	o := overlay{Version: overlayVersion, TenantFile: t.Digest, Users: []json.RawMessage{}}
	for _, id := range slices.Sorted(maps.Keys(t.changed)) {
		if t.groupByID[id] != nil {
			o.Groups = append(o.Groups, t.changed[id])
		} else {
			o.Users = append(o.Users, t.changed[id])
		}
	}
	return ordered.Encode(o)
}

// change returns an overlay of some users and groups alone, in the state they have now. It
// includes a state that is that of the file again, because an overlay replaces the entries
// of earlier ones.
func (t *Tenant) change(users []*User, groups ...*Group) []byte {
	o := overlay{Version: overlayVersion, TenantFile: t.Digest, Users: []json.RawMessage{}}
	for _, u := range users {
		o.Users = append(o.Users, kept(u))
	}
	for _, g := range groups {
		o.Groups = append(o.Groups, keptGroup(g))
	}
	return append(ordered.Encode(o), '\n')
}

// track notes whether a user now differs from the file.
func (t *Tenant) track(u *User) {
	if u.State.equal(u.file) {
		delete(t.changed, u.ID)
		return
	}
	t.changed[u.ID] = kept(u)
}

// trackGroup notes whether a group now differs from the file.
func (t *Tenant) trackGroup(g *Group) {
	if g.State.equal(g.file) {
		delete(t.changed, g.ID)
		return
	}
	t.changed[g.ID] = keptGroup(g)
}

// kept returns the changeable state of a user.
func kept(u *User) []byte {
	kept := overlayUser{ID: u.ID, UsageLocation: u.State.Location, AssignedLicenses: keptLicenses(u.State.Direct)}
	if !slices.EqualFunc(u.State.Inherited, u.file.Inherited, Inherited.equal) {
		paths := []overlayPath{}
		for _, p := range u.State.Inherited {
			paths = append(paths, overlayPath{overlayLicense: keptLicense(p.License), AssignedByGroup: p.Group.ID,
				State: p.State, Error: p.failureReason})
		}
		kept.Inherited = &paths
	}
	return ordered.Encode(kept)
}

func keptGroup(g *Group) []byte {
	kept := overlayGroup{ID: g.ID, AssignedLicenses: keptLicenses(g.State.Licenses)}
	if g.State.waiting() {
		asked := g.State.asked.UTC()
		kept.Asked = &asked
	}
	return ordered.Encode(kept)
}

func keptLicenses(licenses []License) []overlayLicense {
	kept := make([]overlayLicense, 0, len(licenses))
	for _, l := range licenses {
		kept = append(kept, keptLicense(l))
	}
	return kept
}

func keptLicense(l License) overlayLicense {
	return overlayLicense{SKUID: l.SKU.ID, DisabledPlans: orEmpty(l.Off), LastUpdated: l.updated.UTC()}
}

func (s UserState) equal(other UserState) bool {
	return s.Location == other.Location && slices.EqualFunc(s.Direct, other.Direct, License.equal) &&
		slices.EqualFunc(s.Inherited, other.Inherited, Inherited.equal)
}

func (s groupState) equal(other groupState) bool {
	return s.asked.Equal(other.asked) && slices.EqualFunc(s.Licenses, other.Licenses, License.equal)
}

func (p Inherited) equal(other Inherited) bool {
	return p.License.equal(other.License) && p.Group == other.Group && p.State == other.State && p.failureReason == other.failureReason
}

func (l License) equal(other License) bool {
	return l.SKU == other.SKU && slices.Equal(l.Off, other.Off) && l.updated.Equal(other.updated)
}

// Restore replaces the tenant's changes by those of an earlier [Tenant.Overlay] and of the
// lines that Changed was given since, one after the other. A last line that is cut off was
// never answered and is ignored. Changes made on another tenant file are refused with
// [ErrOtherTenant]. A refusal changes nothing.
func (t *Tenant) Restore(data []byte) error {
	states, err := t.replay(data)
	if err != nil {
		return fmt.Errorf("restore sandbox changes: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = map[string][]byte{}
	for _, u := range t.Users {
		u.State = u.file
		if s, ok := states.users[u]; ok {
			u.State = s
			t.track(u)
		}
	}
	t.queued = nil
	for _, g := range t.Groups {
		g.State = g.file
		if s, ok := states.groups[g]; ok {
			t.setGroup(g, s)
		}
	}
	t.countSeats()
	return nil
}

// restored is the content of overlays.
type restored struct {
	tenant *Tenant
	users  map[*User]UserState
	groups map[*Group]groupState
}

// replay reads overlays one after the other. The last entry of a user or group counts.
func (t *Tenant) replay(data []byte) (restored, error) {
	states := restored{tenant: t, users: map[*User]UserState{}, groups: map[*Group]groupState{}}
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var o overlay
		switch err := decoder.Decode(&o); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && len(states.users)+len(states.groups) > 0:
			return states, nil
		case err != nil:
			return restored{}, err
		case o.Version != overlayVersion:
			return restored{}, fmt.Errorf("version %d is not %d", o.Version, overlayVersion)
		case o.TenantFile != t.Digest:
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
	u, ok := r.tenant.User(kept.ID)
	if !ok {
		return fmt.Errorf("no user %s", strict.Quoted(kept.ID))
	}
	direct, err := r.licenses(kept.AssignedLicenses)
	if err != nil {
		return fmt.Errorf("user %s: %w", u.UPN, err)
	}
	s := UserState{Location: kept.UsageLocation, Direct: direct, Inherited: u.file.Inherited}
	if kept.Inherited != nil {
		if s.Inherited, err = r.paths(*kept.Inherited); err != nil {
			return fmt.Errorf("user %s: %w", u.UPN, err)
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
	licenses, err := r.licenses(kept.AssignedLicenses)
	if err != nil {
		return fmt.Errorf("group %s: %w", g.ID, err)
	}
	s := groupState{Licenses: licenses}
	if kept.Asked != nil {
		s.asked = *kept.Asked
	}
	r.groups[g] = s
	return nil
}

func (r restored) paths(kept []overlayPath) ([]Inherited, error) {
	var out []Inherited
	for _, k := range kept {
		l, err := r.license(k.overlayLicense)
		if err != nil {
			return nil, err
		}
		g := r.tenant.groupByID[k.AssignedByGroup]
		if g == nil {
			return nil, fmt.Errorf("no group %s", strict.Quoted(k.AssignedByGroup))
		}
		if slices.ContainsFunc(out, func(p Inherited) bool { return p.goesThrough(g, l.SKU) }) {
			return nil, fmt.Errorf("the path of %s by group %s is listed twice", l.SKU.PartNumber, g.ID)
		}
		out = append(out, Inherited{License: l, Group: g, State: k.State, failureReason: k.Error})
	}
	slices.SortFunc(out, comparePaths)
	return out, nil
}

func (r restored) licenses(kept []overlayLicense) ([]License, error) {
	var out []License
	for _, k := range kept {
		l, err := r.license(k)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(have License) bool { return have.SKU == l.SKU }) {
			return nil, fmt.Errorf("%s is listed twice", l.SKU.PartNumber)
		}
		out = append(out, l)
	}
	slices.SortFunc(out, compareLicenses)
	return out, nil
}

func (r restored) license(kept overlayLicense) (License, error) {
	s := r.tenant.skuByID[kept.SKUID]
	if s == nil {
		return License{}, fmt.Errorf("no SKU %s", strict.Quoted(kept.SKUID))
	}
	for _, p := range kept.DisabledPlans {
		if _, ok := s.Plan(p); !ok {
			return License{}, fmt.Errorf("no service plan %s in %s", strict.Quoted(p), s.PartNumber)
		}
	}
	slices.Sort(kept.DisabledPlans)
	return License{SKU: s, Off: kept.DisabledPlans, updated: kept.LastUpdated}, nil
}
