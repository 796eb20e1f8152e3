package planfile

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/plan"
)

// encodePlan writes the plan as canonical JSON, in small pieces, so that a plan of any
// length takes little memory.
func encodePlan(w io.Writer, p *plan.Plan) error {
	if err := encodeValue(w, reflect.ValueOf(p).Elem()); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// encodeValue splits the values that can be long: the plan, its lists and its outcomes. A
// step is short enough to be one piece.
func encodeValue(w io.Writer, value reflect.Value) error {
	switch value.Type() {
	case reflect.TypeFor[plan.Plan](), reflect.TypeFor[plan.Outcomes]():
		return encodeMembers(w, value)
	case reflect.TypeFor[[]plan.Step](), reflect.TypeFor[[]plan.Outcome](), reflect.TypeFor[[]plan.SourceChange]():
		return encodeList(w, value)
	}
	raw, err := json.Marshal(value.Interface())
	if err != nil {
		return err
	}
	canonical := jsontext.Value(raw)
	if err := canonical.Canonicalize(); err != nil {
		return err
	}
	_, err = w.Write(canonical)
	return err
}

// encodeMembers writes the members of a struct sorted by name, as RFC 8785 requires.
func encodeMembers(w io.Writer, value reflect.Value) error {
	members := map[string]reflect.Value{}
	var names []string
	for field, member := range value.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		members[name] = member
		names = append(names, name)
	}
	slices.Sort(names)
	separator := "{"
	for _, name := range names {
		if _, err := fmt.Fprintf(w, "%s%q:", separator, name); err != nil {
			return err
		}
		if err := encodeValue(w, members[name]); err != nil {
			return err
		}
		separator = ","
	}
	_, err := io.WriteString(w, "}")
	return err
}

func encodeList(w io.Writer, list reflect.Value) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	for i := range list.Len() {
		if i > 0 {
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		if err := encodeValue(w, list.Index(i)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "]")
	return err
}
