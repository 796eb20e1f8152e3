package ordered

import (
	"bytes"
	"encoding/json"
)

// Object is a JSON object that keeps the order of its members.
type Object []Member

// Member is one of them. It is an alias, so that objects can be written short.
type Member = struct {
	Name  string
	Value any
}

// MarshalJSON writes the members in order.
func (m Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(Encode(member.Name))
		b.WriteByte(':')
		b.Write(Encode(member.Value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Encode writes JSON without the HTML escapes that would spoil links.
func Encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("sandbox: encode: " + err.Error()) // only values made here are encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
