package state

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Columns are the users of a snapshot, exposed for code that keeps a snapshot as bytes. A
// row is a user, in order of the ids. Columns from [Snapshot.Columns] are shared with the
// snapshot and must not be changed. Columns that were passed to [FromColumns] must not be
// used again.
type Columns struct {
	IDs        []UserID // ascending
	UPNs       Text
	Names      Text
	Flags      []uint8 // bits: 1 disabled, 2 guest, 4 synced, 8 inconsistent, 16 #EXT# in the UPN
	Locations  Coded[string, uint16]
	Domains    Coded[string, uint16]
	Countries  Coded[string, uint16]
	Containers Coded[DN, uint32]     // value 0 is the root
	Paths      Coded[[]Path, uint32] // value 0 is no paths
	Anchors    []Anchor
	SIDIssuers Coded[string, uint16] // see splitSID
	SIDNumbers []uint32
}

const (
	flagDisabled uint8 = 1 << iota
	flagGuest
	flagSynced
	flagInconsistent
	flagExternal // kept because every selector asks it for every user; it follows from the UPN
)

// Text is a column of strings in one arena. A million separate strings would cost 16
// bytes each, and time of the garbage collector.
type Text struct {
	Arena string
	Ends  []uint32 // where the string of each row ends; it begins where the last one ended
}

// at returns the string in a row.
func (t *Text) at(row int) string {
	start := uint32(0)
	if row > 0 {
		start = t.Ends[row-1]
	}
	return t.Arena[start:t.Ends[row]]
}

// Coded is a column with few distinct values: each row has the code of one. Codes are
// assigned in order of the rows, so that equal users make equal columns.
type Coded[V any, C uint16 | uint32] struct {
	Codes  []C
	Values []V
}

func (c *Coded[V, C]) at(row int32) V { return c.Values[c.Codes[row]] }

// Columns returns the users of the snapshot; see [FromColumns].
func (s *Snapshot) Columns() Columns { return s.users }

// FromColumns returns a snapshot of columns that [Snapshot.Columns] returned, here or in
// another process. It trusts nothing: columns that the Builder would not have made are an
// error.
func FromColumns(header Header, columns Columns) (*Snapshot, error) {
	if err := errors.Join(checkHeader(header), columns.check()); err != nil {
		return nil, fmt.Errorf("make snapshot of columns: %w", err)
	}
	s, err := newSnapshot(header, columns)
	if err != nil {
		return nil, fmt.Errorf("make snapshot of columns: %w", err)
	}
	return s, nil
}

// checkHeader requires sorted lists, because searches depend on that order.
func checkHeader(h Header) error {
	sorted := slices.IsSorted(h.Organization.Domains) && slices.IsSortedFunc(h.SKUs, func(a, b SKU) int { return a.ID.Compare(b.ID) }) &&
		slices.IsSortedFunc(h.Groups, func(a, b Group) int { return a.ID.Compare(b.ID) })
	for _, sku := range h.SKUs {
		sorted = sorted && slices.IsSortedFunc(sku.Plans, func(a, b ServicePlan) int { return a.ID.Compare(b.ID) })
	}
	for _, group := range h.Groups {
		sorted = sorted && slices.IsSortedFunc(group.Members, UserID.Compare) && slices.IsSortedFunc(group.Everyone, UserID.Compare) &&
			slices.IsSortedFunc(group.Licenses, func(a, b License) int { return a.SKU.Compare(b.SKU) })
		for _, license := range group.Licenses {
			sorted = sorted && isPlanSet(license.Disabled)
		}
	}
	if !sorted {
		return errors.New("a list of the header is out of order")
	}
	return nil
}

func (c *Columns) check() error {
	for _, length := range []int{
		len(c.UPNs.Ends), len(c.Names.Ends), len(c.Flags), len(c.Locations.Codes), len(c.Domains.Codes),
		len(c.Countries.Codes), len(c.Containers.Codes), len(c.Paths.Codes), len(c.Anchors), len(c.SIDIssuers.Codes), len(c.SIDNumbers),
	} {
		if length != len(c.IDs) {
			return errors.New("the columns differ in length")
		}
	}
	if err := errors.Join(c.UPNs.check(), c.Names.check()); err != nil {
		return err // the rest could not even be requested
	}
	if err := checkCodes("domains of security identifiers", c.SIDIssuers, stringKeys(c.SIDIssuers.Values), 0); err != nil {
		return err // the users could not be requested
	}
	return errors.Join(
		c.checkUsers(),
		checkCodes("usage locations", c.Locations, stringKeys(c.Locations.Values), 0),
		checkCodes("domains", c.Domains, stringKeys(c.Domains.Values), 0),
		checkCodes("countries", c.Countries, stringKeys(c.Countries.Values), 0),
		checkCodes("containers", c.Containers, containerKeys(c.Containers.Values), 1),
		checkCodes("paths", c.Paths, pathKeys(c.Paths.Values), 1),
		checkPaths(c.Paths.Values),
	)
}

// checkUsers requires what [Builder.Add] requires, and the order that the Builder makes.
func (c *Columns) checkUsers() error {
	for row, id := range c.IDs {
		upn := c.UPNs.at(row)
		switch {
		case id.IsZero() || upn == "":
			return fmt.Errorf("the user in row %d has no id or no user principal name", row)
		case row > 0 && c.IDs[row-1].Compare(id) > 0:
			return fmt.Errorf("the user in row %d is out of order", row)
		case c.Flags[row]&^(flagExternal<<1-1) != 0 || c.Flags[row]&flagExternal != externalFlag(upn):
			return fmt.Errorf("the user in row %d has flags that do not exist or do not fit the name", row)
		}
		issuer, number := c.SIDIssuers.at(int32(row)), c.SIDNumbers[row]
		if again, n := splitSID(joinSID(issuer, number)); again != issuer || n != number {
			return fmt.Errorf("the user in row %d has a security identifier that is split at the wrong place", row)
		}
	}
	return nil
}

func (t *Text) check() error {
	end := uint32(0)
	for row, next := range t.Ends {
		if next < end {
			return fmt.Errorf("the text in row %d ends before it begins", row)
		}
		end = next
	}
	if int(end) != len(t.Arena) {
		return errors.New("texts do not fill their arena")
	}
	return nil
}

// checkCodes requires every value to be unique and used, in order of the rows. The first
// values, as many as are reserved, may be unused and have no text.
func checkCodes[V any, C uint16 | uint32](what string, c Coded[V, C], keys iter.Seq[string], reserved int) error {
	next := reserved
	for row, code := range c.Codes {
		switch {
		case int(code) > next, int(code) >= len(c.Values):
			return fmt.Errorf("%s: the code in row %d is not the next one", what, row)
		case int(code) == next:
			next++
		}
	}
	if next != len(c.Values) {
		return fmt.Errorf("%s: %d values, of which %d are used", what, len(c.Values), next)
	}
	seen := make(map[string]bool, len(c.Values))
	for key := range keys {
		if len(seen) < reserved && key != "" || seen[key] {
			return fmt.Errorf("%s: value %d is repeated, or reserved and not empty", what, len(seen))
		}
		seen[key] = true
	}
	return nil
}

func stringKeys(values []string) iter.Seq[string] { return slices.Values(values) }

func containerKeys(values []DN) iter.Seq[string] { return mapped(values, DN.Key) }

func pathKeys(values [][]Path) iter.Seq[string] {
	var buffer []byte
	return mapped(values, func(paths []Path) string {
		buffer = appendPathKey(buffer[:0], paths)
		return string(buffer)
	})
}

func mapped[V any](values []V, key func(V) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, value := range values {
			if !yield(key(value)) {
				return
			}
		}
	}
}

// checkPaths requires sorted sets, and sorted plans in each path.
func checkPaths(sets [][]Path) error {
	for code, set := range sets {
		if !slices.IsSortedFunc(set, Path.compare) {
			return fmt.Errorf("paths: set %d is out of order", code)
		}
		for _, path := range set {
			if !isPlanSet(path.Disabled) {
				return fmt.Errorf("paths: the service plans in set %d are not a sorted set", code)
			}
		}
	}
	return nil
}

// isPlanSet reports whether plans are as [SortedPlans] returns them.
func isPlanSet(plans []PlanID) bool {
	for i := 1; i < len(plans); i++ {
		if plans[i-1].Compare(plans[i]) >= 0 {
			return false
		}
	}
	return plans == nil || len(plans) > 0
}

// externalFlag returns the flag for the UPNs of external members, in any case.
func externalFlag(upn string) uint8 {
	const mark = "#EXT#"
	for i := strings.IndexByte(upn, '#'); i >= 0 && len(upn)-i >= len(mark); i++ {
		if upn[i] == '#' && strings.EqualFold(upn[i:i+len(mark)], mark) {
			return flagExternal
		}
	}
	return 0
}
