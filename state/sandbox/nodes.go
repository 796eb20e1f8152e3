package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// nodeReader reads the nodes of a tenant file strictly and collects what is
// wrong with them. Its methods return zero values where they complain, so that
// reading goes on and all problems are found at once.
type nodeReader struct {
	name string
	bad  ParseError
}

func (r *nodeReader) problem(n *yaml.Node, format string, args ...any) {
	r.bad.add(Problem{File: r.name, Line: max(n.Line, 1), Message: fmt.Sprintf(format, args...)})
}

// object is a mapping that was checked for unknown and repeated keys. Keys
// whose value is null are absent from it, as in Graph's own answers.
type object struct {
	node   *yaml.Node
	fields map[string]*yaml.Node
}

// has tells whether a key is there and not null.
func (o object) has(key string) bool { return o.fields[key] != nil }

// lacks tells whether a key is missing from what is a mapping at all.
func (o object) lacks(key string) bool {
	return !o.has(key) && o.node.Kind == yaml.MappingNode
}

// at is the node of a key, or the object itself where the key is absent: where
// a complaint about the key belongs.
func (o object) at(key string) *yaml.Node {
	if n := o.fields[key]; n != nil {
		return n
	}
	return o.node
}

func (r *nodeReader) object(n *yaml.Node, what string, known []string) object {
	o := object{node: n, fields: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.problem(n, "%s must be a mapping", what)
		return o
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(n.Content, 2) {
		key, value := pair[0], pair[1]
		switch {
		case key.Kind != yaml.ScalarNode || !slices.Contains(known, key.Value):
			r.problem(key, "unknown key %s in %s%s", quoted(key.Value), what, didYouMean(key.Value, known))
		case seen[key.Value]:
			r.problem(key, "key %q is written twice in %s", key.Value, what)
		case !isNull(value):
			o.fields[key.Value] = value
		}
		seen[key.Value] = true
	}
	return o
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// list returns the elements under a key; an absent key has none.
func (r *nodeReader) list(o object, key string) []*yaml.Node {
	n := o.fields[key]
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		r.problem(n, "%s must be a list", key)
		return nil
	}
	return n.Content
}

// texts returns a list of strings.
func (r *nodeReader) texts(o object, key string) []string {
	var out []string
	for _, n := range r.list(o, key) {
		out = append(out, r.scalarText(n, key))
	}
	return out
}

// text returns a string, "" where the key is absent.
func (r *nodeReader) text(o object, key string) string {
	if n := o.fields[key]; n != nil {
		return r.scalarText(n, key)
	}
	return ""
}

// scalarText takes numbers and dates as they are written, since people do not
// quote an employeeId; true and false it refuses, as they are hardly meant.
func (r *nodeReader) scalarText(n *yaml.Node, what string) string {
	if n.Kind == yaml.ScalarNode && slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, n.Tag) {
		return n.Value
	}
	r.problem(n, "%s must be text", what)
	return ""
}

// required returns a string that must be there.
func (r *nodeReader) required(o object, key, what string) string {
	s := r.text(o, key)
	if o.lacks(key) || o.has(key) && s == "" {
		r.problem(o.at(key), "%s needs %s", what, key)
	}
	return s
}

// word returns one of a few strings, the first where the key is absent.
func (r *nodeReader) word(o object, key string, allowed ...string) string {
	if !o.has(key) {
		return allowed[0]
	}
	s := r.text(o, key)
	if !slices.Contains(allowed, s) {
		r.problem(o.at(key), "%s must be one of %s, not %s", key, strings.Join(allowed, ", "), quoted(s))
	}
	return s
}

func (r *nodeReader) flag(o object, key string, absent bool) bool {
	n := o.fields[key]
	if n == nil {
		return absent
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		r.problem(n, "%s must be true or false", key)
		return absent
	}
	return strings.EqualFold(n.Value, "true")
}

// count returns a number of seats.
func (r *nodeReader) count(o object, key string) int {
	n := o.fields[key]
	if n == nil {
		return 0
	}
	i, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil || i < 0 || n.Tag != "!!int" {
		r.problem(n, "%s must be a whole number from 0", key)
		return 0
	}
	return int(i)
}

// guid returns a GUID in lower case, "" where the key is absent.
func (r *nodeReader) guid(o object, key string) string {
	if !o.has(key) {
		return ""
	}
	s := r.text(o, key)
	id, ok := parseGUID(s)
	if !ok {
		r.problem(o.at(key), "%s must be a GUID, not %s", key, quoted(s))
	}
	return id
}

// requiredGUID returns a GUID that must be there.
func (r *nodeReader) requiredGUID(o object, key, what string) string {
	if o.lacks(key) {
		r.problem(o.node, "%s needs %s", what, key)
	}
	return r.guid(o, key)
}

// instant returns a time written by RFC 3339, or the one given.
func (r *nodeReader) instant(o object, key string, absent time.Time) time.Time {
	if !o.has(key) {
		return absent
	}
	t, err := time.Parse(time.RFC3339, r.text(o, key))
	if err != nil {
		r.problem(o.at(key), "%s must be a time such as 2026-01-31T08:00:00Z", key)
	}
	return t
}

// number returns a number from 0 to a million.
func (r *nodeReader) number(o object, key string, absent float64) float64 {
	if !o.has(key) {
		return absent
	}
	f, err := strconv.ParseFloat(r.text(o, key), 64)
	if err != nil || !(f >= 0 && f <= 1e6) {
		r.problem(o.at(key), "%s must be a number from 0", key)
		return absent
	}
	return f
}

// fraction returns a chance, 0 where the key is absent.
func (r *nodeReader) fraction(o object, key string) float64 {
	f := r.number(o, key, 0)
	if o.has(key) && (f == 0 || f > 1) {
		r.problem(o.at(key), "%s must be a number above 0, up to 1", key)
		return 0
	}
	return f
}

// duration returns a time span, 0 where the key is absent.
func (r *nodeReader) duration(o object, key string) time.Duration {
	if !o.has(key) {
		return 0
	}
	d, err := time.ParseDuration(r.text(o, key))
	if err != nil || d <= 0 {
		r.problem(o.at(key), "%s must be a time such as 1.5s or 2m", key)
		return 0
	}
	return d
}
