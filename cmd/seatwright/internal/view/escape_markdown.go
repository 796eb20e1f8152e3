package view

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxCell is how many characters of one foreign string a comment shows, maxWord how many
// of one that is short by nature.
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

// code makes a foreign string harmless in Markdown: a code span, in which nothing is a
// link, an image, HTML, a mention or a reference to an issue. The fence is longer than
// any in the string (CommonMark: Code spans), and no pipe in it ends a cell of a table,
// be there a backslash before it or not.
func code(s string) string { return codeSpan(s, maxCell) }

// codeWord is [code] for a digest and the like.
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

// plainWords are those that neither Markdown nor a platform makes anything of.
var plainWords = regexp.MustCompile(`^[+-]?[\p{L}\p{N}]([\p{L}\p{N} ,()+%'/-]|[.:]( |$)|[.][\p{N}])*$`)

// words is a string that is running text as a rule, and shown as code where it is not.
func words(s string) string {
	if s == "" || len(s) <= maxCell && plainWords.MatchString(s) && escapeText(s) == s {
		return s
	}
	return code(s)
}

// tableHead is the head of a table; a title that begins with "-" is of numbers.
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
