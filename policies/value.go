package policies

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// value is one value of a YAML file. Plain words are taken by their text, never by
// the type YAML would give them: NO is Norway, and 123 can be searched for.
//
// Each method that reads a value reports what is wrong with it and returns false then.
type value struct {
	node *yaml.Node
	key  *yaml.Node // the key it is under; nil for the root and for items of lists
	doc  *document
}

func (v value) pos() Pos { return v.doc.at(v.node) }

// name returns the key that the value is under.
func (v value) name() string {
	if v.key == nil {
		return ""
	}
	return v.key.Value
}

// keyPos returns the position of the key, or of the value if it has none.
func (v value) keyPos() Pos {
	if v.key == nil {
		return v.pos()
	}
	return v.doc.at(v.key)
}

// problem adds a problem at the position of the value.
func (v value) problem(rule diag.Rule, hint, format string, args ...any) {
	v.doc.problems.Add(v.pos(), rule, hint, format, args...)
}

// reportKind reports a value of the wrong kind. An alias was reported before.
func (v value) reportKind(kind, hint string) {
	if v.node.Kind != yaml.AliasNode {
		v.problem(diag.RuleType, hint, "expected %s, got %s", kind, kindName(v.node))
	}
}

func (v value) isText() bool    { return v.node.Kind == yaml.ScalarNode }
func (v value) isList() bool    { return v.node.Kind == yaml.SequenceNode }
func (v value) isMapping() bool { return v.node.Kind == yaml.MappingNode }

// isNull reports whether nothing, or a word that means null, was written.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&^yaml.TaggedStyle == 0
}

func kindName(n *yaml.Node) string {
	switch {
	case isNull(n):
		return "nothing"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	}
	return "a text"
}

// text returns a text of any number of lines.
func (v value) text() (string, bool) {
	if !v.isText() {
		v.reportKind("a text", "")
		return "", false
	}
	return v.node.Value, true
}

// word returns a text of one line, without blanks around it.
func (v value) word() (string, bool) {
	text, ok := v.text()
	if !ok {
		return "", false
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		v.problem(diag.RuleValue, "write a value or remove the line", "the text is empty")
		return "", false
	case strings.ContainsAny(text, "\n"):
		v.problem(diag.RuleValue, "", "expected a text of one line")
		return "", false
	}
	return text, true
}

// keyWord returns the key that the value is under, where users choose the key.
func (v value) keyWord() (string, bool) {
	word := strings.TrimSpace(v.name())
	if word == "" || strings.Contains(word, "\n") {
		v.doc.problems.Add(v.keyPos(), diag.RuleValue, "", "the key is empty or has several lines")
		return "", false
	}
	return word, true
}

// wholeNumber returns a plain decimal number.
func (v value) wholeNumber(least, most int) (int, bool) {
	if !v.isText() || v.node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		v.reportKind("a whole number", "")
		return 0, false
	}
	text := v.node.Value
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || strconv.Itoa(n) != text:
		v.problem(diag.RuleType, "", "expected a whole number, got %s", diag.Quote(text))
		return 0, false
	case n < least || n > most:
		v.problem(diag.RuleValue, "", "expected a number from %d to %d, got %d", least, most, n)
		return 0, false
	}
	return n, true
}

// choice returns one of several words.
func (v value) choice(words ...string) (string, bool) {
	word, ok := v.word()
	if !ok {
		return "", false
	}
	if !slices.Contains(words, word) {
		v.problem(diag.RuleValue, catalog.DidYouMean(word, words), "expected %s, got %s", diag.OneOf(words), diag.Quote(word))
		return "", false
	}
	return word, true
}

// boolean returns true or false; no other word for them counts.
func (v value) boolean() bool {
	word, _ := v.choice("true", "false")
	return word == "true"
}

// items returns the entries of a list that may not be empty. want names the list;
// ifEmpty is the hint for an empty one.
func (v value) items(want, ifEmpty string) []value {
	if !v.isList() {
		hint := ""
		if v.isText() && !isNull(v.node) {
			hint = fmt.Sprintf("write [%s]", yamlWord(v.node.Value))
		}
		v.reportKind(want, hint)
		return nil
	}
	if len(v.node.Content) == 0 {
		v.problem(diag.RuleValue, ifEmpty, "the list is empty")
	}
	var items []value
	for _, node := range v.node.Content {
		item := value{node: node, doc: v.doc}
		if isNull(node) {
			item.problem(diag.RuleValue, "write a value or remove the dash", "an item is written but empty")
			continue
		}
		items = append(items, item)
	}
	return items
}

// oneOrMore returns the items of a list, or the value itself if it is none.
func (v value) oneOrMore(want, ifEmpty string) []value {
	if v.isList() {
		return v.items(want, ifEmpty)
	}
	return []value{v}
}

// pairs returns the entries of a mapping, each with its key. A repeated key counts once;
// [inspection.keys] has reported it.
func (v value) pairs(want string) []value {
	if !v.isMapping() {
		v.reportKind(want, "")
		return nil
	}
	seen := map[string]bool{}
	var pairs []value
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		if key.Kind != yaml.ScalarNode || isNull(key) || key.Tag == "!!merge" || seen[key.Value] {
			continue
		}
		seen[key.Value] = true
		pairs = append(pairs, value{node: v.node.Content[i+1], key: key, doc: v.doc})
	}
	return pairs
}

// filled returns [value.pairs] without those that have nothing after the colon. It
// reports these: a key without a value is neither missing nor set.
func (v value) filled(want string) []value {
	return slices.DeleteFunc(v.pairs(want), value.reportEmpty)
}

func (v value) reportEmpty() bool {
	empty := isNull(v.node)
	if empty {
		v.doc.problems.Add(v.keyPos(), diag.RuleValue, "write a value or remove the line", "%s is written but empty", diag.Quote(v.name()))
	}
	return empty
}

// keys maps each key of a mapping to what reads its value.
type keys map[string]func(value)

// mustMatch panics if the decoder reads a key that the table of the mapping does not
// have, or does not read one that the table lists. Any use of the mapping shows it.
func (k keys) mustMatch(m Mapping) {
	for name := range k {
		if _, listed := m.Key(name); !listed {
			panic(fmt.Sprintf("the table of %s does not have the key %q, which its decoder reads", m.ID, name))
		}
	}
	for _, key := range m.Keys {
		if k[key.Name] == nil && !key.Refused {
			panic(fmt.Sprintf("no decoder reads the key %q of %s", key.Name, m.ID))
		}
	}
}

// hint returns which key the user may have meant by an unknown one.
func (k keys) hint(m Mapping, key string) string {
	var names []string
	for _, known := range m.Keys {
		names = append(names, known.Name)
	}
	slices.Sort(names)
	if hint := catalog.DidYouMean(key, names); hint != "" {
		return hint
	}
	later := func(name string) bool { return k[name] == nil }
	return "use " + diag.OneOf(slices.DeleteFunc(names, later))
}

// fields reads a mapping with known keys. It returns the position of each key.
func (v value) fields(m Mapping, readers keys) map[string]Pos {
	readers.mustMatch(m)
	written := map[string]Pos{}
	if !v.isMapping() {
		v.reportKind("a mapping with the keys of "+m.Title, v.rootHint(m))
		return written
	}
	for _, field := range v.pairs("") {
		_, known := m.Key(field.name())
		read := readers[field.name()]
		switch {
		case !known:
			v.doc.problems.Add(field.keyPos(), diag.RuleUnknownKey, readers.hint(m, field.name()), "%s is not a key of %s", diag.Quote(field.name()), m.Title)
			continue
		case read == nil:
			field.unsupported(field.name())
		case !field.reportEmpty():
			read(field)
		}
		written[field.name()] = field.keyPos()
	}
	return written
}

// rootHint returns a hint for a file that has the entries without the key above them.
func (v value) rootHint(m Mapping) string {
	if v.key == nil && v.isList() && len(m.Keys) == 1 {
		return fmt.Sprintf("begin the file with \"%s:\", and put the entries below it", m.Keys[0].Name)
	}
	return ""
}

// complete reports required keys of the mapping that are not written.
func (v value) complete(m Mapping, pos Pos, written map[string]Pos) {
	v.required(pos, m.Subject, written, m.required()...)
}

// unsupported refuses a part of the language that this version does not have yet.
func (v value) unsupported(name string) {
	v.doc.problems.Add(v.keyPos(), diag.RuleUnsupported, "", "%q is not supported yet", name)
}

// required reports keys that the mapping does not have.
func (v value) required(pos Pos, what string, written map[string]Pos, names ...string) {
	if !v.isMapping() {
		return
	}
	for _, name := range names {
		if _, ok := written[name]; !ok {
			v.doc.problems.Add(pos, diag.RuleRequired, "", "%s needs the key %q", what, name)
		}
	}
}
