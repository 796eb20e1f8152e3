package diag

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuoted is how many characters of foreign text a message repeats.
const maxQuoted = 64

// Cut shortens foreign text so that it fits a message.
func Cut(s string) string {
	count := 0
	for i := range s {
		if count == maxQuoted {
			return s[:i] + "..."
		}
		count++
	}
	return s
}

// Quote returns foreign text that can be shown: short, and without control characters that
// a terminal would obey.
func Quote(s string) string { return strconv.Quote(Cut(s)) }

// DidYouMean returns a hint that asks for one of the names, or "" if there is none.
func DidYouMean(names ...string) string {
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = Quote(name)
	}
	return "did you mean " + OneOf(quoted) + "?"
}

// Invisible returns a character that is invisible, or that makes the text after it look
// like something else: controls, bidirectional marks, zero-width characters.
func Invisible(s string) (rune, bool) {
	for _, r := range s {
		if IsInvisible(r) {
			return r, true
		}
	}
	return 0, false
}

// IsInvisible reports whether a character is invisible, or makes the text after it look
// like something else.
func IsInvisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// OneOf returns words as a sentence lists them: "a, b or c".
func OneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
