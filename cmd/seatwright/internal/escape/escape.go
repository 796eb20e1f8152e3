package escape

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Text returns a foreign string that is harmless in text. Control characters, and
// characters that change direction or have no width, are written as \u{...}. The marks of CI
// commands get a blank inside, since a CI system executes such a line of a log: "::" at the
// beginning (GitHub), "##[" and "##vso[" anywhere (Azure Pipelines).
func Text(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		switch {
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		case r == '#' && last == '#', r == ':' && last == ':' && strings.Trim(b.String(), " :") == "":
			b.WriteByte(' ')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// Lines is [Text] for text of several lines that contains foreign words. Line
// feeds stay.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Text(line)
	}
	return strings.Join(lines, "\n")
}

// JSON passes JSON through. What a terminal or a CI system would execute is written as
// \uXXXX, which is the same value to a parser.
func JSON(w io.Writer, write func(io.Writer) error) error {
	var raw bytes.Buffer
	if err := write(&raw); err != nil {
		return err
	}
	var b bytes.Buffer
	var last rune
	for _, r := range raw.String() {
		switch {
		case r == '#' && last == '#', r != '\n' && !unicode.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r != '\n' && !unicode.IsPrint(r):
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	_, err := w.Write(b.Bytes())
	return err
}

// CSV returns a foreign string that is harmless in a spreadsheet and in a log. What a
// program could take for a formula gets an apostrophe in front (OWASP: CSV Injection).
func CSV(s string) string {
	s = Text(s)
	trimmed := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	if trimmed == "" {
		return strings.TrimSpace(s)
	}
	first := []rune(trimmed)[0]
	if strings.ContainsRune("=+-@＝＋－＠", first) || trimmed != s && strings.ContainsAny(s[:1], "\t\r\n") {
		return "'" + s
	}
	return s
}
