package catalog

import (
	_ "embed" // the tables
	"errors"
	"fmt"
	"strings"

	"github.com/seatwright/seatwright/state"
)

//go:embed skus.tsv
var skusTSV string

//go:embed plans.tsv
var plansTSV string

// entry is one SKU or service plan of a table.
type entry[Of any] struct {
	id    state.ID[Of]
	code  string   // part number or plan name, as Microsoft spells it
	kind  kind     // of a SKU
	names []string // product names, at least one, the best known first
}

// table is a built-in table and its indexes, which are by folded text.
type table[Of any] struct {
	entries []entry[Of] // sorted by folded code, then id
	byID    map[state.ID[Of]]int
	byCode  map[string][]state.ID[Of]
	byName  map[string][]state.ID[Of]
}

// mustParse is [parse] for the embedded tables, which tests read too.
func mustParse[Of any](text string, read func([]string) (entry[Of], error)) *table[Of] {
	t, err := parse(text, read)
	if err != nil {
		panic(err)
	}
	return t
}

// parse reads a table: lines of columns with TABs between, `#` begins a comment.
// It requires sorted lines and unique ids, which readers of the file rely on.
func parse[Of any](text string, read func([]string) (entry[Of], error)) (*table[Of], error) {
	t := &table[Of]{byID: map[state.ID[Of]]int{}, byCode: map[string][]state.ID[Of]{}, byName: map[string][]state.ID[Of]{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := read(strings.Split(line, "\t"))
		if err == nil {
			err = t.add(e)
		}
		if err != nil {
			return nil, fmt.Errorf("read table: line %d: %w", number, err)
		}
	}
	return t, nil
}

func (t *table[Of]) add(e entry[Of]) error {
	if _, known := t.byID[e.id]; known {
		return fmt.Errorf("the id %s is repeated", e.id)
	}
	code := Fold(e.code)
	if n := len(t.entries); n > 0 {
		last := t.entries[n-1]
		if before := Fold(last.code); code < before || code == before && e.id.Compare(last.id) < 0 {
			return fmt.Errorf("%q is not in order", e.code)
		}
	}
	t.byID[e.id] = len(t.entries)
	t.entries = append(t.entries, e)
	t.byCode[code] = append(t.byCode[code], e.id)
	return t.addNames(e)
}

func (t *table[Of]) addNames(e entry[Of]) error {
	seen := map[string]bool{}
	for _, name := range e.names {
		folded := Fold(name)
		if folded == "" || seen[folded] {
			return fmt.Errorf("%q has an empty name, or one twice", e.code)
		}
		seen[folded] = true
		t.byName[folded] = append(t.byName[folded], e.id)
	}
	return nil
}

// readSKU takes part number, id, kind, product name and, if any, further names.
func readSKU(columns []string) (entry[state.SKU], error) {
	if len(columns) != 4 && len(columns) != 5 {
		return entry[state.SKU]{}, fmt.Errorf("expected 4 or 5 columns, got %d", len(columns))
	}
	switch kind(columns[2]) {
	case kindBought, kindFree, kindTrial, kindSelfService:
	default:
		return entry[state.SKU]{}, fmt.Errorf("unknown kind %q", columns[2])
	}
	names := columns[3:4]
	if len(columns) == 5 {
		names = append([]string{columns[3]}, strings.Split(columns[4], "|")...)
	}
	return newEntry[state.SKU](columns[0], columns[1], kind(columns[2]), names)
}

// readPlan takes plan name, id and friendly names.
func readPlan(columns []string) (entry[state.ServicePlan], error) {
	if len(columns) != 3 {
		return entry[state.ServicePlan]{}, fmt.Errorf("expected 3 columns, got %d", len(columns))
	}
	return newEntry[state.ServicePlan](columns[0], columns[1], "", strings.Split(columns[2], "|"))
}

func newEntry[Of any](code, id string, kind kind, names []string) (entry[Of], error) {
	parsed, err := state.ParseID[Of](id)
	if err != nil {
		return entry[Of]{}, err
	}
	if code == "" || parsed.IsZero() {
		return entry[Of]{}, errors.New("no name or no id")
	}
	return entry[Of]{id: parsed, code: code, kind: kind, names: names}, nil
}

func (t *table[Of]) entry(id state.ID[Of]) (entry[Of], bool) {
	i, known := t.byID[id]
	if !known {
		return entry[Of]{}, false
	}
	return t.entries[i], true
}

// everything returns the filter of [table.find] that keeps all.
func everything[Of any](state.ID[Of]) bool { return true }

// find returns what a folded name means among the entries to keep: a code if it is
// one, else a name.
func (t *table[Of]) find(folded string, keep func(state.ID[Of]) bool) []state.ID[Of] {
	for _, index := range []map[string][]state.ID[Of]{t.byCode, t.byName} {
		var ids []state.ID[Of]
		for _, id := range index[folded] {
			if keep(id) {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}

// findAny returns what a folded GUID, code or name means in the whole table.
func (t *table[Of]) findAny(folded string) []state.ID[Of] {
	if id, err := state.ParseID[Of](folded); err == nil {
		if _, known := t.byID[id]; known {
			return []state.ID[Of]{id}
		}
		return nil
	}
	return t.find(folded, everything)
}

// spellings returns all codes and names.
func (t *table[Of]) spellings() []string {
	var all []string
	for _, e := range t.entries {
		all = append(append(all, e.code), e.names...)
	}
	return all
}
