package diag

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuoted is how many characters of foreign text a message repeats.
const maxQuoted = 64

// Cut keeps foreign text short enough to stand in a message.
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

// Quote makes foreign text fit to be shown: short, and without anything that a
// terminal would obey.
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

// Invisible finds a character that nobody can see, or that makes what follows
// look like something else: controls, bidirectional marks, zero-width characters.
func Invisible(s string) (rune, bool) {
	for _, r := range s {
		if IsInvisible(r) {
			return r, true
		}
	}
	return 0, false
}

// IsInvisible reports whether nobody can see a character, or it makes what follows look
// like something else.
func IsInvisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// OneOf lists words as people do.
func OneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
