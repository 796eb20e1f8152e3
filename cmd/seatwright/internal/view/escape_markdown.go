package view

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxCell is how many characters of one foreign string a comment shows, maxWord how many
// of a short one.
const (
	maxCell = 300
	maxWord = 80
)

func cutRunes(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// code returns a foreign string that is harmless in Markdown: a code span, in which nothing is
// a link, an image, HTML, a mention or a reference to an issue. The fence is longer than any in
// the string (CommonMark: Code spans). No pipe in it ends a cell of a table, with or without a
// backslash before it.
func code(s string) string { return codeSpan(s, maxCell) }

// codeWord is [code] for short strings such as digests.
func codeWord(s string) string { return codeSpan(s, maxWord) }

func codeSpan(s string, most int) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range cutRunes(escapeText(s), most) {
		switch {
		case r == '|' && last == '\\':
			b.WriteString(`\u{7c}`)
		case r == '|':
			b.WriteString(`\|`)
		default:
			b.WriteRune(r)
		}
		last = r
	}
	text, fence := b.String(), "`"
	if strings.TrimSpace(text) == "" {
		return "`-`"
	}
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

func codeOrNothing(s string) string {
	if s == "" {
		return ""
	}
	return code(s)
}

// plainWords matches text that has no meaning in Markdown or on a platform.
var plainWords = regexp.MustCompile(`^[+-]?[\p{L}\p{N}]([\p{L}\p{N} ,()+%'/-]|[.:]( |$)|[.][\p{N}])*$`)

// words returns a string that is usually plain text, as code if it is not.
func words(s string) string {
	if s == "" || len(s) <= maxCell && plainWords.MatchString(s) && escapeText(s) == s {
		return s
	}
	return code(s)
}

// tableHead returns the head of a table. A title that begins with "-" is of numbers.
func tableHead(titles ...string) string {
	titles = slices.Clone(titles)
	rule := make([]string, len(titles))
	for i, title := range titles {
		rule[i] = "---"
		if number, right := strings.CutPrefix(title, "-"); right {
			titles[i], rule[i] = number, "--:"
		}
	}
	return tableRow(titles...) + tableRow(rule...)
}

func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
