package policies

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
	"github.com/seatwright/seatwright/state"
)

// role is what a list of selectors is for. Selectors of `except` and `protect` must not
// depend on values that may be missing, or that users choose for themselves. A user who
// is missed there could lose a license.
type role string

const (
	roleUsers   role = "users"
	roleExcept  role = "except"
	roleProtect role = "protect"
)

// protects reports whether a user who is missed by the selectors could lose a license.
func (r role) protects() bool { return r != roleUsers }

// decodeSelectors reads one selector or a list of them.
func decodeSelectors(v value, as role) []Selector {
	const ifEmpty = "write a selector, such as {all: true}, or remove the key"
	var selectors []Selector
	for _, item := range v.oneOrMore("a selector or a list of selectors", ifEmpty) {
		if item.isText() {
			item.reportKind("a selector", selectorHint(item.node.Value))
			continue
		}
		selectors = append(selectors, decodeSelector(item, as))
	}
	return selectors
}

// selectorHint returns the selector that a bare word probably means.
func selectorHint(text string) string {
	switch {
	case text == "all":
		return "write {all: true}"
	case strings.Contains(text, "@"):
		return "write {upns: [" + yamlWord(text) + "]}"
	case strings.HasSuffix(strings.ToLower(text), ".csv"):
		return "write {csv: " + yamlWord(text) + "}"
	}
	return "write a mapping, such as {ou: \"OU=Staff,DC=contoso,DC=com\"}"
}

// sourceHint is the hint for a selector without source and filter.
const sourceHint = "write one of all, csv, group, ids, list, ou, unmatched, upns, domain or search"

// A selector has at most one of the source keys. Filter keys narrow the source.
var (
	sourceKeys = []string{"all", "csv", "group", "ids", "list", "ou", "unmatched", "upns"}
	filterKeys = []string{"domain", "search", "where"}
)

func decodeSelector(v value, as role) Selector {
	s := Selector{Pos: v.pos()}
	scope := wordSubtree
	written := v.fields(selectorMapping, keys{
		"all":       func(v value) { s.Kind = KindAll; checkTrue(v) },
		"unmatched": func(v value) { s.Kind = KindUnmatched; decodeUnmatched(v, as) },
		"ou":        func(v value) { s.Kind, s.OUs = KindOU, decodeOUs(v) },
		"scope":     func(v value) { scope, _ = v.choice(scopeWords()...) },
		"csv":       func(v value) { s.Kind, s.File, s.FilePos = KindCSV, decodePath(v), v.pos() },
		"list":      func(v value) { s.Kind, s.File, s.FilePos = KindList, decodePath(v), v.pos() },
		"upns":      func(v value) { s.Kind, s.Rows = KindUPNs, decodeUPNs(v) },
		"ids":       func(v value) { s.Kind, s.Rows = KindIDs, decodeIDs(v) },
		"group":     func(v value) { s.Kind, s.Group.ID, s.Group.Pos = KindGroup, decodeGroup(v), v.pos() },
		"name":      func(v value) { s.Group.Name, _ = v.word() },
		"domain":    func(v value) { s.Domain = decodeDomain(v) },
		"search":    func(v value) { s.Search = decodeSearch(v, as) },
		"missing":   func(v value) { s.Missing = decodeMissing(v, as) },
	})
	for i := range s.OUs {
		s.OUs[i].Subtree = scope == wordSubtree
	}
	if v.isMapping() {
		checkSources(v, written)
		checkCompanions(v, s, written)
	}
	return s
}

// checkSources refuses a second source. "- ou: A" with "csv: B" below it probably means
// two selectors with a forgotten dash, and must not become their intersection.
func checkSources(v value, written map[string]Pos) {
	var sources []string
	filters := 0
	for _, pair := range v.pairs("a selector") {
		if _, known := written[pair.name()]; !known {
			continue
		}
		if slices.Contains(sourceKeys, pair.name()) {
			sources = append(sources, pair.name())
		}
		if slices.Contains(filterKeys, pair.name()) {
			filters++
		}
	}
	switch {
	case len(sources) > 1:
		v.doc.problems.Add(written[sources[1]], diag.RuleSelector, fmt.Sprintf("add a dash before %q to select the users of both", sources[1]),
			"a selector has one source, and this one has %s and %s", sources[0], sources[1])
	case len(sources)+filters == 0 && len(written) == len(v.node.Content)/2:
		v.problem(diag.RuleSelector, sourceHint, "the selector has no source and no filter")
	}
}

// checkCompanions refuses keys that have no effect without another key.
func checkCompanions(v value, s Selector, written map[string]Pos) {
	if pos, found := written["scope"]; found && s.Kind != KindOU {
		v.doc.problems.Add(pos, diag.RuleSelector, "", "\"scope\" is only allowed beside \"ou\"")
	}
	if pos, found := written["name"]; found && s.Kind != KindGroup {
		v.doc.problems.Add(pos, diag.RuleSelector, "write the group's object id under \"group\"", "\"name\" is only allowed beside \"group\", and is only compared")
	}
	rowKinds := []SourceKind{KindCSV, KindList, KindUPNs, KindIDs}
	if pos, found := written["missing"]; found && !slices.Contains(rowKinds, s.Kind) {
		v.doc.problems.Add(pos, diag.RuleSelector, "", "\"missing\" is only allowed beside csv, list, upns or ids")
	}
}

func checkTrue(v value) {
	if !v.isText() || v.node.Value != "true" {
		v.problem(diag.RuleValue, "write "+v.name()+": true, or remove the key", "%q takes only true", v.name())
	}
}

// decodeUnmatched reads the source of users that no other policy selects.
func decodeUnmatched(v value, as role) {
	checkTrue(v)
	if as.protects() {
		v.doc.problems.Add(v.keyPos(), diag.RuleSelector, "use upns, ids, list, csv, ou or group",
			"\"unmatched\" is not allowed in %s: its users change with every other policy", as)
	}
}

func decodeGroup(v value) state.GroupID {
	text, ok := v.word()
	if !ok {
		return state.GroupID{}
	}
	id, err := state.ParseID[state.Group](text)
	if err != nil || id.IsZero() {
		v.problem(diag.RuleValue, "write the group's object id, and its name under \"name\"", "%s is not the object id of a group", diag.Quote(text))
	}
	return id
}

// pinPrefix is before an objectGUID in place of a distinguished name.
const pinPrefix = "guid:"

// decodeOUs reads one distinguished name or objectGUID, or a list of them.
func decodeOUs(v value) []OU {
	var ous []OU
	for _, item := range v.oneOrMore("a distinguished name or a list of them", "write a distinguished name") {
		if text, ok := item.word(); ok {
			ous = append(ous, decodeOU(item, text)...)
		}
	}
	return ous
}

func decodeOU(v value, text string) []OU {
	if guid, pinned := strings.CutPrefix(text, pinPrefix); pinned {
		anchor, err := state.ParseObjectGUID(strings.TrimSpace(guid))
		if err != nil || anchor.IsZero() {
			v.problem(diag.RuleValue, "write the objectGUID of the OU as Active Directory's tools show it", "%s is not an objectGUID", diag.Quote(guid))
			return nil
		}
		return []OU{{GUID: anchor, Pos: v.pos()}}
	}
	dn, err := state.ParseDN(text)
	if err != nil {
		v.problem(diag.RuleValue, "write it as Active Directory does, such as OU=Staff,DC=contoso,DC=com", "%v", err)
		return nil
	}
	return []OU{{DN: dn, Pos: v.pos()}}
}

func decodeUPNs(v value) []Row {
	var named []Row
	for i, item := range v.items("a list of user principal names", "write a user principal name, or remove the selector") {
		text, ok := item.word()
		if !ok {
			continue
		}
		fault, hint := rows.UPNFault(text)
		if state.IsGUID(text) {
			fault, hint = "is an object id", "write it under \"ids\""
		}
		if fault != "" {
			item.problem(diag.RuleUser, hint, "%s %s", diag.Quote(text), fault)
			continue
		}
		named = append(named, Row{Pos: item.pos(), Number: i + 1, UPN: text})
	}
	return named
}

func decodeIDs(v value) []Row {
	var named []Row
	for i, item := range v.items("a list of object ids", "write an object id, or remove the selector") {
		text, ok := item.word()
		if !ok {
			continue
		}
		id, fault, hint := rows.ObjectID(text)
		if fault != "" {
			item.problem(diag.RuleUser, hint, "%s %s", diag.Quote(text), fault)
			continue
		}
		named = append(named, Row{Pos: item.pos(), Number: i + 1, ID: id})
	}
	return named
}

func decodeDomain(v value) string {
	text, ok := v.word()
	if !ok {
		return ""
	}
	if fault, hint := domainFault(text); fault != "" {
		v.problem(diag.RuleValue, hint, "%s %s", diag.Quote(text), fault)
	}
	return strings.ToLower(text)
}

// minSearch keeps a search from selecting half of the tenant by accident.
const minSearch = 3

func decodeSearch(v value, as role) string {
	text, ok := v.word()
	switch {
	case as.protects():
		v.doc.problems.Add(v.keyPos(), diag.RuleSelector, "use upns, ids, list, csv, ou or group",
			"\"search\" is not allowed in %s: users can change their display names", as)
	case ok && utf8.RuneCountInString(catalog.Fold(text)) < minSearch:
		v.problem(diag.RuleValue, "", "expected %d characters or more, got %s", minSearch, diag.Quote(text))
	}
	return text
}

func decodeMissing(v value, as role) Missing {
	word, _ := v.choice(missingWords()...)
	if as.protects() {
		v.doc.problems.Add(v.keyPos(), diag.RuleSelector, "remove it", "\"missing\" is not allowed in %s: every user there must exist", as)
	}
	if word == string(MissingSkip) {
		return MissingSkip
	}
	return MissingError
}
