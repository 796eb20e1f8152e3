package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// The byte order marks that programs put before a text.
var (
	bomUTF8    = []byte{0xEF, 0xBB, 0xBF}
	bomUTF16LE = []byte{0xFF, 0xFE}
	bomUTF16BE = []byte{0xFE, 0xFF}
)

// LooksUTF16 reports whether bytes are UTF-16, with a mark or without.
func LooksUTF16(data []byte) bool {
	return bytes.HasPrefix(data, bomUTF16LE) || bytes.HasPrefix(data, bomUTF16BE) || bytes.IndexByte(data, 0) >= 0
}

// WithoutMark returns a UTF-8 text without the mark that programs put before it.
func WithoutMark(data []byte) []byte { return bytes.TrimPrefix(data, bomUTF8) }

// The faults of a text file that have no row.
var (
	errEmptyFile  = errors.New("the file is empty")
	errOddUTF16   = errors.New("the file is cut short: UTF-16 with half a character at the end")
	errLoneUTF16  = errors.New("the file begins like UTF-16, but is not valid UTF-16: half of a pair of characters is missing")
	errUnmarked16 = errors.New("the file has zero bytes: it is UTF-16 without a mark, or not text")
	errBareCR     = errors.New("the lines end in CR only, as on a very old Mac")
)

// plainText turns the bytes of a CSV file or a list into UTF-8. An export is UTF-8, with a mark or without, or UTF-16 with one (Excel's "Unicode text").
// Bytes that are not UTF-8 are left in; they matter only where something is read.
func plainText(data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, errEmptyFile
	}
	var err error
	switch {
	case bytes.HasPrefix(data, bomUTF16LE):
		data, err = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, bomUTF16BE):
		data, err = fromUTF16(data[2:], binary.BigEndian)
	default:
		data = WithoutMark(data)
	}
	switch {
	case err != nil:
		return nil, err
	case bytes.IndexByte(data, 0) >= 0:
		return nil, errUnmarked16
	case bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(data, "\r"), '\r') >= 0:
		return nil, errBareCR
	}
	return data, nil
}

// fromUTF16 decodes strictly, unlike the decoders of the libraries: with a replacement
// character a name would mean another user.
func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, errOddUTF16
	}
	text := make([]byte, 0, len(data)/2)
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(data) {
				return nil, errLoneUTF16
			}
			i += 2
			if r = utf16.DecodeRune(r, rune(order.Uint16(data[i:]))); r == utf8.RuneError {
				return nil, errLoneUTF16
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}
