package planfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
)

const digestDoesNotFit = "refuse plan: its digest does not fit: the file was changed after it was written"

// TestAChangeToAnyFieldIsRefused changes every value of a file, one at a time, and
// holds the list of fields to the Go type, so that a new field cannot be forgotten.
func TestAChangeToAnyFieldIsRefused(t *testing.T) {
	t.Parallel()
	var file any
	decode(t, written(t, sample()), &file)
	if got, want := encode(t, file), string(written(t, sample())); got != want {
		t.Fatalf("the test writes another file than it read:\n%s\n%s", got, want)
	}
	for _, field := range fieldsOf(reflect.TypeFor[plan.Plan](), "") {
		t.Run(field, func(t *testing.T) {
			changed := 0
			edit(file, strings.Split(field, "/")[1:], func(old any) any {
				changed++
				return other(t, old)
			}, func() {
				want := digestDoesNotFit
				if field == "/format_version" {
					want = "refuse plan: the file has format version 2, this program reads 1"
				}
				wantRefused(t, []byte(encode(t, file)), want)
			})
			if changed == 0 {
				t.Error("the sample has no such field")
			}
		})
	}
	if got, want := encode(t, file), string(written(t, sample())); got != want {
		t.Errorf("the test left a change behind:\n%s\n%s", got, want)
	}
}

// fieldsOf are the JSON pointers of a type's leaves, with * for every member of a list.
func fieldsOf(typ reflect.Type, pointer string) []string {
	switch {
	case typ == reflect.TypeFor[plan.Location](), typ == reflect.TypeFor[time.Time](), typ.Kind() == reflect.Array:
		return []string{pointer} // written as one text
	case typ.Kind() == reflect.Pointer:
		return fieldsOf(typ.Elem(), pointer)
	case typ.Kind() == reflect.Slice:
		return fieldsOf(typ.Elem(), pointer+"/*")
	case typ.Kind() != reflect.Struct:
		return []string{pointer}
	}
	var fields []string
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" { // its fields stand among the others
			fields = append(fields, fieldsOf(field.Type, pointer)...)
			continue
		}
		fields = append(fields, fieldsOf(field.Type, pointer+"/"+name)...)
	}
	return fields
}

// edit puts another value at each place that a pointer names, calls check, and puts
// the old one back.
func edit(node any, pointer []string, change func(any) any, check func()) {
	within := func(old any, set func(any)) {
		if len(pointer) > 1 {
			edit(old, pointer[1:], change, check)
			return
		}
		set(change(old))
		check()
		set(old)
	}
	switch node := node.(type) {
	case []any:
		for i, old := range node {
			within(old, func(v any) { node[i] = v })
		}
	case map[string]any:
		if old, there := node[pointer[0]]; there {
			within(old, func(v any) { node[pointer[0]] = v })
		}
	}
}

// other is a value of the same form.
func other(t *testing.T, value any) any {
	t.Helper()
	switch value := value.(type) {
	case bool:
		return !value
	case nil:
		return "DE"
	case json.Number:
		n, err := value.Int64()
		if err != nil {
			t.Fatal(err)
		}
		return json.Number(fmt.Sprint(n + 1))
	case string:
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return at.Add(time.Second).Format(time.RFC3339)
		}
		if state.IsGUID(value) || strings.HasPrefix(value, "sha256:") {
			last := map[bool]string{true: "1", false: "0"}[strings.HasSuffix(value, "0")]
			return value[:len(value)-1] + last
		}
		return value + "x"
	}
	t.Fatalf("no leaf: %v", value)
	return nil
}

func decode(t *testing.T, raw []byte, into *any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	return render(t, value) + "\n"
}

// TestOtherBytesAreRefused holds the reader to the very bytes that were written.
// Whatever is in them, "hunter2" must not be in the error.
func TestOtherBytesAreRefused(t *testing.T) {
	t.Parallel()
	file := string(written(t, sample()))
	replaced := func(from, to string) string {
		if !strings.Contains(file, from) {
			t.Fatalf("the file has no %q", from)
		}
		return strings.Replace(file, from, to, 1)
	}
	commit := strings.Index(file, `"commit":"0123abc"`)
	const noPlan = "refuse plan: the file is not a plan: "
	misplaced := func(from, to, value string) (changed struct{ file, want string }) {
		changed.file = replaced(from, to)
		changed.want = fmt.Sprintf("%swhat is at byte %d does not belong there", noPlan, strings.Index(changed.file, to)+strings.Index(to, value))
		return changed
	}
	for name, c := range map[string]struct{ file, want string }{
		"a space":                      {replaced(`{"applyable"`, `{ "applyable"`), digestDoesNotFit},
		"no newline at the end":        {strings.TrimSuffix(file, "\n"), digestDoesNotFit},
		"another newline at the end":   {file + "\n", digestDoesNotFit},
		"a carriage return":            {strings.Replace(file, "\n", "\r\n", 1), digestDoesNotFit},
		"keys in another order":        {replaced(`"complete":true,"cost":{`, `"cost":{"complete":true,`), digestDoesNotFit},
		"a key of nobody's":            {replaced(`{"applyable"`, `{"aa hunter2":"hunter2","applyable"`), digestDoesNotFit},
		"a key of nobody's in a step":  {replaced(`"kind":"location"`, `"kind":"location","hunter2":1`), digestDoesNotFit},
		"a key in another case":        {replaced(`{"applyable"`, `{"Applyable"`), digestDoesNotFit},
		"a key left out":               {replaced(`"mode":"policies",`, ``), digestDoesNotFit},
		"an escape that is not needed": {replaced(`"policies"`, `"\u0070olicies"`), digestDoesNotFit},
		"a number in another form":     misplaced(`"keep_count":3`, `"keep_count":3e0`, "3e0"),
		"a list that is null":          {replaced(`"filters":["--no-removals"]`, `"filters":null`), digestDoesNotFit},
		"a key twice":                  {replaced(`{"applyable":true`, `{"applyable":true,"applyable":true`), noPlan + "it is no JSON at byte 18"},
		"data behind it":               {file + "{}", fmt.Sprintf("%sit is no JSON at byte %d", noPlan, len(file))},
		"a second plan behind it":      {file + file, fmt.Sprintf("%sit is no JSON at byte %d", noPlan, len(file))},
		"a byte order mark":            {"\ufeff" + file, noPlan + "it is no JSON at byte 0"},
		"nothing":                      {"", noPlan + "it is no JSON at byte 0"},
		"white space":                  {" \n", noPlan + "it is no JSON at byte 2"},
		"half of it":                   {file[:commit], fmt.Sprintf("%sit is no JSON at byte %d", noPlan, commit)},
		"no JSON":                      {"hunter2: yes", noPlan + "it is no JSON at byte 0"},
		"something in place of JSON":   {replaced(`"commit":"0123abc"`, `"commit":hunter2`), fmt.Sprintf("%sit is no JSON at byte %d", noPlan, commit+len(`"commit":`))},
		"UTF-8 that is none":           {replaced("0123abc", "hunter2\xff"), fmt.Sprintf("%sit is no JSON at byte %d", noPlan, commit+len(`"commit":"hunter2`))},
		"half a surrogate":             {replaced("0123abc", `hunter2\ud800`), fmt.Sprintf("%sit is no JSON at byte %d", noPlan, commit+len(`"commit":"hunter2`))},
		"a list":                       {`["hunter2"]`, noPlan + "what is at byte 0 does not belong there"},
		"a text":                       {`"hunter2"`, noPlan + "what is at byte 0 does not belong there"},
		"null":                         {"null", "refuse plan: the file has format version 0, this program reads 1"},
		"an empty object":              {"{}", "refuse plan: the file has format version 0, this program reads 1"},
		"a text for a flag":            misplaced(`"applyable":true`, `"applyable":"hunter2"`, `"hunter2"`),
		"a number for a location":      misplaced(`"usage_location":"CH"`, `"usage_location":2`, "2"),
		"a number out of range":        misplaced(`"keep_count":3`, `"keep_count":9223372036854775808`, "9"),
		"an id that is none":           misplaced(`"id":"`+anna.String(), `"id":"hunter2`, `"hunter2`),
		"a time that is none":          misplaced(`"created_at":"2026`, `"created_at":"hunter2`, `"hunter2`),
		"lists in lists, 100,000 deep": {strings.Repeat("[", 100_000), noPlan + "what is at byte 0 does not belong there"},
		"a later format's key":         {strings.Replace(replaced(`{"applyable"`, `{"aa":1,"applyable"`), `"format_version":1`, `"format_version":2`, 1), "refuse plan: the file has format version 2, this program reads 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, []byte(c.file), c.want)
		})
	}
}

// TestAVerdictCannotBeEdited is about the fields that somebody in a hurry would
// like to edit.
func TestAVerdictCannotBeEdited(t *testing.T) {
	t.Parallel()
	p := sample()
	p.Applyable = false
	p.Guards[0].Verdict, p.Guards[0].Override = plan.VerdictBreached, nil
	file := string(written(t, p))
	for _, c := range []struct{ from, to string }{
		{`"applyable":false`, `"applyable":true`},
		{`"verdict":"breached"`, `"verdict":"overridden"`},
		{`"verdict":"breached"`, `"verdict":"ok"`},
		{`"limit":3,`, `"limit":3000,`},
		{`"override":null`, `"override":3000`},
		{`"complete":true`, `"complete":false`},
		{`"source":"sandbox","sources"`, `"source":"live","sources"`},
		{`"expires_at":"2026`, `"expires_at":"2036`},
		{p.Tenant.ID.String(), "00000000-0000-4000-8000-000000000001"},
	} {
		t.Run(c.to, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(file, c.from) {
				t.Fatalf("the file has no %q", c.from)
			}
			wantRefused(t, []byte(strings.Replace(file, c.from, c.to, 1)), digestDoesNotFit)
		})
	}
}

// FuzzRead holds the reader to refusing whatever the writer would not have written.
func FuzzRead(f *testing.F) {
	file := written(f, sample())
	for _, seed := range [][]byte{file, written(f, empty()), nil, []byte("{}"), []byte("[[[["), file[:300], slices.Concat(file, file), []byte(`{"steps":[{"before":{"usage_location":[]}}]}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := planfile.Read(bytes.NewReader(file))
		if err != nil {
			if _, refused := errors.AsType[*planfile.RefusedError](err); !refused || p != nil {
				t.Fatalf("Read gave %v and %v, want a RefusedError and no plan", p, err)
			}
			return
		}
		if again := written(t, p); !bytes.Equal(again, file) {
			t.Fatalf("read\n%q\nwrote\n%q", file, again)
		}
	})
}
