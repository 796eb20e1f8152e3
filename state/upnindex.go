package state

import (
	"fmt"
	"hash/maphash"
	"math"
	"strings"
	"unicode/utf8"
)

// upnIndex finds rows by user principal name in any case. It is a hash table with open
// addressing, because sorting a million names would take most of the time of a load.
type upnIndex struct {
	seed  maphash.Seed
	slots []uint64 // upper half of the hash, row + 1; 0 is free. At least twice as many as rows, a power of two
}

// newUPNIndex fails if two rows have the same name.
func newUPNIndex(upns *Text) (upnIndex, error) {
	size := 2
	for size < 2*len(upns.Ends) {
		size *= 2
	}
	x := upnIndex{seed: maphash.MakeSeed(), slots: make([]uint64, size)}
	for row := range upns.Ends {
		slot, entry := x.slot(upns, upns.at(row))
		if x.slots[slot] != 0 {
			return upnIndex{}, fmt.Errorf("two users have the user principal name %q", shorten(upns.at(row)))
		}
		x.slots[slot] = entry | uint64(row+1)
	}
	return x, nil
}

func (x *upnIndex) find(upns *Text, upn string) (row int, found bool) {
	if len(upns.Ends) == 0 {
		return 0, false
	}
	slot, _ := x.slot(upns, upn)
	return x.row(slot), x.slots[slot] != 0
}

func (x *upnIndex) row(slot uint64) int { return int(uint32(x.slots[slot])) - 1 }

// slot returns the slot that has the name, or else the free slot for it, and its entry.
func (x *upnIndex) slot(upns *Text, upn string) (slot, entry uint64) {
	var space, other [128]byte
	folded := appendFolded(space[:0], upn)
	hash := maphash.Bytes(x.seed, folded)
	entry = hash &^ math.MaxUint32
	mask := uint64(len(x.slots) - 1)
	for slot = hash & mask; x.slots[slot] != 0; slot = (slot + 1) & mask {
		if x.slots[slot]&^math.MaxUint32 == entry && string(appendFolded(other[:0], upns.at(x.row(slot)))) == string(folded) {
			break
		}
	}
	return slot, entry
}

// appendFolded appends the form in which names are compared: [strings.ToLower], with a
// fast path for ASCII.
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
