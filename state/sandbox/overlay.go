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
)

// ErrOtherTenant says that kept changes belong to another tenant file, or to
// the same file before it was edited.
var ErrOtherTenant = errors.New("the changes were made on another tenant file")

// overlayVersion is the version of the overlay's format.
const overlayVersion = 1

// overlay is the JSON form of what has changed against the tenant file.
type overlay struct {
	Version    int               `json:"version"`
	TenantFile string            `json:"tenantFile"` // digest, "sha256:<hex>"
	Users      []json.RawMessage `json:"users"`      // of overlayUser, by id
}

// overlayUser is the whole changeable state of one changed user.
type overlayUser struct {
	ID               string           `json:"id"`
	UsageLocation    string           `json:"usageLocation,omitempty"`
	AssignedLicenses []overlayLicence `json:"assignedLicenses"` // the direct ones
}

type overlayLicence struct {
	SKUID         string    `json:"skuId"`
	DisabledPlans []string  `json:"disabledPlans"`
	LastUpdated   time.Time `json:"lastUpdatedDateTime"`
}

// Overlay returns what has changed against the tenant file, as JSON: only users
// whose state differs, by id, so that the same changes are the same bytes.
func (t *Tenant) Overlay() []byte {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.overlay()
}

func (t *Tenant) overlay() []byte {
	o := overlay{Version: overlayVersion, TenantFile: t.digest, Users: []json.RawMessage{}}
	for _, id := range slices.Sorted(maps.Keys(t.changed)) {
		o.Users = append(o.Users, t.changed[id])
	}
	return encode(o)
}

// change is an overlay of one user alone, in the state he has now, even if that is
// the file's again: behind others it takes their place.
func (t *Tenant) change(u *user) []byte {
	return append(encode(overlay{Version: overlayVersion, TenantFile: t.digest, Users: []json.RawMessage{kept(u)}}), '\n')
}

// track notes whether a user now differs from the file.
func (t *Tenant) track(u *user) {
	if u.state.equal(u.file) {
		delete(t.changed, u.id)
		return
	}
	t.changed[u.id] = kept(u)
}

// kept is the changeable state of a user.
func kept(u *user) []byte {
	kept := overlayUser{ID: u.id, UsageLocation: u.state.location, AssignedLicenses: []overlayLicence{}}
	for _, l := range u.state.direct {
		kept.AssignedLicenses = append(kept.AssignedLicenses,
			overlayLicence{SKUID: l.sku.id, DisabledPlans: orEmpty(l.off), LastUpdated: l.updated.UTC()})
	}
	return encode(kept)
}

func (s userState) equal(other userState) bool {
	return s.location == other.location && slices.EqualFunc(s.direct, other.direct, licence.equal)
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
		if s, ok := states[u]; ok {
			u.state = s
			t.track(u)
		}
	}
	t.count()
	return nil
}

// replay reads overlays one behind the other; the last word on a user counts.
func (t *Tenant) replay(data []byte) (map[*user]userState, error) {
	states := map[*user]userState{}
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var o overlay
		switch err := decoder.Decode(&o); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && len(states) > 0:
			return states, nil
		case err != nil:
			return nil, err
		case o.Version != overlayVersion:
			return nil, fmt.Errorf("version %d is not %d", o.Version, overlayVersion)
		case o.TenantFile != t.digest:
			return nil, ErrOtherTenant
		}
		changed, err := t.restored(o.Users)
		if err != nil {
			return nil, err
		}
		maps.Copy(states, changed)
	}
}

// restored reads the states of the changed users.
func (t *Tenant) restored(users []json.RawMessage) (map[*user]userState, error) {
	states := map[*user]userState{}
	for _, raw := range users {
		var kept overlayUser
		if err := json.Unmarshal(raw, &kept); err != nil {
			return nil, err
		}
		u, ok := t.user(kept.ID)
		if !ok {
			return nil, fmt.Errorf("no user %s", quoted(kept.ID))
		}
		direct, err := t.restoredLicences(kept.AssignedLicenses)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", u.upn, err)
		}
		states[u] = userState{location: kept.UsageLocation, direct: direct}
	}
	return states, nil
}

func (t *Tenant) restoredLicences(kept []overlayLicence) ([]licence, error) {
	var out []licence
	for _, k := range kept {
		s := t.skuByID[k.SKUID]
		if s == nil {
			return nil, fmt.Errorf("no SKU %s", quoted(k.SKUID))
		}
		for _, p := range k.DisabledPlans {
			if _, ok := s.plan(p); !ok {
				return nil, fmt.Errorf("no service plan %s in %s", quoted(p), s.partNumber)
			}
		}
		if slices.ContainsFunc(out, func(l licence) bool { return l.sku == s }) {
			return nil, fmt.Errorf("%s is listed twice", s.partNumber)
		}
		slices.Sort(k.DisabledPlans)
		out = append(out, licence{sku: s, off: k.DisabledPlans, updated: k.LastUpdated})
	}
	slices.SortFunc(out, compareLicences)
	return out, nil
}
