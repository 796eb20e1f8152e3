package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

// userReader decodes pages of users value by value into records, because a large tenant
// spends most of its time here. Repeated values are kept once. The zero userReader is
// ready; it is not safe for use by several goroutines.
type userReader struct {
	in       jsontext.Decoder
	user     decodedUser
	scratch  []byte
	interned map[string]string         // values that repeat: countries, domains, states
	plans    map[string][]state.PlanID // lists of plans that are off, by their JSON
	names    state.DNReader
}

// maxKept limits what a userReader keeps of each kind.
const maxKept = 1 << 12

// lax allows duplicate names, because the code that reads the attributes detects them
// without extra cost.
var lax = jsontext.AllowDuplicateNames(true)

var errTwice = errors.New("a name is repeated")

// readPage passes the users of a page on, one by one: a record, or why the user cannot be
// decoded. It returns the link to the next page, "" on the last.
func (d *userReader) readPage(raw []byte, each func(state.Record, error)) (link string, err error) {
	in := &d.in
	in.Reset(bytes.NewBuffer(raw), lax)
	listed := false
	err = object(in, func(name []byte) error {
		switch string(name) {
		case `"@odata.nextLink"`:
			return d.text(in, &link)
		case `"value"`:
			if listed {
				return errTwice
			}
			listed = true
			return array(in, func() error {
				began := in.InputOffset()
				r, flaw := d.nextUser()
				if err := skipTo(in, 2); err != nil {
					return err
				}
				if in.InputOffset() == began { // this is not JSON: further reads would return the same error forever
					return flaw
				}
				each(r, flaw)
				return nil
			})
		}
		return in.SkipValue()
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("read page: %w: %w", ErrIncomplete, err)
	case !listed:
		return "", fmt.Errorf("read page: %w: it has no list", ErrIncomplete)
	}
	if _, err := in.ReadToken(); !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read page: %w: there is data after it", ErrIncomplete)
	}
	return link, nil
}

// readUser returns the record of a single user.
func (d *userReader) readUser(raw []byte) (state.Record, error) {
	d.in.Reset(bytes.NewBuffer(raw), lax)
	return d.nextUser()
}

// nextUser returns the record of the next user. If the user is incomplete, it fails, and
// can leave the reader inside of the user's object.
func (d *userReader) nextUser() (state.Record, error) {
	u := &d.user
	u.reset()
	err := object(&d.in, d.attribute)
	if err == nil {
		err = u.check()
	}
	if err != nil {
		return state.Record{}, fmt.Errorf("%w: user %s: %w", ErrIncomplete, u.record.ID, err)
	}
	return u.finish(), nil
}

// skipTo reads on until no more than this number of objects and arrays are open.
func skipTo(in *jsontext.Decoder, depth int) error {
	for in.StackDepth() > depth {
		var err error
		if kind := in.PeekKind(); kind == '}' || kind == ']' {
			_, err = in.ReadToken()
		} else {
			err = in.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// attribute reads one attribute of a user.
func (d *userReader) attribute(name []byte) error {
	in, r := &d.in, &d.user.record
	a := attributeOf(name)
	switch {
	case a == 0:
		return in.SkipValue()
	case d.user.there&a != 0:
		return errTwice
	}
	d.user.there |= a
	switch a {
	case hasID:
		return readID(in, &r.ID)
	case hasUPN:
		return d.text(in, &r.UserPrincipalName)
	case hasName:
		return d.text(in, &r.DisplayName)
	case hasEnabled:
		return d.enabled(in)
	case hasType:
		return d.internedText(in, &d.user.userType)
	case hasLocation:
		return d.internedText(in, &r.UsageLocation)
	case hasCountry:
		return d.internedText(in, &r.Country)
	case hasSynced:
		return boolean(in, &r.Synced)
	case hasDN:
		return d.distinguishedName(in)
	case hasDomain:
		return d.internedText(in, &r.Domain)
	case hasImmutableID:
		return d.text(in, &r.ImmutableID)
	case hasSID:
		return d.text(in, &r.SID)
	case hasAssigned:
		return d.assigned(in)
	}
	return d.states(in)
}

// enabled reads accountEnabled. Null is enabled, because the service treats it so.
func (d *userReader) enabled(in *jsontext.Decoder) error {
	enabled := true
	err := boolean(in, &enabled)
	d.user.record.Disabled = !enabled
	return err
}

// distinguishedName reads the user's place in the directory. A name that cannot be read
// puts the user under no OU, but does not exclude the user.
func (d *userReader) distinguishedName(in *jsontext.Decoder) error {
	var text string
	err := d.text(in, &text)
	if err == nil && text != "" {
		d.user.record.DN, _ = d.names.Read(text)
	}
	return err
}

// assigned reads assignedLicenses. The disabled plans come from the paths.
func (d *userReader) assigned(in *jsontext.Decoder) error {
	return array(in, func() error {
		var id state.SKUID
		err := object(in, func(name []byte) error {
			if string(name) == `"skuId"` {
				return readID(in, &id)
			}
			return in.SkipValue()
		})
		d.user.assigned = append(d.user.assigned, id)
		return err
	})
}

// states reads licenseAssignmentStates ("licenseAssignmentState resource type").
func (d *userReader) states(in *jsontext.Decoder) error {
	return array(in, func() error {
		var p state.Path
		err := object(in, func(name []byte) error {
			switch string(name) {
			case `"skuId"`:
				return readID(in, &p.SKU)
			case `"assignedByGroup"`: // null: direct
				return readID(in, &p.Group)
			case `"state"`:
				return d.internedText(in, (*string)(&p.State))
			case `"error"`: // "None" in practice, null in the documents
				return d.internedText(in, &p.Error)
			case `"disabledPlans"`:
				return d.disabled(in, &p.Disabled)
			}
			return in.SkipValue()
		})
		if p.Error == "None" {
			p.Error = ""
		}
		d.user.paths = append(d.user.paths, p)
		return err
	})
}

// disabled reads a list of plans. A tenant has few different ones.
func (d *userReader) disabled(in *jsontext.Decoder, into *[]state.PlanID) error {
	raw, err := in.ReadValue()
	if err != nil {
		return err
	}
	plans, known := d.plans[string(raw)]
	if !known {
		if plans, err = parsePlans(raw); err != nil {
			return err
		}
		if d.plans == nil || len(d.plans) >= maxKept {
			d.plans = map[string][]state.PlanID{}
		}
		d.plans[string(raw)] = plans
	}
	*into = plans
	return nil
}

func parsePlans(raw []byte) (plans []state.PlanID, err error) {
	in := jsontext.NewDecoder(bytes.NewReader(raw))
	err = array(in, func() error {
		var id state.PlanID
		err := readID(in, &id)
		plans = append(plans, id)
		return err
	})
	return plans, err
}
