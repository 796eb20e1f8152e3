package query

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// expression is a parsed $filter.
type expression struct {
	op       string // "and", "or", "not", "any", "in", a comparison, or a function in lower case
	property string // of a leaf and of "any", as written; "assignedLicenses/$count" too
	variable string // of "any", "" if it has no condition
	values   []literal
	parts    []expression // of "and", "or", "not", "any"
}

// literal is a constant in a $filter.
type literal struct {
	quoted bool
	text   string // unquoted
}

func (l literal) null() bool { return !l.quoted && l.text == "null" }

var (
	filterToken = regexp.MustCompile(`^\s*('(?:[^']|'')*'|\d{4}-\d\d-\d\dT[0-9:.Z+-]+|[(),:]|[^\s(),:']+)`)
	comparisons = []string{"eq", "ne", "gt", "ge", "lt", "le"}
	functions   = []string{"startswith", "endswith", "contains"}
)

// maxFilterDepth bounds the brackets that are read at all.
const maxFilterDepth = 50

// filterReader reads the tokens of a filter. After a mistake, broken is set and the results
// have no meaning.
type filterReader struct {
	tokens []string
	depth  int
	broken bool
}

// readFilter parses a $filter (OData 4.0 URL conventions, the part that Graph
// has).
func readFilter(filter string) (expression, bool) {
	r := &filterReader{}
	for strings.TrimSpace(filter) != "" {
		m := filterToken.FindStringSubmatch(filter)
		if m == nil {
			return expression{}, false
		}
		r.tokens = append(r.tokens, m[1])
		filter = filter[len(m[0]):]
	}
	e := r.either()
	return e, !r.broken && len(r.tokens) == 0
}

func (r *filterReader) peek() string {
	if len(r.tokens) == 0 {
		return ""
	}
	return r.tokens[0]
}

func (r *filterReader) next() string {
	token := r.peek()
	if token == "" {
		r.broken = true
		return ""
	}
	r.tokens = r.tokens[1:]
	return token
}

func (r *filterReader) expect(token string) {
	if r.next() != token {
		r.broken = true
	}
}

func (r *filterReader) either() expression { return r.chain("or", r.both) }
func (r *filterReader) both() expression   { return r.chain("and", r.unary) }

func (r *filterReader) chain(op string, part func() expression) expression {
	parts := []expression{part()}
	for r.peek() == op && !r.broken {
		r.next()
		parts = append(parts, part())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return expression{op: op, parts: parts}
}

func (r *filterReader) unary() expression {
	r.depth++
	defer func() { r.depth-- }()
	switch {
	case r.depth > maxFilterDepth:
		r.broken = true
		return expression{}
	case r.peek() == "not":
		r.next()
		return expression{op: "not", parts: []expression{r.unary()}}
	case r.peek() == "(":
		r.next()
		e := r.either()
		r.expect(")")
		return e
	}
	return r.leaf()
}

func (r *filterReader) leaf() expression {
	word := r.next()
	list, isAny := strings.CutSuffix(word, "/any")
	switch op := r.next(); {
	case op == "(" && isAny:
		return r.any(list)
	case op == "(" && slices.Contains(functions, strings.ToLower(word)):
		e := expression{op: strings.ToLower(word), property: r.next()}
		r.expect(",")
		e.values = []literal{r.literal()}
		r.expect(")")
		return e
	case op == "in":
		return expression{op: op, property: word, values: r.list()}
	case slices.Contains(comparisons, op):
		return expression{op: op, property: word, values: []literal{r.literal()}}
	}
	r.broken = true
	return expression{}
}

func (r *filterReader) any(list string) expression {
	e := expression{op: "any", property: list}
	if r.peek() == ")" {
		r.next()
		return e
	}
	e.variable = r.next()
	r.expect(":")
	e.parts = []expression{r.either()}
	r.expect(")")
	return e
}

func (r *filterReader) list() []literal {
	r.expect("(")
	values := []literal{r.literal()}
	for r.peek() == "," && !r.broken {
		r.next()
		values = append(values, r.literal())
	}
	r.expect(")")
	return values
}

func (r *filterReader) literal() literal {
	token := r.next()
	switch {
	case token == "" || strings.ContainsAny(token[:1], "(),:"):
		r.broken = true
		return literal{}
	case token[0] == '\'':
		return literal{quoted: true, text: strings.ReplaceAll(token[1:len(token)-1], "''", "'")}
	}
	return literal{text: token}
}

// height returns the height of the tree. A condition is 1 high.
func (e expression) height() int {
	if e.op == "any" {
		return 1
	}
	highest := 0
	for _, p := range e.parts {
		highest = max(highest, p.height())
	}
	return highest + 1
}

// clauses returns the length of the longest list of alternatives, of "or" and "in".
func (e expression) clauses() int {
	longest := 0
	switch e.op {
	case "or":
		longest = len(e.parts)
	case "in":
		longest = len(e.values)
	}
	for _, p := range e.parts {
		longest = max(longest, p.clauses())
	}
	return longest
}

// maxDelta is how many objects the $filter of a delta query names.
const maxDelta = 50

// ParseIDs reads the only $filter that delta has: ids, joined by or.
func ParseIDs(filter string) ([]string, *refusal.Error) {
	if strings.TrimSpace(filter) == "" {
		return nil, nil
	}
	e, ok := readFilter(filter)
	alternatives := []expression{e}
	if e.op == "or" {
		alternatives = e.parts
	}
	ids := []string{}
	for _, a := range alternatives {
		ok = ok && a.op == "eq" && strings.EqualFold(a.property, "id") && a.values[0].quoted
		if ok {
			ids = append(ids, strings.ToLower(a.values[0].text))
		}
	}
	if !ok || len(ids) > maxDelta {
		return nil, refusal.UnsupportedQuery("Delta queries are filtered by 'id eq' alone, joined by 'or', for at most %d objects.", maxDelta)
	}
	return ids, nil
}
