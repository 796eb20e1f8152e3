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
	Paths             []Path
}

// Builder collects users into a [Snapshot]. The zero Builder is not usable; take
// [NewBuilder]. It is not safe for use by several goroutines.
type Builder struct {
	s          Snapshot
	locations  dictionary[string]
	domains    dictionary[string]
	countries  dictionary[string]
	containers map[string]uint32
	pathSets   map[string]uint32
}

// NewBuilder starts an empty snapshot.
func NewBuilder() *Builder {
	b := &Builder{containers: map[string]uint32{"": 0}, pathSets: map[string]uint32{"": 0}}
	b.s.containerDict = []DN{{}}
	b.s.pathSets = [][]Path{nil}
	return b
}

// dictionary gives equal values equal codes.
type dictionary[T comparable] struct {
	codes  map[T]uint16
	values []T
}

func (d *dictionary[T]) code(value T) (uint16, error) {
	if code, known := d.codes[value]; known {
		return code, nil
	}
	if len(d.values) > math.MaxUint16 {
		return 0, fmt.Errorf("more than %d distinct values", math.MaxUint16)
	}
	if d.codes == nil {
		d.codes = map[T]uint16{}
	}
	code := uint16(len(d.values))
	d.codes[value] = code
	d.values = append(d.values, value)
	return code, nil
}

// Add takes one user in. It fails on a user without id or UPN, which no
// conclusion may be drawn from, and on more text than a column can hold.
func (b *Builder) Add(r Record) error {
	if r.ID.IsZero() || r.UserPrincipalName == "" {
		return fmt.Errorf("add user %q: it has no id or no user principal name", cut(cmp.Or(r.UserPrincipalName, r.ID.String())))
	}
	location, err := b.locations.code(r.UsageLocation)
	if err != nil {
		return fmt.Errorf("add user %s: usage locations: %w", r.ID, err)
	}
	domain, err := b.domains.code(strings.ToLower(cmp.Or(r.Domain, r.DN.Domain())))
	if err != nil {
		return fmt.Errorf("add user %s: domains: %w", r.ID, err)
	}
	country, err := b.countries.code(r.Country)
	if err != nil {
		return fmt.Errorf("add user %s: countries: %w", r.ID, err)
	}
	if len(b.s.upns.arena)+len(b.s.names.arena)+len(r.UserPrincipalName)+len(r.DisplayName) > math.MaxUint32 {
		return errors.New("add user: more than 4 GiB of names")
	}
	b.s.ids = append(b.s.ids, r.ID)
	b.s.upns.add(r.UserPrincipalName)
	b.s.names.add(r.DisplayName)
	b.s.flags = append(b.s.flags, r.flags())
	b.s.locations = append(b.s.locations, location)
	b.s.domains = append(b.s.domains, domain)
	b.s.countries = append(b.s.countries, country)
	b.s.containers = append(b.s.containers, b.container(r.DN))
	b.s.paths = append(b.s.paths, b.pathSet(r.Paths))
	return nil
}

func (r Record) flags() flag {
	var f flag
	for _, bit := range []struct {
		set bool
		is  flag
	}{{r.Disabled, flagDisabled}, {r.Guest, flagGuest}, {r.Synced, flagSynced}, {r.Inconsistent, flagInconsistent}} {
		if bit.set {
			f |= bit.is
		}
	}
	return f
}

func (b *Builder) container(dn DN) uint32 {
	parent := dn.Parent()
	key := parent.Key()
	code, known := b.containers[key]
	if !known {
		code = uint32(len(b.s.containerDict))
		b.containers[key] = code
		b.s.containerDict = append(b.s.containerDict, parent)
	}
	return code
}

// pathSet interns a set of paths: a large tenant has few distinct ones.
func (b *Builder) pathSet(paths []Path) uint32 {
	if len(paths) == 0 {
		return 0
	}
	sorted := slices.Clone(paths)
	for i := range sorted {
		sorted[i].Disabled = SortedPlans(sorted[i].Disabled)
	}
	slices.SortFunc(sorted, Path.Compare)
	key := pathKey(sorted)
	code, known := b.pathSets[key]
	if !known {
		code = uint32(len(b.s.pathSets))
		b.pathSets[key] = code
		b.s.pathSets = append(b.s.pathSets, sorted)
	}
	return code
}

func pathKey(paths []Path) string {
	var key []byte
	for _, p := range paths {
		key = append(append(key, p.SKU[:]...), p.Group[:]...)
		key = append(append(key, p.State...), 0)
		key = append(append(key, p.Error...), 0)
		key = binary.LittleEndian.AppendUint32(key, uint32(len(p.Disabled)))
		for _, plan := range p.Disabled {
			key = append(key, plan[:]...)
		}
	}
	return string(key)
}

// Snapshot closes the builder, which must not be used again, and puts everything
// into canonical order. Two users with one id, or one UPN, make the read useless.
func (b *Builder) Snapshot(header Header) (*Snapshot, error) {
	s := b.sorted()
	s.Header = header
	s.SKUs = slices.SortedFunc(slices.Values(header.SKUs), func(a, b SKU) int { return a.ID.Compare(b.ID) })
	for i := range s.SKUs {
		s.SKUs[i].Plans = slices.SortedFunc(slices.Values(s.SKUs[i].Plans), func(a, b ServicePlan) int { return a.ID.Compare(b.ID) })
	}
	s.Groups = slices.SortedFunc(slices.Values(header.Groups), func(a, b Group) int { return a.ID.Compare(b.ID) })
	for i := 1; i < len(s.ids); i++ {
		if s.ids[i] == s.ids[i-1] {
			return nil, fmt.Errorf("build snapshot: user %s was read twice", s.ids[i])
		}
	}
	for i := 1; i < len(s.byUPN); i++ {
		if s.foldedUPN(s.byUPN[i]) == s.foldedUPN(s.byUPN[i-1]) {
			return nil, fmt.Errorf("build snapshot: two users have the user principal name %q", cut(s.upns.at(s.byUPN[i])))
		}
	}
	return s, nil
}

// sorted lays the columns out anew in order of user id, so that neither the
// order of pages nor that of a file shows in anything made from the snapshot.
func (b *Builder) sorted() *Snapshot {
	from := &b.s
	order := make([]int32, len(from.ids))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return from.ids[x].Compare(from.ids[y]) })
	to := &Snapshot{
		locationDict: b.locations.values, domainDict: b.domains.values, countryDict: b.countries.values,
		containerDict: from.containerDict, pathSets: from.pathSets,
		ids:   pick(from.ids, order),
		flags: pick(from.flags, order), locations: pick(from.locations, order),
		containers: pick(from.containers, order), domains: pick(from.domains, order), countries: pick(from.countries, order), paths: pick(from.paths, order),
	}
	for _, row := range order {
		to.upns.add(from.upns.at(row))
		to.names.add(from.names.at(row))
	}
	to.byUPN = make([]int32, len(order))
	folded := make([]string, len(order))
	for i := range to.byUPN {
		to.byUPN[i] = int32(i)
		folded[i] = to.foldedUPN(int32(i))
	}
	slices.SortFunc(to.byUPN, func(x, y int32) int { return cmp.Compare(folded[x], folded[y]) })
	return to
}

func pick[T any](column []T, order []int32) []T {
	picked := make([]T, len(order))
	for i, row := range order {
		picked[i] = column[row]
	}
	return picked
}
