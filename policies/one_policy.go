package policies

import (
	"bytes"
	"io/fs"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/policies/diag"
)

// PolicyWords is a policy for a single job, as flags of a command. Each field has the name
// of the key that it means. A flag may be given several times if the key takes a list, and
// its items may be separated by commas too. A flag without words was not given. An empty
// word is refused: it may be a shell variable that is not set.
type PolicyWords struct {
	CSV, OU, UPNs, Domain, Search               []string // one of the first three, and filters
	Include, Licenses, Absent, Others, PlansOff []string
	Replace                                     []string // OLD=NEW
	UsageLocation                               []string
}

// commandLinePolicy is the name of the policy that the command line is.
const commandLinePolicy = "command-line"

// None reports whether no flag was given.
func (w PolicyWords) None() bool {
	for _, flag := range append(w.who(), w.what()...) {
		if len(flag.values) > 0 {
			return false
		}
	}
	return true
}

// ParsePolicy returns a set with the one policy that the flags mean, in the tenant of the
// settings. It also returns the policy file with the same meaning, which [Load] accepts.
// Positions are those in that text, in a file called "command line". The text is returned
// with the problems too, if the flags make a file at all. The set has no waivers: a
// single job is allowed by flags.
func ParsePolicy(fsys fs.FS, t Tenant, words PolicyWords) (set *Set, text string, warnings []Problem, err error) {
	l := newLoader(fsys)
	text = l.writePolicy(words)
	if err := l.problems.Err(); err != nil {
		return nil, text, nil, err
	}
	var policies []Policy
	if root, ok := parseYAML(commandLine, []byte(text), &l.problems); ok {
		policies = decodePolicies(root)
		l.addInput(commandLine, InputPolicies, len(policies), []byte(text))
	}
	set, warnings, err = l.newSet(t, policies, nil)
	return set, text, warnings, err
}

// FromCommandLine reports whether the set is the one policy of [ParsePolicy], which no
// earlier or later run has.
func (s *Set) FromCommandLine() bool {
	return len(s.Policies) == 1 && s.Policies[0].Pos.File == commandLine
}

// flagWords are the words of one flag.
type flagWords struct {
	key    string
	values []string
	form   form
}

// form is how the words of a flag are written in YAML.
type form string

const (
	formOne   form = "one word"
	formList  form = "a list"         // words are cut at commas
	formNames form = "one or a list"  // words have commas in them
	formAll   form = "a list, or all" // as formList; the one word "all" has no brackets
	formPairs form = "a mapping"      // OLD=NEW, cut at commas
)

func (w PolicyWords) who() []flagWords {
	return []flagWords{
		{"csv", w.CSV, formOne}, {"ou", w.OU, formNames}, {"upns", w.UPNs, formList},
		{"domain", w.Domain, formOne}, {"search", w.Search, formOne},
	}
}

func (w PolicyWords) what() []flagWords {
	return []flagWords{
		{"include", w.Include, formList}, {"licenses", w.Licenses, formList}, {"replace", w.Replace, formPairs},
		{"absent", w.Absent, formAll}, {"others", w.Others, formOne}, {"plans_off", w.PlansOff, formList},
		{"usage_location", w.UsageLocation, formOne},
	}
}

// writePolicy returns the policy file that the flags mean.
func (l *loader) writePolicy(words PolicyWords) string {
	users := l.mapping(words.who())
	sources := 0
	for _, flag := range words.who()[:3] {
		if len(flag.values) > 0 {
			sources++
		}
	}
	at := Pos{File: commandLine}
	switch {
	case len(users.Content) == 0:
		l.problems.Add(at, diag.RuleSelector, "", "no users are selected: give --csv, --ou, --upns, --domain or --search")
	case sources > 1:
		l.problems.Add(at, diag.RuleSelector, "run it once for each, or write a policy file", "give one of --csv, --ou and --upns")
	}
	policy := l.mapping(words.what())
	policy.Content = append([]*yaml.Node{plain("name"), plain(commandLinePolicy), plain("users"), users}, policy.Content...)
	file := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		plain("policies"), {Kind: yaml.SequenceNode, Content: []*yaml.Node{policy}},
	}}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(file); err != nil {
		l.problems.Add(at, diag.RuleEncoding, "", "the flags cannot be written as YAML: %v", err)
	}
	return text.String()
}

// mapping returns a mapping with a key for every flag that was given.
func (l *loader) mapping(flags []flagWords) *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, flag := range flags {
		if len(flag.values) > 0 {
			mapping.Content = append(mapping.Content, plain(flag.key), l.node(flag))
		}
	}
	return mapping
}

// node returns the value of one key.
func (l *loader) node(flag flagWords) *yaml.Node {
	values := split(flag.values)
	all := len(values) == 1 && values[0] == "all"
	switch {
	case flag.form == formPairs:
		return l.pairs(values)
	case flag.form == formAll && all:
		return plain("all")
	case flag.form == formList, flag.form == formAll:
		return list(values)
	case flag.form == formNames && len(flag.values) > 1:
		return list(flag.values)
	case len(flag.values) > 1:
		name := strings.ReplaceAll(flag.key, "_", "-")
		l.problems.Add(Pos{File: commandLine}, diag.RuleValue, "", "give --%s once", name)
	}
	return plain(strings.TrimSpace(flag.values[0]))
}

// pairs returns the mapping of words such as SPE_E3=SPE_E5.
func (l *loader) pairs(words []string) *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, word := range words {
		from, to, ok := strings.Cut(word, "=")
		if !ok {
			l.problems.Add(Pos{File: commandLine}, diag.RuleValue, "write the SKU to remove and the SKU to add, such as --replace SPE_E3=SPE_E5", "--replace %s has no =", diag.Quote(word))
		}
		mapping.Content = append(mapping.Content, plain(strings.TrimSpace(from)), plain(strings.TrimSpace(to)))
	}
	return mapping
}

// split cuts words at commas.
func split(words []string) []string {
	var out []string
	for _, word := range words {
		for part := range strings.SplitSeq(word, ",") {
			out = append(out, strings.TrimSpace(part))
		}
	}
	return out
}

// longList is the number of items above which each gets a line.
const longList = 6

func list(words []string) *yaml.Node {
	sequence := &yaml.Node{Kind: yaml.SequenceNode}
	if len(words) <= longList {
		sequence.Style = yaml.FlowStyle
	}
	for _, word := range words {
		sequence.Content = append(sequence.Content, plain(word))
	}
	return sequence
}

// plain returns a text, which gets quotation marks only where it needs them.
func plain(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
