package state

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Record is one user as a backend read it, before it goes into the columns.
type Record struct {
	ID                UserID
	UserPrincipalName string
	DisplayName       string
	Disabled          bool // accountEnabled is false
	Guest             bool // userType is Guest
	Synced            bool
	Inconsistent      bool // see [User.Inconsistent]
	UsageLocation     string
	Country           string // see [User.Country]
	DN                DN     // onPremisesDistinguishedName; zero: not known
	Domain            string // onPremisesDomainName; "": taken from DN
	ImmutableID       string // onPremisesImmutableId
	SID               string // onPremisesSecurityIdentifier
	Paths             []Path
}

// Builder collects users into a [Snapshot]. The zero Builder is not usable; take
// [NewBuilder]. It is not safe for use by several goroutines.
type Builder struct {
	ids        []UserID
	upns       textBuilder
	names      textBuilder
	flags      []uint8
	locations  dictionary[string, uint16]
	domains    dictionary[string, uint16]
	countries  dictionary[string, uint16]
	containers dictionary[DN, uint32]
	paths      dictionary[[]Path, uint32]
	anchors    []Anchor
	issuers    dictionary[string, uint16]
	numbers    []uint32
	planSets   map[string][]PlanID // one slice for all paths that have the same service plans off
	scratch    []Path
	key        []byte
}

// NewBuilder starts an empty snapshot.
func NewBuilder() *Builder {
	b := &Builder{planSets: map[string][]PlanID{}}
	b.containers.reserve("", DN{})
	b.paths.reserve("", nil)
	return b
}

// textBuilder grows a [Text].
type textBuilder struct {
	arena []byte
	ends  []uint32
}

func (t *textBuilder) add(s string) {
	t.arena = append(t.arena, s...)
	t.ends = append(t.ends, uint32(len(t.arena)))
}

// pick returns the texts in another order.
func (t *textBuilder) pick(order []int32) Text {
	var arena strings.Builder
	arena.Grow(len(t.arena))
	ends := make([]uint32, len(order))
	for i, row := range order {
		start := uint32(0)
		if row > 0 {
			start = t.ends[row-1]
		}
		arena.Write(t.arena[start:t.ends[row]])
		ends[i] = uint32(arena.Len())
	}
	return Text{Arena: arena.String(), Ends: ends}
}

// dictionary gives equal values equal codes, in the order in which they are added.
type dictionary[V any, C uint16 | uint32] struct {
	Coded[V, C]

	known map[string]C
}

func (d *dictionary[V, C]) reserve(key string, value V) {
	d.known = map[string]C{key: 0}
	d.Values = append(d.Values, value)
}

// add adds one row.
func (d *dictionary[V, C]) add(key string, value func() V) error {
	code, known := d.known[key]
	if !known {
		if len(d.Values) > int(^C(0)) {
			return fmt.Errorf("more than %d distinct values", len(d.Values))
		}
		if d.known == nil {
			d.known = map[string]C{}
		}
		code = C(len(d.Values))
		d.known[strings.Clone(key)] = code
		d.Values = append(d.Values, value())
	}
	d.Codes = append(d.Codes, code)
	return nil
}

// pick returns the rows in another order and assigns the codes again in that order. The
// first values, as many as are reserved, keep their codes.
func (d *dictionary[V, C]) pick(order []int32, reserved int) Coded[V, C] {
	picked := Coded[V, C]{Codes: make([]C, len(order)), Values: make([]V, 0, len(d.Values))}
	picked.Values = append(picked.Values, d.Values[:reserved]...)
	recoded := make([]int, len(d.Values))
	for i := range recoded {
		recoded[i] = -1
	}
	for i := range reserved {
		recoded[i] = i
	}
	for i, row := range order {
		old := d.Codes[row]
		if recoded[old] < 0 {
			recoded[old] = len(picked.Values)
			picked.Values = append(picked.Values, d.Values[old])
		}
		picked.Codes[i] = C(recoded[old])
	}
	return picked
}

// Add adds one user. It fails on a user without id or UPN, because no conclusion may be
// drawn from one, and on more text than a column can hold.
func (b *Builder) Add(r Record) error {
	if r.ID.IsZero() || r.UserPrincipalName == "" {
		return fmt.Errorf("add user %q: it has no id or no user principal name", shorten(cmp.Or(r.UserPrincipalName, r.ID.String())))
	}
	if len(b.upns.arena)+len(b.names.arena)+len(r.UserPrincipalName)+len(r.DisplayName) > math.MaxUint32 {
		return errors.New("add user: more than 4 GiB of names")
	}
	if err := b.addCoded(r); err != nil {
		return fmt.Errorf("add user %s: %w", r.ID, err)
	}
	b.ids = append(b.ids, r.ID)
	b.upns.add(r.UserPrincipalName)
	b.names.add(r.DisplayName)
	b.flags = append(b.flags, r.flags())
	b.addIdentifiers(r)
	return nil
}

// addCoded adds to the columns that have dictionaries. After an error the builder cannot be
// used any more.
func (b *Builder) addCoded(r Record) error {
	if err := addText(&b.locations, r.UsageLocation); err != nil {
		return fmt.Errorf("usage locations: %w", err)
	}
	if err := addText(&b.domains, strings.ToLower(cmp.Or(r.Domain, r.DN.Domain()))); err != nil {
		return fmt.Errorf("domains: %w", err)
	}
	if err := addText(&b.countries, r.Country); err != nil {
		return fmt.Errorf("countries: %w", err)
	}
	issuer, _ := splitSID(r.SID)
	if err := addText(&b.issuers, issuer); err != nil {
		return fmt.Errorf("domains of security identifiers: %w", err)
	}
	parent := r.DN.Parent()
	if err := b.containers.add(parent.Key(), func() DN { return parent }); err != nil {
		return fmt.Errorf("containers: %w", err)
	}
	if err := b.addPaths(r.Paths); err != nil {
		return fmt.Errorf("sets of paths: %w", err)
	}
	return nil
}

func addText(d *dictionary[string, uint16], text string) error {
	return d.add(text, func() string { return strings.Clone(text) })
}

func (r Record) flags() uint8 {
	f := externalFlag(r.UserPrincipalName)
	for _, bit := range []struct {
		set bool
		is  uint8
	}{{r.Disabled, flagDisabled}, {r.Guest, flagGuest}, {r.Synced, flagSynced}, {r.Inconsistent, flagInconsistent}} {
		if bit.set {
			f |= bit.is
		}
	}
	return f
}

// addPaths interns a set of paths: a large tenant has few distinct ones.
func (b *Builder) addPaths(paths []Path) error {
	b.scratch = append(b.scratch[:0], paths...)
	for i := range b.scratch {
		if !isPlanSet(b.scratch[i].Disabled) {
			b.scratch[i].Disabled = SortedPlans(b.scratch[i].Disabled)
		}
	}
	slices.SortFunc(b.scratch, Path.compare)
	b.key = appendPathKey(b.key[:0], b.scratch)
	return b.paths.add(string(b.key), func() []Path {
		set := slices.Clone(b.scratch)
		for i := range set {
			set[i].Disabled = b.planSet(set[i].Disabled)
		}
		return set
	})
}

func (b *Builder) planSet(plans []PlanID) []PlanID {
	key := string(appendPlans(nil, plans))
	known, found := b.planSets[key]
	if !found {
		known = slices.Clone(plans)
		b.planSets[key] = known
	}
	return known
}

// appendPathKey appends a key that is equal for equal sets of paths.
func appendPathKey(key []byte, paths []Path) []byte {
	for _, p := range paths {
		key = append(append(key, p.SKU[:]...), p.Group[:]...)
		key = append(append(key, p.State...), 0)
		key = append(append(key, p.Error...), 0)
		key = binary.LittleEndian.AppendUint32(key, uint32(len(p.Disabled)))
		key = appendPlans(key, p.Disabled)
	}
	return key
}

func appendPlans(key []byte, plans []PlanID) []byte {
	for _, plan := range plans {
		key = append(key, plan[:]...)
	}
	return key
}

// Snapshot closes the builder, which must not be used again, and puts everything into
// canonical order. It fails if two users have the same id or UPN, because such a read
// cannot be used.
func (b *Builder) Snapshot(header Header) (*Snapshot, error) {
	s, err := newSnapshot(header, b.sorted())
	if err != nil {
		return nil, fmt.Errorf("build snapshot: %w", err)
	}
	return s, nil
}

// newSnapshot sorts the header and looks for duplicates among the users.
func newSnapshot(header Header, users Columns) (*Snapshot, error) {
	s := &Snapshot{Header: header, users: users}
	s.SKUs = slices.SortedFunc(slices.Values(header.SKUs), func(a, b SKU) int { return a.ID.Compare(b.ID) })
	for i := range s.SKUs {
		s.SKUs[i].Plans = slices.SortedFunc(slices.Values(s.SKUs[i].Plans), func(a, b ServicePlan) int { return a.ID.Compare(b.ID) })
	}
	s.Groups = slices.SortedFunc(slices.Values(header.Groups), func(a, b Group) int { return a.ID.Compare(b.ID) })
	for i := 1; i < len(users.IDs); i++ {
		if users.IDs[i] == users.IDs[i-1] {
			return nil, fmt.Errorf("user %s was read twice", users.IDs[i])
		}
	}
	var err error
	s.byUPN, err = newUPNIndex(&s.users.UPNs)
	return s, err
}

// sorted returns the columns in order of user id, so that nothing made from the snapshot
// depends on the order of pages or files.
func (b *Builder) sorted() Columns {
	order := make([]int32, len(b.ids))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return b.ids[x].Compare(b.ids[y]) })
	return Columns{
		IDs: pick(b.ids, order), UPNs: b.upns.pick(order), Names: b.names.pick(order), Flags: pick(b.flags, order),
		Locations: b.locations.pick(order, 0), Domains: b.domains.pick(order, 0), Countries: b.countries.pick(order, 0),
		Containers: b.containers.pick(order, 1), Paths: b.paths.pick(order, 1),
		Anchors: pick(b.anchors, order), SIDIssuers: b.issuers.pick(order, 0), SIDNumbers: pick(b.numbers, order),
	}
}

func pick[T any](column []T, order []int32) []T {
	picked := make([]T, len(order))
	for i, row := range order {
		picked[i] = column[row]
	}
	return picked
}
