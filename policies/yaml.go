package policies

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/policies/diag"
)

// The limits of a YAML file. They are far above what users write, and bound the cost of a
// hostile file.
const (
	maxYAMLBytes = 1 << 20
	maxYAMLDepth = 32
	maxYAMLNodes = 100_000
)

// document is a YAML file while it is being decoded.
type document struct {
	file     string
	problems *Problems
}

func (d *document) at(node *yaml.Node) Pos {
	return Pos{File: d.file, Line: max(node.Line, 1), Col: max(node.Column, 1)}
}

// parseYAML reads the one document of a file. It reports what is refused everywhere:
// aliases, tags, duplicate keys and the like. It returns false if the rest cannot be
// decoded.
func parseYAML(file string, data []byte, problems *Problems) (value, bool) {
	d := &document{file: file, problems: problems}
	if !d.checkText(data) {
		return value{}, false
	}
	root, err := decodeYAML(data)
	if err != nil {
		d.syntax(err, data)
		return value{}, false
	}
	if len(root.Content) == 0 || isNull(root.Content[0]) {
		problems.Add(Pos{File: file, Line: 1}, diag.RuleValue, "", "the file is empty")
		return value{}, false
	}
	walk := inspection{document: d}
	if !walk.node(root.Content[0], 1) {
		return value{}, false
	}
	return value{node: root.Content[0], doc: d}, true
}

// errSecondDocument carries the place where a second document begins.
type errSecondDocument struct{ line, col int }

func (e errSecondDocument) Error() string { return "a second document begins" }

// decodeYAML runs the parser, which has been known to panic on hostile input.
func decodeYAML(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			root, err = nil, fmt.Errorf("the parser gave up: %v", panicked)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		return &first, nil // an empty document
	} else if err != nil {
		return nil, err
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, errSecondDocument{second.Line, second.Column}
	case errors.Is(err, io.EOF):
		return &first, nil
	default:
		return nil, err
	}
}

// The parser has no type for its errors; the line is in the text.
var yamlErrorLine = regexp.MustCompile(`^line (\d+): `)

// syntax reports why the parser refused the text.
func (d *document) syntax(err error, data []byte) {
	if second, ok := errors.AsType[errSecondDocument](err); ok {
		pos := Pos{File: d.file, Line: max(second.line, 1), Col: max(second.col, 1)}
		d.problems.Add(pos, diag.RuleSyntax, "make it a file of its own", "a second document begins; a file holds one")
		return
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	pos := Pos{File: d.file, Line: 1}
	if found := yamlErrorLine.FindStringSubmatch(text); found != nil {
		if line, err := strconv.Atoi(found[1]); err == nil {
			pos.Line = min(max(line, 1), bytes.Count(data, []byte("\n"))+1)
		}
		text = text[len(found[0]):]
	}
	d.problems.Add(pos, diag.RuleSyntax, tabHint(data, pos.Line), "not valid YAML: %s", diag.Cut(text))
}

// tabHint returns a hint about a tab, the commonest mistake, if one is near the line.
func tabHint(data []byte, line int) string {
	number := 0
	for text := range bytes.Lines(data) {
		number++
		indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if number >= line-1 && number <= line+1 && bytes.ContainsRune(indent, '\t') {
			return fmt.Sprintf("indent line %d with blanks, not with tabs", number)
		}
	}
	return ""
}

// inspection walks every node once. It never follows an alias, so that nothing
// can be larger than the file.
type inspection struct {
	*document
	nodes int // seen below the root
}

func (i *inspection) node(n *yaml.Node, depth int) bool {
	switch {
	case depth > maxYAMLDepth:
		i.problems.Add(i.at(n), diag.RuleLimit, "", "nested more than %d deep", maxYAMLDepth)
		return false
	case i.nodes+len(n.Content) > maxYAMLNodes:
		i.problems.Add(i.at(n), diag.RuleLimit, "split the file", "more than %d values in one file", maxYAMLNodes)
		return false
	}
	i.nodes += len(n.Content)
	i.decorations(n)
	if n.Kind == yaml.MappingNode {
		i.keys(n)
	}
	for _, child := range n.Content {
		if !i.node(child, depth+1) {
			return false
		}
	}
	return true
}

// decorations refuses what makes a node mean something other than its text.
func (i *inspection) decorations(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		i.problems.Add(i.at(n), diag.RuleAnchor, "write the value out", "aliases (*) are not allowed")
		return
	}
	if n.Anchor != "" {
		i.problems.Add(i.at(n), diag.RuleAnchor, "write the value out where it is used", "anchors (&) are not allowed")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		i.problems.Add(i.at(n), diag.RuleTag, "remove it", "tags (!) are not allowed")
	}
	if r, found := diag.Invisible(n.Value); found && n.Kind == yaml.ScalarNode {
		i.problems.Add(i.at(n), diag.RuleEncoding, "", "the invisible character %U is not allowed", r)
	}
}

// keys refuses merge keys, keys that are not words, and repeated keys.
func (i *inspection) keys(mapping *yaml.Node) {
	first := map[string]Pos{}
	for k := 0; k < len(mapping.Content); k += 2 {
		key := mapping.Content[k]
		pos := i.at(key)
		switch earlier, twice := first[key.Value]; {
		case key.Kind == yaml.AliasNode:
		case key.Kind != yaml.ScalarNode || isNull(key):
			i.problems.Add(pos, diag.RuleType, "", "expected a word as key, got %s", kindName(key))
		case key.Tag == "!!merge":
			i.problems.Add(pos, diag.RuleAnchor, "write the keys out", "merge keys (<<) are not allowed")
		case twice:
			i.problems.Add(pos, diag.RuleDuplicateKey, "", "the key %s is repeated; it is first in line %d column %d", diag.Quote(key.Value), earlier.Line, earlier.Col)
		default:
			first[key.Value] = pos
		}
	}
}
