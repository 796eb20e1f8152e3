package state

import "slices"

// Overlay is what is known to be true of a user although a read did not show it yet.
type Overlay struct {
	Location string
	Paths    []Path
}

// With returns the snapshot with other locations and paths of some users.
func (s *Snapshot) With(overlays map[UserID]Overlay) *Snapshot {
	if len(overlays) == 0 {
		return s
	}
	changed := *s
	changed.users.Locations.detach()
	changed.users.Paths.detach()
	for id, overlay := range overlays {
		user, found := s.Find(id)
		if !found {
			continue
		}
		changed.users.Locations.set(user.row, overlay.Location, func(a, b string) bool { return a == b })
		paths := slices.SortedFunc(slices.Values(overlay.Paths), Path.compare)
		changed.users.Paths.set(user.row, paths, func(a, b []Path) bool {
			return string(appendPathKey(nil, a)) == string(appendPathKey(nil, b))
		})
	}
	return &changed
}

// detach copies the column, so that it shares nothing with another.
func (c *Coded[V, C]) detach() {
	c.Codes, c.Values = slices.Clone(c.Codes), slices.Clone(c.Values)
}

// set gives a row a value. It uses the code of the value if the value has one.
func (c *Coded[V, C]) set(row int32, value V, equal func(V, V) bool) {
	code := slices.IndexFunc(c.Values, func(v V) bool { return equal(v, value) })
	if code < 0 {
		code = len(c.Values)
		c.Values = append(c.Values, value)
	}
	c.Codes[row] = C(code)
}
