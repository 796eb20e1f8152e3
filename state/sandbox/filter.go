package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
)

// need is what a query must have for a way of filtering.
type need int

const (
	never    need = iota
	always        // any query
	advanced      // $count=true and the header ConsistencyLevel: eventual
)

// filterable is a property and how it can be filtered (Graph: advanced query
// capabilities on Microsoft Entra ID objects).
type filterable[T any] struct {
	equals  need // eq and in; with ne and not always advanced
	prefix  need // startsWith
	suffix  need // endsWith
	null    need // eq null
	ordered need // ge, le, gt, lt
	kind    literalKind
	value   func(T) any
}

// literalKind is how the literals of a property are written.
type literalKind int

const (
	textLiteral    literalKind = iota // in quotes; the others are not
	flagLiteral                       // true or false
	instantLiteral                    // RFC 3339
)

// collection is a list of objects and how it can be filtered.
type collection[T any] struct {
	fields   map[string]need // of an element, by eq; "" is an element that is plain text
	bare     need            // any() without a condition
	count    need            // /$count eq 0 and ne 0
	elements func(T) []map[string]string
}

// filters are how a resource can be filtered.
type filters[T any] struct {
	resource   string // as Graph's messages name it
	properties map[string]filterable[T]
	lists      map[string]collection[T]
}

// Limits of a $filter (microsoft-graph-docs issues 21098 and 3641).
const (
	maxClauses = 15
	maxHeight  = 3
	maxURL     = 2048 // of an advanced query, instead of maxClauses
)

// parseFilter compiles a $filter. What is not supported is refused in the words of
// the service.
func parseFilter[T any](fs filters[T], r request, o options) (func(T) bool, *refusal) {
	if strings.TrimSpace(o.filter) == "" {
		return nil, nil
	}
	e, ok := readFilter(o.filter)
	if !ok {
		return nil, unsupportedQuery("Unsupported or invalid query filter clause.")
	}
	if refused := checkLimits(e, r, o); refused != nil {
		return nil, refused
	}
	if refused := fs.check(e, o.count); refused != nil {
		return nil, refused
	}
	return func(v T) bool { return fs.matches(e, v) }, nil
}

func checkLimits(e expression, r request, o options) *refusal {
	switch {
	case e.height() > maxHeight:
		return unsupportedQuery("search filter expression has excessive height: %d. Max allowed: %d", e.height(), maxHeight)
	case o.count && len(r.base)+len(r.path)+len(r.query) > maxURL:
		return unsupportedQuery("The URL of the query is longer than %d characters.", maxURL)
	case !o.count && e.clauses() > maxClauses:
		return unsupportedQuery("Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: %d",
			e.clauses(), maxClauses)
	}
	return nil
}

// check refuses what the resource cannot be filtered by; isAdvanced tells whether
// the query has what advanced ones need.
func (fs filters[T]) check(e expression, isAdvanced bool) *refusal {
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

func needsMore(operator string) *refusal {
	return unsupportedQuery("Operator '%s' is not supported because the required parameters might be missing. "+
		"Try adding $count=true query parameter and ConsistencyLevel:eventual header.", operator)
}

func (fs filters[T]) unsupported(property string) *refusal {
	return unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource '%s'.", property, fs.resource)
}

func (fs filters[T]) checkLeaf(e expression, isAdvanced bool) *refusal {
	if list, isCount := strings.CutSuffix(e.property, "/$count"); isCount {
		return fs.checkCount(list, e, isAdvanced)
	}
	name, p, found := find(fs.properties, e.property)
	if e.op == "endswith" && !isAdvanced {
		return needsMore("endsWith")
	}
	if name == "id" && e.op != "eq" {
		return unsupportedQuery("The 'id' property can only be used with eq filter")
	}
	wants := p.needs(e)
	switch {
	case !found || wants == never || !p.takes(e):
		return fs.unsupported(e.property)
	case wants == advanced && !isAdvanced:
		return fs.unsupported(e.property)
	}
	return nil
}

// needs is what a condition on the property needs.
func (p filterable[T]) needs(e expression) need {
	isNull := slices.ContainsFunc(e.values, literal.null)
	switch e.op {
	case "eq":
		if isNull {
			return p.null
		}
		return p.equals
	case "in":
		return p.equals
	case "ne":
		if p.equals == never || isNull && p.null == never {
			return never
		}
		return advanced
	case "startswith":
		return p.prefix
	case "endswith":
		return p.suffix
	case "ge", "le", "gt", "lt":
		return p.ordered
	}
	return never
}

// takes tells whether the literals are of the property's type.
func (p filterable[T]) takes(e expression) bool {
	return !slices.ContainsFunc(e.values, func(l literal) bool {
		switch {
		case l.null():
			return e.op == "in"
		case p.kind == flagLiteral:
			return l.quoted || l.text != "true" && l.text != "false"
		case p.kind == instantLiteral:
			_, err := time.Parse(time.RFC3339, l.text)
			return l.quoted || err != nil
		}
		return !l.quoted
	})
}

func (fs filters[T]) checkCount(list string, e expression, isAdvanced bool) *refusal {
	_, l, found := find(fs.lists, list)
	switch {
	case !found || l.count == never || e.op != "eq" && e.op != "ne" || e.values[0] != (literal{text: "0"}):
		return fs.unsupported(list)
	case l.count == advanced && !isAdvanced:
		return fs.unsupported(list)
	}
	return nil
}

func (fs filters[T]) checkAny(e expression, isAdvanced bool) *refusal {
	_, l, found := find(fs.lists, e.property)
	if !found {
		return fs.unsupported(e.property)
	}
	if e.variable == "" {
		if l.bare == never || l.bare == advanced && !isAdvanced {
			return fs.unsupported(e.property)
		}
		return nil
	}
	return fs.checkElement(e.property, l, e.variable, e.parts[0], isAdvanced)
}

func (fs filters[T]) checkElement(list string, l collection[T], variable string, e expression, isAdvanced bool) *refusal {
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
		return unsupportedQuery("Unsupported or invalid query filter clause.")
	}
	_, wants, found := find(l.fields, field)
	_, isGUID := guid.Parse(e.values[0].text)
	guidWanted := strings.HasSuffix(strings.ToLower(field), "skuid") || strings.HasSuffix(strings.ToLower(field), "planid")
	if !found || e.op != "eq" || wants == advanced && !isAdvanced || e.values[0].quoted == guidWanted || guidWanted && !isGUID {
		return fs.unsupported(list)
	}
	return nil
}

// elementField is what a condition inside any() is about: "skuId" of "a/skuId", ""
// of "a".
func elementField(variable, property string) (string, bool) {
	if property == variable {
		return "", true
	}
	return strings.CutPrefix(property, variable+"/")
}

// find looks a name up without regard to case.
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
func (fs filters[T]) matches(e expression, v T) bool {
	matches := func(p expression) bool { return fs.matches(p, v) }
	switch e.op {
	case "and":
		return !slices.ContainsFunc(e.parts, func(p expression) bool { return !matches(p) })
	case "or":
		return slices.ContainsFunc(e.parts, matches)
	case "not":
		return !matches(e.parts[0])
	case "any":
		_, l, _ := find(fs.lists, e.property)
		return slices.ContainsFunc(l.elements(v), func(element map[string]string) bool {
			return e.variable == "" || elementMatches(e.parts[0], e.variable, element)
		})
	}
	if list, isCount := strings.CutSuffix(e.property, "/$count"); isCount {
		_, l, _ := find(fs.lists, list)
		return (len(l.elements(v)) == 0) == (e.op == "eq")
	}
	_, p, _ := find(fs.properties, e.property)
	return holds(e, p.value(v))
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

// holds compares a property's value, nil for unset. The directory compares texts
// without regard to case.
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
