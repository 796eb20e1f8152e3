package state

import (
	"fmt"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// upnIndex finds rows by user principal name in any case: a hash table with open
// addressing, because sorting a million names would cost most of the time of a load.
type upnIndex struct {
	seed  maphash.Seed
	slots []uint32 // row + 1; 0 is free. At least twice as many as rows, a power of two
}

// newUPNIndex fails where two rows have one name.
func newUPNIndex(upns *Text) (upnIndex, error) {
	size := 2
	for size < 2*len(upns.Ends) {
		size *= 2
	}
	x := upnIndex{seed: maphash.MakeSeed(), slots: make([]uint32, size)}
	for row := range upns.Ends {
		slot, taken := x.slot(upns, upns.At(row))
		if taken {
			return upnIndex{}, fmt.Errorf("two users have the user principal name %q", cut(upns.At(row)))
		}
		x.slots[slot] = uint32(row) + 1
	}
	return x, nil
}

func (x *upnIndex) find(upns *Text, upn string) (row int, found bool) {
	if len(upns.Ends) == 0 {
		return 0, false
	}
	slot, taken := x.slot(upns, upn)
	return int(x.slots[slot]) - 1, taken
}

// slot is where the name is, or where it would go.
func (x *upnIndex) slot(upns *Text, upn string) (slot uint64, taken bool) {
	var space [128]byte
	folded := appendFolded(space[:0], upn)
	mask := uint64(len(x.slots) - 1)
	for slot = maphash.Bytes(x.seed, folded) & mask; x.slots[slot] != 0; slot = (slot + 1) & mask {
		var space [128]byte
		if string(appendFolded(space[:0], upns.At(int(x.slots[slot])-1))) == string(folded) {
			return slot, true
		}
	}
	return slot, false
}

// appendFolded makes the form in which names are compared, [strings.ToLower], which
// is quick for ASCII.
func appendFolded(to []byte, upn string) []byte {
	for i := range len(upn) {
		c := upn[i]
		switch {
		case c >= utf8.RuneSelf:
			return append(to[:0], strings.ToLower(upn)...)
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
