package sandbox

import (
	"bytes"
	"encoding/json"
)

// members is a JSON object that keeps the order of its members.
type members []member

// member is one of them. It is an alias, so that objects can be written short.
type member = struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(member.name))
		b.WriteByte(':')
		b.Write(encode(member.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes JSON without the HTML escapes that would spoil links.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("sandbox: encode: " + err.Error()) // only values made here are encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
