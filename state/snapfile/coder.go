package snapfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/seatwright/seatwright/state"
)

// coder writes the bytes of one block or reads them, so that one description of a shape
// serves both. After its first error it reads zeros and writes nothing useful, so callers
// check the error once, at the end.
type coder struct {
	reading bool
	data    []byte // written so far, or not read yet
	err     error
	words   map[string]string         // read so far, to be shared
	plans   map[string][]state.PlanID // the same
}

func (c *coder) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
	c.data = nil
}

// next reads the next bytes, which are a part of the block.
func (c *coder) next(n uint64) []byte {
	if n > uint64(len(c.data)) {
		c.fail("it ends too early")
		return nil
	}
	taken := c.data[:n]
	c.data = c.data[n:]
	return taken
}

// uvarint codes a count in the fewest bytes.
func (c *coder) uvarint(n *uint64) {
	if !c.reading {
		c.data = binary.AppendUvarint(c.data, *n)
		return
	}
	value, width := binary.Uvarint(c.data)
	if width <= 0 || width > 1 && c.data[width-1] == 0 {
		c.fail("a number is malformed")
		*n = 0
		return
	}
	c.data = c.data[width:]
	*n = value
}

// seatCount codes a number of seats.
func (c *coder) seatCount(n *int) {
	value := uint64(*n)
	if !c.reading && *n < 0 {
		c.fail("a number of seats is negative")
	}
	c.uvarint(&value)
	if c.reading && value > math.MaxInt32 {
		c.fail("a number of seats is too large")
		value = 0
	}
	*n = int(value)
}

func (c *coder) flag(set *bool) {
	var value uint64
	if *set {
		value = 1
	}
	c.uvarint(&value)
	if value > 1 {
		c.fail("a flag is neither 0 nor 1")
	}
	*set = value == 1
}

func (c *coder) text(s *string) {
	length := uint64(len(*s))
	c.uvarint(&length)
	if c.reading {
		*s = string(c.next(length))
	} else {
		c.data = append(c.data, *s...)
	}
	if !utf8.ValidString(*s) {
		c.fail("a text is not UTF-8")
	}
}

// internedText codes a text that is repeated often; while reading, all equal texts share
// one string.
func internedText[T ~string](c *coder, w *T) {
	text := string(*w)
	if !c.reading {
		c.text(&text)
		return
	}
	var length uint64
	c.uvarint(&length)
	raw := c.next(length)
	text, known := c.words[string(raw)]
	if !known {
		if text = string(raw); !utf8.ValidString(text) {
			c.fail("a text is not UTF-8")
		}
		if c.words == nil {
			c.words = map[string]string{}
		}
		c.words[text] = text
	}
	*w = T(text)
}

// planSet codes a list of service plans; while reading, equal lists share one slice.
func planSet(c *coder, plans *[]state.PlanID) {
	if !c.reading {
		list(c, plans, id)
		return
	}
	before := c.data
	var length uint64
	if c.uvarint(&length); length > 0 {
		c.next((length - 1) * uint64(len(state.PlanID{}))) // fails if the length is too large
	}
	raw := before[:len(before)-len(c.data)]
	known, found := c.plans[string(raw)]
	if c.err != nil || found {
		*plans = known
		return
	}
	c.data = before
	list(c, plans, id)
	if c.plans == nil {
		c.plans = map[string][]state.PlanID{}
	}
	c.plans[string(raw)] = *plans
}

func id[Of any](c *coder, value *state.ID[Of]) {
	if c.reading {
		copy(value[:], c.next(uint64(len(value))))
		return
	}
	c.data = append(c.data, value[:]...)
}

// list keeps nil and empty apart: nil was not requested, empty has no items.
func list[T any](c *coder, items *[]T, each func(*coder, *T)) {
	var length uint64
	if *items != nil {
		length = uint64(len(*items)) + 1
	}
	c.uvarint(&length)
	if !c.reading {
		for i := range *items {
			each(c, &(*items)[i])
		}
		return
	}
	if length == 0 {
		*items = nil
		return
	}
	if length-1 > uint64(len(c.data)) { // every item takes at least one byte
		c.fail("a list is longer than the block")
		return
	}
	read := make([]T, 0, min(length-1, 64))
	for range length - 1 {
		var item T
		if each(c, &item); c.err != nil {
			return
		}
		read = append(read, item)
	}
	*items = read
}

// column16 codes a column of ids or of other values of 16 bytes.
func column16[T ~[16]byte](c *coder, column *[]T, users int) {
	const size = 16
	if c.reading {
		if len(c.data) != users*size {
			c.fail("it has the wrong size")
			return
		}
		*column = make([]T, users)
		for i := range *column {
			(*column)[i] = T(c.next(size))
		}
		return
	}
	for _, value := range *column {
		octets := [size]byte(value)
		c.data = append(c.data, octets[:]...)
	}
}

// raw codes a column of bytes.
func (c *coder) raw(column *[]uint8, users int) {
	if c.reading {
		*column = c.next(uint64(users))
		return
	}
	c.data = append(c.data, *column...)
}

// texts codes a column of texts: their lengths, then all texts.
func texts(c *coder, column *state.Text, users int) {
	if !c.reading {
		start := uint32(0)
		for _, end := range column.Ends {
			c.data = binary.AppendUvarint(c.data, uint64(end-start))
			start = end
		}
		c.data = append(c.data, column.Arena...)
	} else if !readTexts(c, column, users) {
		return
	}
	if !utf8.ValidString(column.Arena) || splitsCharacter(column) {
		c.fail("a text is not UTF-8")
	}
}

func readTexts(c *coder, column *state.Text, users int) bool {
	if users > len(c.data) {
		c.fail("it is too short")
		return false
	}
	ends, end := make([]uint32, users), uint64(0)
	for i := range ends {
		var length uint64
		if c.uvarint(&length); length > uint64(len(c.data)) || end+length > math.MaxUint32 {
			c.fail("a text is longer than the block")
		}
		if c.err != nil {
			return false
		}
		end += length
		ends[i] = uint32(end)
	}
	*column = state.Text{Arena: string(c.next(end)), Ends: ends}
	return c.err == nil
}

// splitsCharacter reports whether a text begins in the middle of a character.
func splitsCharacter(column *state.Text) bool {
	for _, end := range column.Ends {
		if int(end) < len(column.Arena) && !utf8.RuneStart(column.Arena[end]) {
			return true
		}
	}
	return false
}

// coded codes a column with a dictionary: the values, then a code for each user.
func coded[V any, C uint16 | uint32](c *coder, column *state.Coded[V, C], users int, each func(*coder, *V)) {
	list(c, &column.Values, each)
	codes(c, &column.Codes, users)
}

// codes codes a column of numbers.
func codes[C uint16 | uint32](c *coder, column *[]C, users int) {
	if c.reading {
		*column = readCodes[C](c, users)
		return
	}
	for _, code := range *column {
		c.data = appendCode(c.data, code)
	}
}

func appendCode[C uint16 | uint32](data []byte, code C) []byte {
	if ^C(0) == math.MaxUint16 {
		return binary.LittleEndian.AppendUint16(data, uint16(code))
	}
	return binary.LittleEndian.AppendUint32(data, uint32(code))
}

func readCodes[C uint16 | uint32](c *coder, users int) []C {
	narrow := ^C(0) == C(math.MaxUint16)
	width := 4
	if narrow {
		width = 2
	}
	data := c.next(uint64(users) * uint64(width))
	if data == nil {
		return nil
	}
	codes := make([]C, users)
	for i := range codes {
		if narrow {
			codes[i] = C(binary.LittleEndian.Uint16(data[2*i:]))
		} else {
			codes[i] = C(binary.LittleEndian.Uint32(data[4*i:]))
		}
	}
	return codes
}
