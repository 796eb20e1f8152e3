package state_test

import (
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state"
)

// TestAnchorForms has the worked example of the Microsoft Entra Connect documents'
// sourceAnchor: text, octets and immutable id of one object.
func TestAnchorForms(t *testing.T) {
	t.Parallel()
	a, err := state.ParseObjectGUID("00112233-4455-6677-8899-AABBCCDDEEFF")
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(a[:]); got != "33221100554477668899aabbccddeeff" {
		t.Errorf("the octets are %s", got)
	}
	if got := a.ImmutableID(); got != "MyIRAFVEd2aImaq7zN3u/w==" {
		t.Errorf("the immutable id is %s", got)
	}
	if got := a.String(); got != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Errorf("the text is %s", got)
	}
	if back, ok := state.ParseImmutableID("MyIRAFVEd2aImaq7zN3u/w=="); !ok || back != a {
		t.Errorf("the immutable id reads back as %s, %v", back, ok)
	}
}

func TestParseImmutableIDRefusesOtherFormats(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "E12345", "MyIRAFVEd2aImaq7zN3u", "AAAAAAAAAAAAAAAAAAAAAA==", "MyIRAFVEd2aImaq7zN3u/x==", "MyIRAFVEd2aImaq7zN3u_w=="} {
		if a, ok := state.ParseImmutableID(text); ok {
			t.Errorf("%q passes for the anchor %s", text, a)
		}
	}
}

func TestParseSID(t *testing.T) {
	t.Parallel()
	octets, err := hex.DecodeString("010500000000000515000000c7353a428e6b748453b2f10389130000")
	if err != nil {
		t.Fatal(err)
	}
	if sid, err := state.ParseSID(octets); err != nil || sid != "S-1-5-21-1111111111-2222222222-66171475-5001" {
		t.Errorf("got %s, %v", sid, err)
	}
	for _, bad := range [][]byte{nil, octets[:27], append([]byte{2}, octets[1:]...), {1, 255, 0, 0, 0, 0, 0, 5}} {
		if sid, err := state.ParseSID(bad); err == nil {
			t.Errorf("%x passes for %s", bad, sid)
		}
	}
}

// TestSnapshotKeepsIdentifiers compares the two columns with the text that they are made
// of.
func TestSnapshotKeepsIdentifiers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sid := rapid.OneOf(
			rapid.StringMatching(`S-1-5-21-[1-9][0-9]{0,9}-[1-9][0-9]{0,9}-[0-9]{1,12}`), rapid.StringMatching(`[-S0-9]{0,6}`), rapid.String(),
		).Draw(t, "sid")
		b := state.NewBuilder()
		if err := b.Add(state.Record{ID: id[state.User](1), UserPrincipalName: "a@c", SID: sid, ImmutableID: "MyIRAFVEd2aImaq7zN3u/w=="}); err != nil {
			t.Fatal(err)
		}
		s, err := b.Snapshot(state.Header{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.User(0).SID(); got != sid {
			t.Fatalf("%q reads back as %q", sid, got)
		}
		if got := s.User(0).Anchor().ImmutableID(); got != "MyIRAFVEd2aImaq7zN3u/w==" {
			t.Fatalf("the anchor reads back as %s", got)
		}
	})
}
