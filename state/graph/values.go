package graph

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

// object calls each for every name of an object, quoted as it is; each reads the value.
// null is an object without names.
func object(in *jsontext.Decoder, each func(name []byte) error) error {
	return between(in, '{', func() error {
		name, err := in.ReadValue()
		if err != nil {
			return err
		}
		return each(name)
	})
}

// array calls each for every element, which each reads. null is an empty array.
func array(in *jsontext.Decoder, each func() error) error { return between(in, '[', each) }

func between(in *jsontext.Decoder, opens jsontext.Kind, each func() error) error {
	switch kind := in.PeekKind(); kind {
	case 'n':
		return in.SkipValue()
	case opens:
	default:
		return unexpected(in, kind)
	}
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	for closes := opens + 2; in.PeekKind() != closes; { // { and }, [ and ] are two apart
		if err := each(); err != nil {
			return err
		}
	}
	_, err := in.ReadToken()
	return err
}

// unexpected returns the error for a value of another kind, or for a missing one.
func unexpected(in *jsontext.Decoder, kind jsontext.Kind) error {
	if err := in.SkipValue(); err != nil {
		return err
	}
	return fmt.Errorf("a value of an unexpected kind (%s)", kind)
}

// characters returns the characters of a string, valid until the next value is read; nil
// for null.
func (d *userReader) characters(in *jsontext.Decoder) ([]byte, error) {
	raw, err := in.ReadValue()
	switch {
	case err != nil:
		return nil, err
	case raw.Kind() == 'n':
		return nil, nil
	case raw.Kind() != '"':
		return nil, fmt.Errorf("a value of an unexpected kind (%s)", raw.Kind())
	}
	for _, c := range raw {
		if c == '\\' {
			d.scratch, err = jsontext.AppendUnquote(d.scratch[:0], raw)
			return d.scratch, err
		}
	}
	return raw[1 : len(raw)-1], nil
}

// text reads a string; null is "".
func (d *userReader) text(in *jsontext.Decoder, into *string) error {
	b, err := d.characters(in)
	*into = string(b)
	return err
}

// internedText reads a string that has few different values.
func (d *userReader) internedText(in *jsontext.Decoder, into *string) error {
	b, err := d.characters(in)
	if err != nil {
		return err
	}
	word, known := d.interned[string(b)]
	if !known {
		if word = string(b); d.interned == nil || len(d.interned) >= maxKept {
			d.interned = map[string]string{}
		}
		d.interned[word] = word
	}
	*into = word
	return nil
}

// boolean reads true or false; null leaves it unchanged.
func boolean(in *jsontext.Decoder, into *bool) error {
	switch kind := in.PeekKind(); kind {
	case 't', 'f':
		*into = kind == 't'
	case 'n':
	default:
		return unexpected(in, kind)
	}
	return in.SkipValue()
}

// readID reads a GUID; null is none.
func readID[Of any](in *jsontext.Decoder, into *state.ID[Of]) error {
	raw, err := in.ReadValue()
	switch {
	case err != nil:
		return err
	case raw.Kind() == 'n':
		return nil
	case raw.Kind() != '"':
		return fmt.Errorf("a value of an unexpected kind (%s)", raw.Kind())
	}
	return into.UnmarshalText(raw[1 : len(raw)-1])
}
