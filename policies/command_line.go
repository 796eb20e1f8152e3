package policies

import (
	"io/fs"

	"gopkg.in/yaml.v3"
)

// SelectorWords is a selector as flags of a command, which have the names of the keys of
// the language. Empty words are flags that were not given.
type SelectorWords struct {
	OU, CSV, Domain, Search string
}

// commandLine is the name of the file in the positions of problems.
const commandLine = "command line"

// ParseSelector reads a selector from flags, by the rules of policy files. Without a flag
// it selects all users of the organization.
func ParseSelector(fsys fs.FS, words SelectorWords) (Selector, []Problem, error) {
	l := newLoader(fsys)
	root := value{node: words.node(), doc: &document{file: commandLine, problems: &l.problems}}
	selectors := l.fillRows([]Selector{decodeSelector(root, roleUsers)}, false)
	return selectors[0], l.warnings.List(), l.problems.Err()
}

// node returns the YAML mapping that a policy would write.
func (w SelectorWords) node() *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, word := range [][2]string{{"ou", w.OU}, {"csv", w.CSV}, {"domain", w.Domain}, {"search", w.Search}} {
		if word[1] != "" {
			mapping.Content = append(mapping.Content, scalar(word[0]), scalar(word[1]))
		}
	}
	if len(mapping.Content) == 0 {
		mapping.Content = []*yaml.Node{scalar("all"), scalar("true")}
	}
	return mapping
}

func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }
