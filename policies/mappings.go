package policies

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/guard"
)

// Mapping is one mapping of the language: the keys that it takes, and what each means.
// Decoders accept exactly the keys of these tables. The reference is made from them too,
// so that it cannot differ from what the program accepts.
type Mapping struct {
	ID      string // by which [Type.Mapping] refers to it
	Title   string // in messages, with its article: "a policy"
	Subject string // of a message about a required key: "the policy"
	Noun    string // in the type of a key that takes the mapping: "policy"
	Keys    []Key  // in the order in which people write them
}

// Key is one key of a mapping.
type Key struct {
	Name     string
	Type     Type
	Required bool
	When     string // in words, where the key is required in some cases only; "" otherwise
	Default  string // in words or as YAML; "" if a missing key has no effect
	Meaning  string // one sentence
	// Refused keys have no place in the reference: the decoder knows them to give a
	// better message than "unknown key".
	Refused bool
}

// TypeKind is the form of a value.
type TypeKind string

// The kinds of values.
const (
	TypeText    TypeKind = "text"
	TypeNumber  TypeKind = "number" // whole
	TypeBoolean TypeKind = "boolean"
	TypeDate    TypeKind = "date" // YYYY-MM-DD
	TypeChoice  TypeKind = "choice"
	TypeList    TypeKind = "list"
	TypeMapping TypeKind = "mapping" // with known keys
	TypeEntries TypeKind = "entries" // a mapping whose keys the user chooses
	TypeUnion   TypeKind = "union"
)

// Type is what a key takes. Which fields count depends on the kind.
type Type struct {
	Kind       TypeKind
	Noun       string   // what a text, or each key of TypeEntries, is: "SKU"; of a choice: "" shows its words
	Pattern    string   // regular expression that a text, or each key of TypeEntries, matches; "": any
	Words      []string // of a choice
	Least      int      // of a number; of a text, its characters
	Most       int      // of a number
	Item       *Type    // of a list, or each value of TypeEntries
	Mapping    string   // ID of the mapping of TypeMapping
	Union      []Type   // the types of TypeUnion
	MayBeEmpty bool     // whether a list or a mapping without entries is accepted
}

func textOf(noun string) Type { return Type{Kind: TypeText, Noun: noun} }

func textLike(noun, pattern string) Type { return Type{Kind: TypeText, Noun: noun, Pattern: pattern} }

func numberFrom(least, most int) Type { return Type{Kind: TypeNumber, Least: least, Most: most} }

func choiceOf(words ...string) Type { return Type{Kind: TypeChoice, Words: words} }

func listOf(item Type) Type { return Type{Kind: TypeList, Item: &item} }

func mappingOf(id string) Type { return Type{Kind: TypeMapping, Mapping: id} }

func entriesOf(key, value Type) Type {
	return Type{Kind: TypeEntries, Noun: key.Noun, Pattern: key.Pattern, Item: &value}
}

func unionOf(types ...Type) Type { return Type{Kind: TypeUnion, Union: types} }

// oneOrMoreOf returns the type of a value that may be in a list or alone.
func oneOrMoreOf(item Type) Type { return unionOf(item, listOf(item)) }

func (t Type) orEmpty() Type {
	t.MayBeEmpty = true
	return t
}

// String returns the type in words, with code spans as Markdown has them.
func (t Type) String() string {
	switch t.Kind {
	case TypeText:
		if t.Least > 0 {
			return fmt.Sprintf("%s of %d or more characters", t.Noun, t.Least)
		}
		return t.Noun
	case TypeNumber:
		if t.Most == math.MaxInt32 {
			return fmt.Sprintf("number, %d or more", t.Least)
		}
		return fmt.Sprintf("number from %d to %d", t.Least, t.Most)
	case TypeBoolean:
		return "`true` or `false`"
	case TypeDate:
		return "date (YYYY-MM-DD)"
	case TypeChoice:
		return cmp.Or(t.Noun, diag.OneOf(inCode(t.Words)))
	case TypeList:
		return "list of " + t.Item.plural()
	case TypeMapping:
		return nounOf(t.Mapping)
	case TypeEntries:
		return fmt.Sprintf("mapping from %s to %s", t.Noun, t.Item)
	case TypeUnion:
		words := make([]string, len(t.Union))
		for i, member := range t.Union {
			words[i] = member.String()
		}
		return strings.Join(words, ", or ")
	}
	return string(t.Kind)
}

// plural returns the type in words, as the items of a list.
func (t Type) plural() string {
	switch {
	case t.Kind == TypeChoice && t.Noun == "":
		return strings.Join(inCode(t.Words), ", ")
	case t.Kind == TypeUnion:
		words := make([]string, len(t.Union))
		for i, member := range t.Union {
			words[i] = member.plural()
		}
		return strings.Join(words, " or ")
	}
	singular := t.String()
	if stem, found := strings.CutSuffix(singular, "y"); found {
		return stem + "ies"
	}
	return singular + "s"
}

func inCode(words []string) []string {
	code := make([]string, len(words))
	for i, word := range words {
		code[i] = "`" + word + "`"
	}
	return code
}

// nounOf returns what a key that takes the mapping takes.
func nounOf(id string) string {
	for _, m := range Mappings() {
		if m.ID == id {
			return m.Noun
		}
	}
	return id
}

// Mappings returns every mapping of the language, with the guards of this program.
func Mappings() []Mapping { return mappingsWith(guard.All()) }

func mappingsWith(guards guard.Table) []Mapping {
	all := append(fixedMappings(), guardsMapping(guards))
	for _, row := range guards.Rows() {
		if slices.ContainsFunc(row.Settings, changeable) {
			all = append(all, limitMapping(row))
		}
	}
	return append(all, waiverMapping(guards))
}

// fixedMappings returns the mappings that are the same whatever guards there are.
func fixedMappings() []Mapping {
	return []Mapping{
		policyFileMapping, policyMapping, selectorMapping, licenseMapping, locationMapping,
		settingsMapping, defaultsMapping(), tenantMapping, credentialsMapping, credentialMapping, recordsMapping,
		seatsMapping, directoryMapping, bindMapping,
		waiversFileMapping, acceptFileMapping, acceptedMapping, pricesMapping, lockMapping, lockedSKUMapping,
	}
}

// Key returns the key of a name, and reports whether the mapping has it.
func (m Mapping) Key(name string) (Key, bool) {
	i := slices.IndexFunc(m.Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return m.Keys[i], true
}

// required returns the names of the keys that must always be written.
func (m Mapping) required() []string {
	var names []string
	for _, key := range m.Keys {
		if key.Required {
			names = append(names, key.Name)
		}
	}
	return names
}
