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

const digestDoesNotMatch = "refuse plan: its digest does not match: the file was changed after it was written"

// TestReadRefusesAChangeToAnyField changes every value of a file, one at a time. It
// compares the list of fields with the Go type, so that no new field is forgotten.
func TestReadRefusesAChangeToAnyField(t *testing.T) {
	t.Parallel()
	var file any
	decode(t, written(t, sample()), &file)
	if got, want := encode(t, file), string(written(t, sample())); got != want {
		t.Fatalf("the test does not write the file that it read:\n%s\n%s", got, want)
	}
	for _, field := range fieldsOf(reflect.TypeFor[plan.Plan](), "") {
		t.Run(field, func(t *testing.T) {
			changed := 0
			edit(file, strings.Split(field, "/")[1:], func(old any) any {
				changed++
				return other(t, old)
			}, func() {
				want := digestDoesNotMatch
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

// fieldsOf returns the JSON pointers of the leaves of a type, with * for every member of a
// list.
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
		if field.Anonymous && name == "" { // its fields are among the others
			fields = append(fields, fieldsOf(field.Type, pointer)...)
			continue
		}
		fields = append(fields, fieldsOf(field.Type, pointer+"/"+name)...)
	}
	return fields
}

// edit puts another value at each place that a pointer names, calls check, and puts the old
// value back.
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

// other returns another value of the same form.
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
	t.Fatalf("not a leaf: %v", value)
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

// TestReadRefusesOtherBytes checks that the reader accepts only the bytes that were
// written. The text "hunter2" in a file must not be in the error.
func TestReadRefusesOtherBytes(t *testing.T) {
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
		changed.want = fmt.Sprintf("%sunexpected value at byte %d", noPlan, strings.Index(changed.file, to)+strings.Index(to, value))
		return changed
	}
	for name, c := range map[string]struct{ file, want string }{
		"a space":                      {replaced(`{"applyable"`, `{ "applyable"`), digestDoesNotMatch},
		"no newline at the end":        {strings.TrimSuffix(file, "\n"), digestDoesNotMatch},
		"another newline at the end":   {file + "\n", digestDoesNotMatch},
		"a carriage return":            {strings.Replace(file, "\n", "\r\n", 1), digestDoesNotMatch},
		"keys in another order":        {replaced(`"complete":true,"cost":{`, `"cost":{"complete":true,`), digestDoesNotMatch},
		"an unknown key":               {replaced(`{"applyable"`, `{"aa hunter2":"hunter2","applyable"`), digestDoesNotMatch},
		"an unknown key in a step":     {replaced(`"kind":"location"`, `"kind":"location","hunter2":1`), digestDoesNotMatch},
		"a key in another case":        {replaced(`{"applyable"`, `{"Applyable"`), digestDoesNotMatch},
		"a key left out":               {replaced(`"mode":"policies",`, ``), digestDoesNotMatch},
		"an escape that is not needed": {replaced(`"policies"`, `"\u0070olicies"`), digestDoesNotMatch},
		"a number in another form":     misplaced(`"keep_count":3`, `"keep_count":3e0`, "3e0"),
		"a list that is null":          {replaced(`"filters":["--no-removals"]`, `"filters":null`), digestDoesNotMatch},
		"a key twice":                  {replaced(`{"applyable":true`, `{"applyable":true,"applyable":true`), noPlan + "invalid JSON at byte 18"},
		"data behind it":               {file + "{}", fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, len(file))},
		"a second plan behind it":      {file + file, fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, len(file))},
		"a byte order mark":            {"\ufeff" + file, noPlan + "invalid JSON at byte 0"},
		"nothing":                      {"", noPlan + "invalid JSON at byte 0"},
		"white space":                  {" \n", noPlan + "invalid JSON at byte 2"},
		"half of it":                   {file[:commit], fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, commit)},
		"not JSON":                     {"hunter2: yes", noPlan + "invalid JSON at byte 0"},
		"something in place of JSON":   {replaced(`"commit":"0123abc"`, `"commit":hunter2`), fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, commit+len(`"commit":`))},
		"invalid UTF-8":                {replaced("0123abc", "hunter2\xff"), fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, commit+len(`"commit":"hunter2`))},
		"half a surrogate":             {replaced("0123abc", `hunter2\ud800`), fmt.Sprintf("%sinvalid JSON at byte %d", noPlan, commit+len(`"commit":"hunter2`))},
		"a list":                       {`["hunter2"]`, noPlan + "unexpected value at byte 0"},
		"a text":                       {`"hunter2"`, noPlan + "unexpected value at byte 0"},
		"null":                         {"null", "refuse plan: the file has format version 0, this program reads 1"},
		"an empty object":              {"{}", "refuse plan: the file has format version 0, this program reads 1"},
		"a text for a flag":            misplaced(`"applyable":true`, `"applyable":"hunter2"`, `"hunter2"`),
		"a number for a location":      misplaced(`"usage_location":"CH"`, `"usage_location":2`, "2"),
		"a number out of range":        misplaced(`"keep_count":3`, `"keep_count":9223372036854775808`, "9"),
		"an invalid id":                misplaced(`"id":"`+anna.String(), `"id":"hunter2`, `"hunter2`),
		"an invalid time":              misplaced(`"created_at":"2026`, `"created_at":"hunter2`, `"hunter2`),
		"lists in lists, 100,000 deep": {strings.Repeat("[", 100_000), noPlan + "unexpected value at byte 0"},
		"a later format's key":         {strings.Replace(replaced(`{"applyable"`, `{"aa":1,"applyable"`), `"format_version":1`, `"format_version":2`, 1), "refuse plan: the file has format version 2, this program reads 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, []byte(c.file), c.want)
		})
	}
}

// TestReadRefusesAnEditedVerdict edits the fields that a user in a hurry would like to
// edit.
func TestReadRefusesAnEditedVerdict(t *testing.T) {
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
			wantRefused(t, []byte(strings.Replace(file, c.from, c.to, 1)), digestDoesNotMatch)
		})
	}
}

// FuzzRead checks that the reader refuses every file that the writer would not have
// written.
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
