package escape

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxCell is how many characters of one foreign string a comment shows, MaxWord how many
// of a short one.
const (
	MaxCell = 300
	MaxWord = 80
)

// Cut returns the first characters of a string, and an ellipsis if there are more.
func Cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// Code returns a foreign string that is harmless in Markdown: a code span, in which nothing is
// a link, an image, HTML, a mention or a reference to an issue. The fence is longer than any in
// the string (CommonMark: Code spans). No pipe in it ends a cell of a table, with or without a
// backslash before it.
func Code(s string) string { return codeSpan(s, MaxCell) }

// CodeWord is [Code] for short strings such as digests.
func CodeWord(s string) string { return codeSpan(s, MaxWord) }

func codeSpan(s string, most int) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range Cut(Text(s), most) {
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

// CodeOrNothing is [Code], but nothing for an empty string.
func CodeOrNothing(s string) string {
	if s == "" {
		return ""
	}
	return Code(s)
}

// plainWords matches text that has no meaning in Markdown or on a platform.
var plainWords = regexp.MustCompile(`^[+-]?[\p{L}\p{N}]([\p{L}\p{N} ,()+%'/-]|[.:]( |$)|[.][\p{N}])*$`)

// Words returns a string that is usually plain text, as code if it is not.
func Words(s string) string {
	if s == "" || len(s) <= MaxCell && plainWords.MatchString(s) && Text(s) == s {
		return s
	}
	return Code(s)
}

// TableHead returns the head of a table. A title that begins with "-" is of numbers.
func TableHead(titles ...string) string {
	titles = slices.Clone(titles)
	rule := make([]string, len(titles))
	for i, title := range titles {
		rule[i] = "---"
		if number, right := strings.CutPrefix(title, "-"); right {
			titles[i], rule[i] = number, "--:"
		}
	}
	return TableRow(titles...) + TableRow(rule...)
}

// TableRow returns a row of cells that are already escaped.
func TableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
