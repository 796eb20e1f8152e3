package snapfile_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
	"github.com/seatwright/seatwright/state/statetest"
)

func write(t testing.TB, s *state.Snapshot) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := snapfile.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(data []byte) (*state.Snapshot, error) {
	return snapfile.Read(bytes.NewReader(data), int64(len(data)))
}

func mustRead(t testing.TB, data []byte) *state.Snapshot {
	t.Helper()
	s, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same fails the test unless the two are equal except for their source.
func same(t testing.TB, want, got *state.Snapshot) {
	t.Helper()
	options := []cmp.Option{cmp.Comparer(func(a, b state.DN) bool { return a.String() == b.String() && a.Equal(b) }), cmpopts.IgnoreFields(state.Header{}, "Source")}
	if diff := cmp.Diff(want.Header, got.Header, options...); diff != "" {
		t.Errorf("the header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Columns(), got.Columns(), append(options, cmpopts.EquateEmpty())...); diff != "" {
		t.Errorf("the users (-want +got):\n%s", diff)
	}
}

// little returns the little tenant with a value in every part of the header.
func little(t testing.TB) *state.Snapshot {
	t.Helper()
	s := statetest.Snapshot(t)
	s.Source, s.ReadAt = state.SourceLive, time.Date(2026, 11, 24, 8, 0, 0, 1, time.UTC)
	return s
}

func TestRoundTripOfASnapshot(t *testing.T) {
	t.Parallel()
	want := little(t)
	got := mustRead(t, write(t, want))
	same(t, want, got)
	user, found := got.FindUPN("alice@STATETEST.example")
	if !found || user.DisplayName() != "Alice Ünlü" || user.Container().String() != `OU=Sales\, EMEA,DC=corp,DC=statetest,DC=example` {
		t.Errorf("alice reads back as %q in %q", user.DisplayName(), user.Container())
	}
	again := write(t, got)
	if !bytes.Equal(again, write(t, mustRead(t, again))) {
		t.Error("writing the same snapshot twice gives different bytes")
	}
}

func TestRoundTripOfAnEmptySnapshot(t *testing.T) {
	t.Parallel()
	want, err := state.NewBuilder().Snapshot(state.Header{Source: state.SourceLive})
	if err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, write(t, want))
	if same(t, want, got); got.Len() != 0 {
		t.Errorf("it has %d users", got.Len())
	}
	if _, found := got.FindUPN("anna@contoso.com"); found {
		t.Error("a user was found in it")
	}
}

// fill sets every field of a value, and of everything in it, to a nonzero value.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x", *n%5+1))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 1, 0, 0, *n, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestRoundTripKeepsEveryField(t *testing.T) {
	t.Parallel()
	var header state.Header
	n := 0
	fill(reflect.ValueOf(&header).Elem(), &n)
	header.Source = state.SourceSandbox
	want, err := state.NewBuilder().Snapshot(header)
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, mustRead(t, write(t, want)))
}

func TestRoundTripKeepsNilApartFromEmpty(t *testing.T) {
	t.Parallel()
	b := state.NewBuilder()
	want, err := b.Snapshot(state.Header{Source: state.SourceLive, Groups: []state.Group{{ID: state.GroupID{1}}, {ID: state.GroupID{2}, Everyone: []state.UserID{}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, write(t, want))
	if got.Groups[0].Everyone != nil || got.Groups[1].Everyone == nil {
		t.Errorf("the members are %v and %v, want nil and empty", got.Groups[0].Everyone, got.Groups[1].Everyone)
	}
}

func TestReadNeverReturnsALiveSource(t *testing.T) {
	t.Parallel()
	for from, want := range map[state.Source]state.Source{
		state.SourceLive: state.SourceFile, state.SourceFile: state.SourceFile, state.SourceSandbox: state.SourceSandbox,
	} {
		s := little(t)
		s.Source = from
		if got := mustRead(t, write(t, s)).Source; got != want {
			t.Errorf("a %s snapshot comes back as %s, want %s", from, got, want)
		}
	}
	s := little(t)
	s.Source = "elsewhere"
	if err := snapfile.Write(new(bytes.Buffer), s); err == nil {
		t.Error("a snapshot of unknown source was written")
	}
}

func TestReadRefusesDamagedFiles(t *testing.T) {
	t.Parallel()
	whole := write(t, little(t))
	refused := func(what string, at int, data []byte) {
		t.Helper()
		_, err := read(data)
		refusal, ok := errors.AsType[*snapfile.RefusedError](err)
		if !ok || refusal.Hint == "" {
			t.Fatalf("a file %s %d: got %v, want a RefusedError with a hint", what, at, err)
		}
	}
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x10
		refused("with another byte", at, damaged)
		refused("cut off at", at, whole[:at])
	}
	refused("with bytes after its end", len(whole), append(bytes.Clone(whole), 0))
}

func TestReadNamesANewerVersion(t *testing.T) {
	t.Parallel()
	data := write(t, little(t))
	data[8] = 9
	_, err := read(data)
	refusal, ok := errors.AsType[*snapfile.RefusedError](err)
	if !ok || refusal.Why != "the file has format version 9, this version of Seatwright reads 2" || !strings.Contains(refusal.Hint, "newer") {
		t.Errorf("got %#v", err)
	}
}
