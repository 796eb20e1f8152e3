package snapfile

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/seatwright/seatwright/state"
)

// twoUsers returns a snapshot of two users in its parts.
func twoUsers(t testing.TB) *content {
	t.Helper()
	dn, err := state.ParseDN("CN=Anna,OU=Staff,DC=contoso,DC=com")
	if err != nil {
		t.Fatal(err)
	}
	b := state.NewBuilder()
	for _, r := range []state.Record{
		{ID: state.UserID{1}, UserPrincipalName: "anna@contoso.com", DisplayName: "Anna", UsageLocation: "CH", Country: "Switzerland", DN: dn,
			Paths: []state.Path{{SKU: state.SKUID{1}, State: state.PathActive}, {SKU: state.SKUID{2}, State: state.PathActive, Disabled: []state.PlanID{{1}, {2}}}}},
		{ID: state.UserID{2}, UserPrincipalName: "bea@contoso.com", DisplayName: "Bea", UsageLocation: "DE"},
	} {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Snapshot(state.Header{Source: state.SourceLive, SKUs: []state.SKU{{ID: state.SKUID{1}}, {ID: state.SKUID{2}}},
		Groups: []state.Group{{ID: state.GroupID{1}, Members: []state.UserID{{1}, {2}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return &content{users: s.Len(), header: s.Header, columns: s.Columns()}
}

// file returns a file with correct checksums, whatever is in it.
func file(users uint32, packed [][]byte, entries []entry) []byte {
	for i := range packed {
		entries[i].sum, entries[i].stored = checksum(packed[i]), uint64(len(packed[i]))
	}
	return append(head(users, entries), bytes.Join(packed, nil)...)
}

func readBytes(data []byte) error {
	_, err := Read(bytes.NewReader(data), int64(len(data)))
	return err
}

func wantRefusal(t *testing.T, name, want string, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*RefusedError](err)
	if !ok || !strings.Contains(refusal.Why, want) {
		t.Errorf("%s: got %v, want a refusal with %q", name, err, want)
	}
}

func TestReadRefusesColumnsThatNoBuilderMakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		change     func(*content)
	}{
		{"a user without id", "no id", func(c *content) { c.columns.IDs = []state.UserID{{}, {2}} }},
		{"users out of order", "out of order", func(c *content) { c.columns.IDs = []state.UserID{{3}, {2}} }},
		{"a user twice", "read twice", func(c *content) { c.columns.IDs = []state.UserID{{2}, {2}} }},
		{"a user without user principal name", "no user principal name", func(c *content) { c.columns.UPNs = state.Text{Arena: "anna", Ends: []uint32{4, 4}} }},
		{"two users of one name", "two users", func(c *content) { c.columns.UPNs = state.Text{Arena: "annaANNA", Ends: []uint32{4, 8}} }},
		{"a text cut in a character", "not UTF-8", func(c *content) { c.columns.Names = state.Text{Arena: "üx", Ends: []uint32{1, 3}} }},
		{"a text of other bytes", "not UTF-8", func(c *content) { c.columns.Names = state.Text{Arena: "\xff\xfe", Ends: []uint32{1, 2}} }},
		{"a flag that does not exist", "flags", func(c *content) { c.columns.Flags = []uint8{0, 64} }},
		{"an internal user who is marked external", "flags", func(c *content) { c.columns.Flags = []uint8{16, 0} }},
		{"a code without value", "next one", func(c *content) { c.columns.Locations.Codes = []uint16{0, 2} }},
		{"codes in another order", "next one", func(c *content) { c.columns.Locations.Codes = []uint16{1, 0} }},
		{"a value that no user has", "are used", func(c *content) { c.columns.Locations.Codes = []uint16{0, 0} }},
		{"a value twice", "repeated", func(c *content) { c.columns.Locations.Values = []string{"CH", "CH"} }},
		{"a root that is not empty", "reserved and not empty", func(c *content) {
			c.columns.Containers.Values = []state.DN{c.columns.Containers.Values[1], c.columns.Containers.Values[0]}
		}},
		{"paths out of order", "set 1 is out of order", func(c *content) {
			p := c.columns.Paths.Values[1]
			c.columns.Paths.Values = [][]state.Path{nil, {p[1], p[0]}}
		}},
		{"plans out of order", "not a sorted set", func(c *content) {
			p := c.columns.Paths.Values[1]
			c.columns.Paths.Values = [][]state.Path{nil, {p[0], {SKU: p[1].SKU, State: p[1].State, Disabled: []state.PlanID{{2}, {1}}}}}
		}},
		{"members out of order", "header is out of order", func(c *content) { c.header.Groups = []state.Group{{Members: []state.UserID{{2}, {1}}}} }},
		{"more users than ids", "wrong size", func(c *content) { c.users = 3 }},
	} {
		s := twoUsers(t)
		c.change(s)
		users := uint32(s.users)
		s.users = 2
		packed, entries, err := pack(s)
		if err == nil {
			err = readBytes(file(users, packed, entries))
		} else {
			err = &RefusedError{Why: err.Error()} // a snapshot that cannot be read is not written either
		}
		wantRefusal(t, c.name, c.want, err)
	}
}

// raw returns a file in which one block has these bytes.
func raw(t testing.TB, name string, users uint32, data []byte) []byte {
	t.Helper()
	packed, entries, err := pack(twoUsers(t))
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range blocks {
		if blocks[i].name == name {
			packed[i], entries[i].unpacked = encoder.EncodeAll(data, nil), uint64(len(data))
		}
	}
	return file(users, packed, entries)
}

func TestReadRefusesBlocksThatNoWriterMakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, block, want string
		data              []byte
	}{
		{"a list longer than the block", "groups", "longer than the block", []byte{0xff, 0xff, 0xff, 0xff, 0x0f}},
		{"a number with a superfluous byte", "groups", "malformed", []byte{0x81, 0x00}},
		{"a number of too many bits", "groups", "malformed", bytes.Repeat([]byte{0xff}, 11)},
		{"bytes after the list", "groups", "bytes are left over", []byte{0, 0}},
		{"a text longer than the block", "user principal names", "longer than the block", []byte{0xff, 0xff, 0xff, 0x7f, 1}},
		{"too few lengths", "display names", "too short", []byte{0}},
		{"too few codes", "countries", "too early", []byte{1, 0, 0}},
		{"a container that is no name", "containers", "malformed", []byte{2, 4, 'n', 'o', 'n', 'e', 0, 0, 0, 0, 0, 0, 0, 0}},
		{"nothing", "header", "too early", nil},
	} {
		wantRefusal(t, c.name, c.want, readBytes(raw(t, c.block, 2, c.data)))
	}
}

func TestReadAllocatesNoMoreThanTheFileJustifies(t *testing.T) { //nolint:paralleltest // measures the heap
	bomb := raw(t, "flags", 2, make([]byte, 200<<20))
	packed, entries, err := pack(twoUsers(t))
	if err != nil {
		t.Fatal(err)
	}
	entries[2].unpacked = 1 << 40
	liar := file(2, packed, entries)
	entries[2].unpacked = 16
	short := file(2, packed, entries) // unpacks to more bytes than its entry has
	manyUsers := file(1<<31-8, packed, entries)
	for name, c := range map[string]struct {
		want string
		data []byte
	}{
		"a bomb": {"more than a snapshot of its size can", bomb}, "an impossible size": {"is impossible", liar},
		"a block that unpacks to more than its entry has": {"does not unpack to its size", short},
		"more users than the file has bytes":              {"cannot hold", manyUsers},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		wantRefusal(t, name, c.want, readBytes(c.data))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("%s: %d bytes were allocated for a file of %d", name, took, len(c.data))
		}
	}
}

func FuzzRead(f *testing.F) {
	packed, entries, err := pack(twoUsers(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file(2, packed, entries), false)
	f.Add(raw(f, "groups", 2, []byte{0}), true)
	for _, b := range blocks {
		c := &coder{}
		b.code(c, twoUsers(f))
		f.Add(raw(f, b.name, 2, c.data), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, mend bool) {
		if mend {
			data = withChecksums(data)
		}
		s, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if _, ok := errors.AsType[*RefusedError](err); !ok {
				t.Fatalf("an error that is not a RefusedError: %v", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := Write(&first, s); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Read(bytes.NewReader(first.Bytes()), int64(first.Len()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if err := Write(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("the same snapshot has two encodings (%v)", err)
		}
	})
}

// withChecksums puts correct checksums into a file, so that the fuzzer reaches the code
// after them.
func withChecksums(data []byte) []byte {
	if len(data) < headSize() {
		return data
	}
	entries := readEntries(data[fixedSize:headSize()])
	packed, rest := make([][]byte, len(entries)), data[headSize():]
	for i, e := range entries {
		n := min(e.stored, uint64(len(rest)))
		packed[i], rest = rest[:n], rest[n:]
	}
	return file(uint32(data[len(magic)+4]), packed, entries)
}
