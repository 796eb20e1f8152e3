package policies

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/guard/guardtest"
)

// decoders returns what reads each mapping, by the id of the mapping.
func decoders(guards guard.Table) map[string]func(value) {
	all := map[string]func(value){
		"policy-file": func(v value) { decodePolicies(v) }, "policy": func(v value) { decodePolicy(v) },
		"selector": func(v value) { decodeSelector(v, roleUsers) }, "license": func(v value) { decodeLicense(v) },
		"usage-location": func(v value) { decodeLocation(v) },
		"settings":       func(v value) { decodeSettings(v, guards) },
		"defaults":       func(v value) { v.fields(defaultsMapping(), defaultKeys(&Tenant{}, nil, guards)) },
		"tenant":         func(v value) { decodeTenant(v, Tenant{}, nil, guards) },
		"credentials":    func(v value) { decodeCredentials(v) }, "credential": func(v value) { decodeCredential(v) },
		"records": func(v value) { decodeRecords(v) }, "bind": func(v value) { decodeBind(v) },
		"seats": func(v value) { decodeSeats(under("SPE_E5", v)) }, "directory": func(v value) { decodeDirectories(under("corp", v)) },
		"guards":       func(v value) { decodeGuards(v, guards) },
		"waivers-file": func(v value) { decodeWaivers(v, Tenant{}, guards) }, "waiver": func(v value) { decodeWaiver(v, Tenant{}, guards) },
		"accept-file": func(v value) { decodeAccepted(v, Tenant{}) }, "accepted": func(v value) { decodeAcceptance(v, Tenant{}) },
		"prices-file": func(v value) { decodePrices(v) },
		"lock-file":   func(v value) { decodeLock(v) },
		"locked-sku":  func(v value) { decodeLocked(under("5f0c0000-0000-4000-8000-000000000001", v)) },
	}
	for _, row := range guards.Rows() {
		if slices.ContainsFunc(row.Settings, changeable) {
			all[limitID(row)] = func(v value) { decodeLimit(v, row) }
		}
	}
	return all
}

// under returns a mapping with v as its only entry.
func under(key string, v value) value {
	outer := *v.node
	outer.Content = append(outer.Content[:0:0], scalar(key), v.node)
	return value{node: &outer, doc: v.doc}
}

// problemsOf decodes YAML as a mapping, and returns what the decoder reports.
func problemsOf(t *testing.T, text string, decode func(value)) string {
	t.Helper()
	var b strings.Builder
	for _, problem := range decoded(t, text, decode) {
		b.WriteString(problem.Error() + "\n")
	}
	return b.String()
}

func decoded(t *testing.T, text string, decode func(value)) []Problem {
	t.Helper()
	var problems Problems
	root, ok := parseYAML("a.yaml", []byte(text), &problems)
	if !ok {
		t.Fatal(problems.Err())
	}
	decode(root)
	return diag.ProblemsIn(problems.Err())
}

func TestMappingsHaveTheKeysThatDecodersRead(t *testing.T) {
	t.Parallel()
	guards := guardtest.Table()
	decoders := decoders(guards)
	for _, m := range mappingsWith(guards) {
		decode, found := decoders[m.ID]
		delete(decoders, m.ID)
		if !found {
			t.Errorf("no decoder is known for the mapping %s: add it to decoders", m.ID)
			continue
		}
		for _, key := range m.Keys {
			got := problemsOf(t, key.Name+":\n", decode)
			if accepted := strings.Contains(got, "\""+key.Name+"\" is written but empty"); accepted == (key.Refused && !isDefault(m, key)) {
				t.Errorf("%s: key %s: refused is %v, but the decoder reports:\n%s", m.ID, key.Name, key.Refused, got)
			}
		}
		if got := problemsOf(t, "zzzzzz: 1\n", decode); !strings.Contains(got, "["+string(diag.RuleUnknownKey)+"]") {
			t.Errorf("%s: the decoder accepts an unknown key: %q", m.ID, got)
		}
	}
	if len(decoders) > 0 {
		t.Errorf("decoders of mappings that do not exist: %v", slices.Sorted(maps.Keys(decoders)))
	}
}

// isDefault reports whether a key is refused by the decoder of the defaults itself, after
// it has looked for a value.
func isDefault(m Mapping, key Key) bool {
	return m.ID == "defaults" && (key.Name == "id" || key.Name == "sandbox")
}

func TestFieldsPanicsWhenTableAndDecoderDiffer(t *testing.T) {
	t.Parallel()
	m := Mapping{ID: "made-up", Title: "a test", Keys: []Key{{Name: "a"}, {Name: "later", Refused: true}}}
	read := func(value) {}
	for name, test := range map[string]struct {
		readers keys
		panics  bool
	}{
		"the same keys":         {keys{"a": read}, false},
		"a key without decoder": {keys{}, true},
		"a key without row":     {keys{"a": read, "b": read}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if panicked := recover() != nil; panicked != test.panics {
					t.Errorf("panicked is %v, want %v", panicked, test.panics)
				}
			}()
			problemsOf(t, "{}", func(v value) { v.fields(m, test.readers) })
		})
	}
}

func TestMappingsAreReadyForTheReference(t *testing.T) {
	t.Parallel()
	all := Mappings()
	seen := map[string]bool{}
	for _, m := range all {
		if seen[m.ID] || m.Title == "" || m.Noun == "" || len(m.Keys) == 0 {
			t.Errorf("the mapping %q is incomplete or listed twice", m.ID)
		}
		seen[m.ID] = true
	}
	for _, m := range all {
		names := map[string]bool{}
		for _, key := range m.Keys {
			at := m.ID + "." + key.Name
			if names[key.Name] {
				t.Errorf("%s is listed twice", at)
			}
			names[key.Name] = true
			if key.Refused {
				continue
			}
			checkType(t, at, key.Type, seen)
			if !strings.HasSuffix(key.Meaning, ".") || strings.Count(key.Meaning, ". ") > 0 || len(strings.Fields(key.Meaning)) > 30 {
				t.Errorf("%s: the meaning is not one short sentence: %q", at, key.Meaning)
			}
			if key.Required && (key.When != "" || key.Default != "") {
				t.Errorf("%s is always required, and has a condition or a default", at)
			}
		}
	}
}

// checkType reports a type that a schema could not be made from.
func checkType(t *testing.T, at string, typ Type, ids map[string]bool) {
	t.Helper()
	if _, err := regexp.Compile(typ.Pattern); err != nil {
		t.Errorf("%s: %v", at, err)
	}
	switch typ.Kind {
	case TypeText:
		if typ.Noun == "" {
			t.Errorf("%s: a text without a noun", at)
		}
	case TypeNumber:
		if typ.Least >= typ.Most {
			t.Errorf("%s: no number from %d to %d", at, typ.Least, typ.Most)
		}
	case TypeBoolean, TypeDate: // need nothing else
	case TypeChoice:
		if len(typ.Words) == 0 {
			t.Errorf("%s: a choice without words", at)
		}
	case TypeMapping:
		if !ids[typ.Mapping] {
			t.Errorf("%s: there is no mapping %q", at, typ.Mapping)
		}
	case TypeList, TypeEntries:
		checkType(t, at, *typ.Item, ids)
	case TypeUnion:
		for _, member := range typ.Union {
			checkType(t, at, member, ids)
		}
	default:
		t.Errorf("%s: the kind %q is not known", at, typ.Kind)
	}
}

// TestTypesOfTheTableAreThoseOfTheDecoder gives each key values that its type does not
// take: the decoder must refuse them too.
func TestTypesOfTheTableAreThoseOfTheDecoder(t *testing.T) {
	t.Parallel()
	guards := guard.All()
	decoders := decoders(guards)
	for _, m := range mappingsWith(guards) {
		for _, key := range m.Keys {
			if key.Refused {
				continue
			}
			for text, kinds := range map[string][]TypeKind{
				"{zzzzzz: 1}": {TypeMapping, TypeEntries},
				"[[zzzzzz]]":  nil,
				"''":          nil,
				"[]":          {TypeList},
				"{}":          {TypeMapping, TypeEntries},
			} {
				refused := slices.ContainsFunc(decoded(t, key.Name+": "+text+"\n", decoders[m.ID]), func(p Problem) bool {
					return p.Pos.Col > len(key.Name)+2 // at the value: a key that is missing is reported before it
				})
				if accepts := takes(key.Type, kinds, text); !accepts && !refused {
					t.Errorf("%s.%s: the type does not take %s, and the decoder accepts it", m.ID, key.Name, text)
				}
			}
			checkBounds(t, m, key, decoders[m.ID])
		}
	}
}

// takes reports whether a type may accept a value of one of the kinds.
func takes(typ Type, kinds []TypeKind, text string) bool {
	if typ.Kind == TypeUnion {
		return slices.ContainsFunc(typ.Union, func(member Type) bool { return takes(member, kinds, text) })
	}
	if typ.Kind == TypeText && typ.Noun == "text" && text == "''" {
		return true // a description may be empty
	}
	empty := text == "[]" || text == "{}" && typ.Kind == TypeEntries
	return slices.Contains(kinds, typ.Kind) && (!empty || typ.MayBeEmpty)
}

// checkBounds holds the numbers and the words of a key to what its decoder reports.
func checkBounds(t *testing.T, m Mapping, key Key, decode func(value)) {
	t.Helper()
	value := "zzzzzz"
	typ := key.Type
	if typ.Kind == TypeNumber {
		want := fmt.Sprintf("from %d to %d", typ.Least, typ.Most)
		if got := problemsOf(t, fmt.Sprintf("%s: %d\n", key.Name, typ.Most+1), decode); !strings.Contains(got, want) {
			t.Errorf("%s.%s: got %q, want %q", m.ID, key.Name, got, want)
		}
	}
	if typ.Kind == TypeList {
		value, typ = "[zzzzzz]", *typ.Item
	}
	if typ.Kind == TypeChoice && !slices.Equal(typ.Words, []string{"true"}) && !slices.Equal(typ.Words, []string{wordVersion}) {
		if got, want := problemsOf(t, key.Name+": "+value+"\n", decode), "expected "+diag.OneOf(typ.Words)+", got"; !strings.Contains(got, want) {
			t.Errorf("%s.%s: got %q, want %q", m.ID, key.Name, got, want)
		}
	}
}
