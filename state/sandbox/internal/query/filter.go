package query

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// Need is what a query must have for a way of filtering.
type Need int

// What queries need for filters.
const (
	never    Need = iota
	Always        // any query
	Advanced      // $count=true and the header ConsistencyLevel: eventual
)

// Filterable is a property and the ways in which it can be filtered (Graph: advanced query
// capabilities on Microsoft Entra ID objects).
type Filterable[T any] struct {
	Equals  Need // eq and in; with ne and not always advanced
	Prefix  Need // startsWith
	Suffix  Need // endsWith
	Null    Need // eq null
	Ordered Need // ge, le, gt, lt
	Kind    literalKind
	Value   func(T) any
}

// literalKind is how the literals of a property are written.
type literalKind int

// The kinds of literals.
const (
	textLiteral    literalKind = iota // in quotes; the others are not
	FlagLiteral                       // true or false
	InstantLiteral                    // RFC 3339
)

// Collection is a list of objects and how it can be filtered.
type Collection[T any] struct {
	Fields   map[string]Need // of an element, by eq; "" is an element that is plain text
	Bare     Need            // any() without a condition
	Count    Need            // /$count eq 0 and ne 0
	Elements func(T) []map[string]string
}

// Filters are how a resource can be filtered.
type Filters[T any] struct {
	Resource   string // as Graph's messages name it
	Properties map[string]Filterable[T]
	Lists      map[string]Collection[T]
}

// Limits of a $filter (microsoft-graph-docs issues 21098 and 3641).
const (
	maxClauses = 15
	maxHeight  = 3
	maxURL     = 2048 // of an advanced query, instead of maxClauses
)

// ParseFilter compiles a $filter. What is not supported is refused in the words of the
// service.
func ParseFilter[T any](fs Filters[T], r Request, o Options) (func(T) bool, *refusal.Error) {
	if strings.TrimSpace(o.Filter) == "" {
		return nil, nil
	}
	e, ok := readFilter(o.Filter)
	if !ok {
		return nil, refusal.UnsupportedQuery("Unsupported or invalid query filter clause.")
	}
	if refused := checkLimits(e, r, o); refused != nil {
		return nil, refused
	}
	if refused := fs.check(e, o.count); refused != nil {
		return nil, refused
	}
	return func(v T) bool { return fs.matches(e, v) }, nil
}

func checkLimits(e expression, r Request, o Options) *refusal.Error {
	switch {
	case e.height() > maxHeight:
		return refusal.UnsupportedQuery("search filter expression has excessive height: %d. Max allowed: %d", e.height(), maxHeight)
	case o.count && len(r.Base)+len(r.Path)+len(r.Query) > maxURL:
		return refusal.UnsupportedQuery("The URL of the query is longer than %d characters.", maxURL)
	case !o.count && e.clauses() > maxClauses:
		return refusal.UnsupportedQuery("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d",
			e.clauses(), maxClauses)
	}
	return nil
}

// check refuses a filter that the resource does not support. isAdvanced means that the
// query has what advanced queries need.
func (fs Filters[T]) check(e expression, isAdvanced bool) *refusal.Error {
	switch e.op {
	case "any":
		return fs.checkAny(e, isAdvanced)
	case "not":
		if !isAdvanced {
			return needsMore("not")
		}
	case "and", "or":
	default:
		return fs.checkLeaf(e, isAdvanced)
	}
	for _, p := range e.parts {
		if refused := fs.check(p, isAdvanced); refused != nil {
			return refused
		}
	}
	return nil
}

func needsMore(operator string) *refusal.Error {
	return refusal.UnsupportedQuery("Operator '%s' is not supported because the required parameters might be missing. "+
		"Try adding $count=true query parameter and ConsistencyLevel:eventual header.", operator)
}

func (fs Filters[T]) unsupported(property string) *refusal.Error {
	return refusal.UnsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource '%s'.", property, fs.Resource)
}

func (fs Filters[T]) checkLeaf(e expression, isAdvanced bool) *refusal.Error {
	if list, isCount := strings.CutSuffix(e.property, "/$count"); isCount {
		return fs.checkCount(list, e, isAdvanced)
	}
	name, p, found := find(fs.Properties, e.property)
	if e.op == "endswith" && !isAdvanced {
		return needsMore("endsWith")
	}
	if name == "id" && e.op != "eq" {
		return refusal.UnsupportedQuery("The 'id' property can only be used with eq filter")
	}
	wants := p.needs(e)
	switch {
	case !found || wants == never || !p.acceptsLiterals(e):
		return fs.unsupported(e.property)
	case wants == Advanced && !isAdvanced:
		return fs.unsupported(e.property)
	}
	return nil
}

// needs returns what a condition on the property needs.
func (p Filterable[T]) needs(e expression) Need {
	isNull := slices.ContainsFunc(e.values, literal.null)
	switch e.op {
	case "eq":
		if isNull {
			return p.Null
		}
		return p.Equals
	case "in":
		return p.Equals
	case "ne":
		if p.Equals == never || isNull && p.Null == never {
			return never
		}
		return Advanced
	case "startswith":
		return p.Prefix
	case "endswith":
		return p.Suffix
	case "ge", "le", "gt", "lt":
		return p.Ordered
	}
	return never
}

// acceptsLiterals reports whether the literals are of the property's type.
func (p Filterable[T]) acceptsLiterals(e expression) bool {
	return !slices.ContainsFunc(e.values, func(l literal) bool {
		switch {
		case l.null():
			return e.op == "in"
		case p.Kind == FlagLiteral:
			return l.quoted || l.text != "true" && l.text != "false"
		case p.Kind == InstantLiteral:
			_, err := time.Parse(time.RFC3339, l.text)
			return l.quoted || err != nil
		}
		return !l.quoted
	})
}

func (fs Filters[T]) checkCount(list string, e expression, isAdvanced bool) *refusal.Error {
	_, l, found := find(fs.Lists, list)
	switch {
	case !found || l.Count == never || e.op != "eq" && e.op != "ne" || e.values[0] != (literal{text: "0"}):
		return fs.unsupported(list)
	case l.Count == Advanced && !isAdvanced:
		return fs.unsupported(list)
	}
	return nil
}

func (fs Filters[T]) checkAny(e expression, isAdvanced bool) *refusal.Error {
	_, l, found := find(fs.Lists, e.property)
	if !found {
		return fs.unsupported(e.property)
	}
	if e.variable == "" {
		if l.Bare == never || l.Bare == Advanced && !isAdvanced {
			return fs.unsupported(e.property)
		}
		return nil
	}
	return fs.checkElement(e.property, l, e.variable, e.parts[0], isAdvanced)
}

func (fs Filters[T]) checkElement(list string, l Collection[T], variable string, e expression, isAdvanced bool) *refusal.Error {
	if e.op == "and" || e.op == "or" {
		for _, p := range e.parts {
			if refused := fs.checkElement(list, l, variable, p, isAdvanced); refused != nil {
				return refused
			}
		}
		return nil
	}
	field, ours := elementField(variable, e.property)
	if !ours {
		return refusal.UnsupportedQuery("Unsupported or invalid query filter clause.")
	}
	_, wants, found := find(l.Fields, field)
	_, isGUID := guid.Parse(e.values[0].text)
	guidWanted := strings.HasSuffix(strings.ToLower(field), "skuid") || strings.HasSuffix(strings.ToLower(field), "planid")
	if !found || e.op != "eq" || wants == Advanced && !isAdvanced || e.values[0].quoted == guidWanted || guidWanted && !isGUID {
		return fs.unsupported(list)
	}
	return nil
}

// elementField returns the field of a condition inside any(): "skuId" of "a/skuId", "" of
// "a".
func elementField(variable, property string) (string, bool) {
	if property == variable {
		return "", true
	}
	return strings.CutPrefix(property, variable+"/")
}

// find returns the value of a name, without regard to case.
func find[V any](in map[string]V, name string) (string, V, bool) {
	if v, ok := in[name]; ok {
		return name, v, true
	}
	for key, v := range in {
		if strings.EqualFold(key, name) {
			return key, v, true
		}
	}
	var none V
	return "", none, false
}

// matches evaluates a filter that was checked.
func (fs Filters[T]) matches(e expression, v T) bool {
	matches := func(p expression) bool { return fs.matches(p, v) }
	switch e.op {
	case "and":
		return !slices.ContainsFunc(e.parts, func(p expression) bool { return !matches(p) })
	case "or":
		return slices.ContainsFunc(e.parts, matches)
	case "not":
		return !matches(e.parts[0])
	case "any":
		_, l, _ := find(fs.Lists, e.property)
		return slices.ContainsFunc(l.Elements(v), func(element map[string]string) bool {
			return e.variable == "" || elementMatches(e.parts[0], e.variable, element)
		})
	}
	if list, isCount := strings.CutSuffix(e.property, "/$count"); isCount {
		_, l, _ := find(fs.Lists, list)
		return (len(l.Elements(v)) == 0) == (e.op == "eq")
	}
	_, p, _ := find(fs.Properties, e.property)
	return holds(e, p.Value(v))
}

func elementMatches(e expression, variable string, element map[string]string) bool {
	matches := func(p expression) bool { return elementMatches(p, variable, element) }
	switch e.op {
	case "and":
		return !slices.ContainsFunc(e.parts, func(p expression) bool { return !matches(p) })
	case "or":
		return slices.ContainsFunc(e.parts, matches)
	}
	field, _ := elementField(variable, e.property)
	_, value, _ := find(element, field)
	return strings.EqualFold(value, e.values[0].text)
}

// holds reports whether a condition is true for a property's value, nil for unset. The
// directory compares texts without regard to case.
func holds(e expression, value any) bool {
	text := strings.ToLower(fmt.Sprint(value))
	is := func(l literal) bool {
		return (value == nil) == l.null() && (l.null() || text == strings.ToLower(l.text))
	}
	first := strings.ToLower(e.values[0].text)
	switch e.op {
	case "ne":
		return !is(e.values[0])
	case "startswith":
		return value != nil && strings.HasPrefix(text, first)
	case "endswith":
		return value != nil && strings.HasSuffix(text, first)
	case "ge":
		return value != nil && text >= first
	case "gt":
		return value != nil && text > first
	case "le":
		return value != nil && text <= first
	case "lt":
		return value != nil && text < first
	}
	return slices.ContainsFunc(e.values, is)
}
