package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
)

// Reader reads the nodes of a file strictly and collects the problems in it. Its methods
// return zero values after a problem, so that reading goes on and all problems are found at
// once.
type Reader struct {
	Name string
	Bad  ParseError
}

// Problem records a problem at a node.
func (r *Reader) Problem(n *yaml.Node, format string, args ...any) {
	r.Bad.add(Problem{File: r.Name, Line: max(n.Line, 1), Message: fmt.Sprintf(format, args...)})
}

// Object is a mapping that was checked for unknown and repeated keys. Keys whose value is
// null are absent from it, as in Graph's own answers.
type Object struct {
	Node   *yaml.Node
	Fields map[string]*yaml.Node
}

// Has reports whether a key is present and not null.
func (o Object) Has(key string) bool { return o.Fields[key] != nil }

// Lacks reports whether a key is missing from an object that is a mapping.
func (o Object) Lacks(key string) bool {
	return !o.Has(key) && o.Node.Kind == yaml.MappingNode
}

// At returns the node of a key, or the object itself if the key is absent. A problem of the
// key is reported there.
func (o Object) At(key string) *yaml.Node {
	if n := o.Fields[key]; n != nil {
		return n
	}
	return o.Node
}

// Object returns a mapping, and reports the keys that are unknown or repeated.
func (r *Reader) Object(n *yaml.Node, what string, known []string) Object {
	o := Object{Node: n, Fields: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.Problem(n, "%s must be a mapping", what)
		return o
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(n.Content, 2) {
		key, value := pair[0], pair[1]
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(known, key.Value):
			r.Problem(key, "unknown key %s in %s%s", Quoted(key.Value), what, DidYouMean(key.Value, known))
		case seen[key.Value]:
			r.Problem(key, "key %q is written twice in %s", key.Value, what)
		case !isNull(value):
			o.Fields[key.Value] = value
		}
		seen[key.Value] = true
	}
	return o
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// List returns the elements under a key; an absent key has none.
func (r *Reader) List(o Object, key string) []*yaml.Node {
	n := o.Fields[key]
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		r.Problem(n, "%s must be a list", key)
		return nil
	}
	return n.Content
}

// Texts returns a list of strings.
func (r *Reader) Texts(o Object, key string) []string {
	var out []string
	for _, n := range r.List(o, key) {
		out = append(out, r.ScalarText(n, key))
	}
	return out
}

// Text returns a string, "" if the key is absent.
func (r *Reader) Text(o Object, key string) string {
	if n := o.Fields[key]; n != nil {
		return r.ScalarText(n, key)
	}
	return ""
}

// ScalarText returns numbers and dates as they are written, because administrators do not
// quote an employeeId. It refuses true and false, which are probably a mistake.
func (r *Reader) ScalarText(n *yaml.Node, what string) string {
	if n.Kind == yaml.ScalarNode && slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, n.Tag) {
		return n.Value
	}
	r.Problem(n, "%s must be text", what)
	return ""
}

// Required returns a string that must be there.
func (r *Reader) Required(o Object, key, what string) string {
	s := r.Text(o, key)
	if o.Lacks(key) || o.Has(key) && s == "" {
		r.Problem(o.At(key), "%s needs %s", what, key)
	}
	return s
}

// Word returns one of a few strings, the first if the key is absent.
func (r *Reader) Word(o Object, key string, allowed ...string) string {
	if !o.Has(key) {
		return allowed[0]
	}
	s := r.Text(o, key)
	if !slices.Contains(allowed, s) {
		r.Problem(o.At(key), "%s must be one of %s, not %s", key, strings.Join(allowed, ", "), Quoted(s))
	}
	return s
}

// Flag returns a boolean, or the one given if the key is absent.
func (r *Reader) Flag(o Object, key string, absent bool) bool {
	n := o.Fields[key]
	if n == nil {
		return absent
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		r.Problem(n, "%s must be true or false", key)
		return absent
	}
	return strings.EqualFold(n.Value, "true")
}

// Count returns a number of seats.
func (r *Reader) Count(o Object, key string) int {
	n := o.Fields[key]
	if n == nil {
		return 0
	}
	i, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil || i < 0 || n.Tag != "!!int" {
		r.Problem(n, "%s must be a whole number from 0", key)
		return 0
	}
	return int(i)
}

// GUID returns a GUID in lower case, "" if the key is absent.
func (r *Reader) GUID(o Object, key string) string {
	if !o.Has(key) {
		return ""
	}
	s := r.Text(o, key)
	id, ok := guid.Parse(s)
	if !ok {
		r.Problem(o.At(key), "%s must be a GUID, not %s", key, Quoted(s))
	}
	return id
}

// RequiredGUID returns a GUID that must be there.
func (r *Reader) RequiredGUID(o Object, key, what string) string {
	if o.Lacks(key) {
		r.Problem(o.Node, "%s needs %s", what, key)
	}
	return r.GUID(o, key)
}

// Instant returns a time written by RFC 3339, or the one given.
func (r *Reader) Instant(o Object, key string, absent time.Time) time.Time {
	if !o.Has(key) {
		return absent
	}
	t, err := time.Parse(time.RFC3339, r.Text(o, key))
	if err != nil {
		r.Problem(o.At(key), "%s must be a time such as 2026-01-31T08:00:00Z", key)
	}
	return t
}

// Number returns a number from 0 to a million.
func (r *Reader) Number(o Object, key string, absent float64) float64 {
	if !o.Has(key) {
		return absent
	}
	f, err := strconv.ParseFloat(r.Text(o, key), 64)
	if err != nil || !(f >= 0 && f <= 1e6) {
		r.Problem(o.At(key), "%s must be a number from 0", key)
		return absent
	}
	return f
}

// Fraction returns a chance, 0 if the key is absent.
func (r *Reader) Fraction(o Object, key string) float64 {
	f := r.Number(o, key, 0)
	if o.Has(key) && (f == 0 || f > 1) {
		r.Problem(o.At(key), "%s must be a number above 0, up to 1", key)
		return 0
	}
	return f
}

// Duration returns a time span, 0 if the key is absent.
func (r *Reader) Duration(o Object, key string) time.Duration {
	if !o.Has(key) {
		return 0
	}
	d, err := time.ParseDuration(r.Text(o, key))
	if err != nil || d <= 0 {
		r.Problem(o.At(key), "%s must be a time such as 1.5s or 2m", key)
		return 0
	}
	return d
}
