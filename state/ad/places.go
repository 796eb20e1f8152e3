package ad

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// Read reads places from the directories that have them. Each directory is read
// completely from one server. If that server fails, everything is read again from the
// next one. A place that no directory has is an error, and so is every incomplete read.
// The error is a [*state.DirectoryError], except if the context ended.
func Read(ctx context.Context, readers []*Reader, places []state.Place) ([]state.DirectoryRead, error) {
	domains := make([]state.DN, len(readers))
	for i, r := range readers {
		_, err := r.withSession(ctx, func(_ context.Context, s *session) error {
			domains[i] = s.domain
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	assigned, err := assign(readers, domains, places)
	if err != nil {
		return nil, err
	}
	var reads []state.DirectoryRead
	for i, r := range readers {
		if len(assigned[i]) == 0 {
			continue
		}
		read, err := r.read(ctx, assigned[i])
		if err != nil {
			return nil, err
		}
		reads = append(reads, read)
	}
	if err := checkPins(readers, reads, places); err != nil {
		return nil, err
	}
	return reads, nil
}

// assign assigns each place to the directory of its domain. A place that is named by
// objectGUID goes to all directories, since only they know its domain.
func assign(readers []*Reader, domains []state.DN, places []state.Place) ([][]state.Place, error) {
	assigned := make([][]state.Place, len(readers))
	for _, place := range places {
		if !place.GUID.IsZero() {
			for i := range assigned {
				assigned[i] = append(assigned[i], place)
			}
			continue
		}
		nearest := -1
		for i, domain := range domains {
			holds := place.Domain == "" && place.DN.Under(domain) || place.Domain != "" && place.Domain == domain.Domain()
			if holds && (nearest < 0 || domain.Under(domains[nearest])) {
				nearest = i
			}
		}
		if nearest < 0 {
			return nil, elsewhereError(readers, &place, "the configured directories have the domains "+names(domains))
		}
		assigned[nearest] = append(assigned[nearest], place)
	}
	return assigned, nil
}

func elsewhereError(readers []*Reader, place *state.Place, message string) error {
	all := make([]string, len(readers))
	for i, r := range readers {
		all[i] = r.options.Name
	}
	return &state.DirectoryError{Op: "find place", Directory: strings.Join(all, ", "), Place: place, Fault: state.DirectoryElsewhere, Message: message}
}

func names(domains []state.DN) string {
	all := make([]string, len(domains))
	for i, domain := range domains {
		all[i] = domain.Domain()
	}
	return strings.Join(all, ", ")
}

// checkPins requires that every place that is named by objectGUID was found.
func checkPins(readers []*Reader, reads []state.DirectoryRead, places []state.Place) error {
	for _, place := range places {
		if place.GUID.IsZero() {
			continue
		}
		found := slices.ContainsFunc(reads, func(read state.DirectoryRead) bool {
			return slices.ContainsFunc(read.Places, func(p state.PlaceRead) bool { return p.Place.Key() == place.Key() })
		})
		if !found {
			missing := elsewhereError(readers, &place, "no object has this objectGUID, or the account may not read it")
			if trouble, ok := errors.AsType[*state.DirectoryError](missing); ok {
				trouble.Fault = state.DirectoryNoPlace
			}
			return missing
		}
	}
	return nil
}

// read reads places of this directory in one session.
func (r *Reader) read(ctx context.Context, places []state.Place) (state.DirectoryRead, error) {
	var read state.DirectoryRead
	address, err := r.withSession(ctx, func(ctx context.Context, s *session) error {
		read = state.DirectoryRead{Name: r.options.Name, ReadAt: r.options.Now().UTC(), Anchors: r.options.Anchors}
		count := 0
		for _, place := range places {
			one, err := s.place(ctx, place, func(users int) { r.options.Progress(count + users) })
			if isMissingPin(place, err) {
				continue // another directory may have it
			}
			if err != nil {
				return err
			}
			count += len(one.Users)
			read.Places = append(read.Places, one)
		}
		return nil
	})
	read.Server = address
	return read, err
}

func isMissingPin(place state.Place, err error) bool {
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	return ok && !place.GUID.IsZero() && trouble.Fault == state.DirectoryNoPlace
}

// place reads one place.
func (s *session) place(ctx context.Context, place state.Place, progress func(int)) (state.PlaceRead, error) {
	found, err := s.container(place)
	if err != nil {
		return state.PlaceRead{}, err
	}
	users, err := s.users(ctx, place, found, progress)
	return state.PlaceRead{Place: place, Base: found.dn, Users: users}, err
}

// container is an OU, a container or a domain, with the name that the server has for it.
type container struct {
	dn   state.DN
	base string // the base of the search
}

// isContainer reports whether objects of a class can hold users. A user's own name would
// work as the base of a search too, and return that one user.
func isContainer(class string) bool {
	switch strings.ToLower(class) {
	case "organizationalunit", "container", "domaindns", "builtindomain":
		return true
	}
	return false
}

// container looks a place up and returns the server's own name for it, because the server
// can treat names as equal that differ here.
func (s *session) container(place state.Place) (container, error) {
	const op = "find place"
	base := baseOf(place, s.domain)
	answer, err := s.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=*)", []string{"objectClass"}, nil))
	switch {
	case err != nil:
		return container{}, s.reader.failure(op, s.server, &place, err)
	case len(answer.Entries) != 1 || len(answer.Entries[0].GetEqualFoldAttributeValues("objectClass")) == 0:
		return container{}, s.fault(op, &place, state.DirectoryUnreadable, "the object exists, but its objectClass is not readable")
	case !slices.ContainsFunc(answer.Entries[0].GetEqualFoldAttributeValues("objectClass"), isContainer):
		return container{}, s.fault(op, &place, state.DirectoryNoContainer, "")
	}
	entry := answer.Entries[0]
	dn, err := state.ParseDN(entry.DN)
	if err != nil {
		return container{}, s.fault(op, &place, state.DirectoryBroken, err.Error())
	}
	if place.GUID.IsZero() {
		base = entry.DN
	}
	return container{dn, base}, nil
}

// baseOf returns the place in the form that the server accepts.
func baseOf(place state.Place, domain state.DN) string {
	switch {
	case !place.GUID.IsZero():
		return "<GUID=" + place.GUID.String() + ">" // MS-ADTS 3.1.1.3.1.2.4
	case place.Domain != "":
		return domain.String()
	}
	return plainName(place.DN.String())
}

// plainName writes a name so that every server understands it. It removes blanks around
// types and before values, and escapes an equals sign inside a value, which RFC 4514, 2.4
// allows without escape. The rest stays as it was written.
func plainName(name string) string {
	var b strings.Builder
	inValue, begun := false, false
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '\\' && i+1 < len(name):
			b.WriteByte(c)
			i++
			begun = true
		case c == ' ' && (!inValue || !begun):
			continue
		case c == '=' && inValue:
			b.WriteByte('\\')
			begun = true
		case c == '=':
			inValue, begun = true, false
			b.WriteByte(c)
			continue
		case c == ',', c == ';', c == '+':
			inValue, begun = false, false
			b.WriteByte(c)
			continue
		default:
			begun = true
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
