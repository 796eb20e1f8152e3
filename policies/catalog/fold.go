package catalog

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which names are compared: NFKC, white space collapsed and
// trimmed, case folded, every dash a hyphen. Microsoft's own table needs it all: it
// has no-break spaces, TABs and en dashes inside names and ids.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	if isASCII(s) {
		s = strings.ToLower(s)
	} else {
		s = foldUnicode(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// foldUnicode folds twice: folding case can undo the normal form, and the normal
// form bring up more to fold (U+0345), which is why Unicode's NFKC_Casefold does
// both twice.
func foldUnicode(s string) string {
	for range 2 {
		s = cases.Fold().String(norm.NFKC.String(s))
	}
	return dashes.Replace(norm.NFKC.String(s))
}

// isFolded reports whether a text has the usual form already. That saves work: hundreds of
// thousands of user principal names are folded to find the nearest one.
func isFolded(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' && !space:
			space = true
		case c <= ' ', c >= utf8.RuneSelf, 'A' <= c && c <= 'Z':
			return false
		default:
			space = false
		}
	}
	return !space || s == ""
}

// dashes maps hyphens and dashes (Unicode category Pd and the minus sign) that
// are used in place of a hyphen.
var dashes = strings.NewReplacer(
	"\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2015", "-", "\u2212", "-",
)
