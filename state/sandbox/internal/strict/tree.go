package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Limits of a tenant file. A generated tenant of 100,000 users is 31 MB, a captured one
// about twice that.
const (
	maxFileSize = 1 << 30
	maxDepth    = 32
)

// ReadTree returns the tree of a file, whose nodes know their lines. JSON is read as JSON,
// because YAML reads tabs and surrogate pairs differently.
func ReadTree(name string, data []byte) (*yaml.Node, error) {
	if len(data) > maxFileSize {
		return nil, oneProblem(name, 1, fmt.Sprintf("the file is larger than %d MiB", maxFileSize>>20))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var root *yaml.Node
	var err error
	if json.Valid(data) {
		root, err = jsonTree(name, data)
	} else {
		root, err = yamlTree(name, data)
	}
	if err != nil {
		return nil, err
	}
	if bad, why := forbidden(root, 0); bad != nil {
		return nil, oneProblem(name, bad.Line, why)
	}
	return root, nil
}

func yamlTree(name string, data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, oneProblem(name, 1, "the file is empty")
	case err != nil:
		return nil, yamlProblem(name, err)
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
		return doc.Content[0], nil
	case err != nil:
		return nil, yamlProblem(name, err)
	}
	return nil, oneProblem(name, second.Line, "a second document begins here, and the file must have one")
}

// yamlLine finds the line number in the YAML library's messages, which carry it
// nowhere else.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func yamlProblem(name string, err error) error {
	line := 1
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	return oneProblem(name, line, text)
}

// forbidden returns the first node of a kind that hides the content of the file.
func forbidden(n *yaml.Node, depth int) (*yaml.Node, string) {
	switch {
	case depth > maxDepth:
		return n, fmt.Sprintf("nested deeper than %d levels", maxDepth)
	case n.Kind == yaml.AliasNode:
		return n, "aliases are not supported"
	case n.Anchor != "":
		return n, "anchors are not supported"
	case n.Style&yaml.TaggedStyle != 0:
		return n, "tags are not supported"
	}
	for _, child := range n.Content {
		if bad, why := forbidden(child, depth+1); bad != nil {
			return bad, why
		}
	}
	return nil, ""
}

// jsonTree reads valid JSON into the same kind of tree.
func jsonTree(name string, data []byte) (*yaml.Node, error) {
	w := &jsonWalk{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	w.dec.UseNumber()
	root, err := w.value(0)
	if err != nil {
		return nil, oneProblem(name, w.line, err.Error())
	}
	return root, nil
}

type jsonWalk struct {
	data   []byte
	dec    *json.Decoder
	offset int64
	line   int
}

func (w *jsonWalk) next() (json.Token, error) {
	token, err := w.dec.Token()
	if end := w.dec.InputOffset(); end > w.offset {
		w.line += bytes.Count(w.data[w.offset:end], []byte("\n"))
		w.offset = end
	}
	return token, err
}

func (w *jsonWalk) value(depth int) (*yaml.Node, error) {
	token, err := w.next()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: w.line}
	switch token := token.(type) {
	case json.Delim:
		return n, w.children(n, token, depth)
	case string:
		n.Tag, n.Value = "!!str", token
	case json.Number:
		n.Tag, n.Value = numberTag(token), token.String()
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(token)
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// children reads the members of an object (keys are values too, in turn) or the
// elements of an array, and the closing bracket.
func (w *jsonWalk) children(n *yaml.Node, open json.Delim, depth int) error {
	n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for w.dec.More() {
		child, err := w.value(depth + 1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, err := w.next()
	return err
}

func numberTag(n json.Number) string {
	if _, err := n.Int64(); err == nil {
		return "!!int"
	}
	return "!!float"
}
