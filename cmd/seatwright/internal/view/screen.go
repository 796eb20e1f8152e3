package view

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Screen is what text is written for. The zero value is a file or a pipe: lines have any
// length, there is no color, and nothing is left out.
type Screen struct {
	Terminal bool // long lists are cut
	Width    int  // in characters; 0: unlimited
	Color    bool
}

// style is how a piece of text looks: the parameter of an escape sequence (ECMA-48, SGR).
type style string

const (
	plain   style = ""
	bold    style = "1"
	red     style = "31" // removals and losses
	green   style = "32" // additions
	yellow  style = "33" // replacements and changes
	restore       = "\x1b[0m"
)

// span is a piece of a line. Its text is already escaped: only the renderer adds escape
// sequences, and only around spans.
type span struct {
	text  string
	style style
}

// paint returns the text in a style.
func paint(s span) string {
	if s.style == plain || s.text == "" {
		return s.text
	}
	return "\x1b[" + string(s.style) + "m" + s.text + restore
}

// hangingIndent is how much further than the first line the next lines of a wrapped line begin.
const hangingIndent = 4

// wrapSpans breaks a line between words, so that each part fits the width. A word that is
// longer stays whole: a path or a command must be copied as it is.
func wrapSpans(line []span, width int) [][]span {
	text := ""
	for _, s := range line {
		text += s.text
	}
	if width <= 0 || cellWidth(text) <= width {
		return [][]span{line}
	}
	indent := len(text) - len(strings.TrimLeft(text, " "))
	prefix := strings.Repeat(" ", min(indent+hangingIndent, width/2))
	var lines [][]span
	from, room := 0, width
	for _, cut := range breaks(text, indent, width, width-len(prefix)) {
		lines = append(lines, slice(line, from, cut, room != width, prefix))
		from, room = cut, 0
		for from < len(text) && text[from] == ' ' {
			from++
		}
	}
	return append(lines, slice(line, from, len(text), room != width, prefix))
}

// breaks returns where a text is broken: at blanks, each in front of a word that does not
// fit. First is the width of the first line, and rest that of the others.
func breaks(text string, indent, first, rest int) []int {
	var cuts []int
	room, used, blank := first, 0, -1 // blank is where the last blanks before a word begin
	afterBlank := 0                   // the width since then
	for i, r := range text {
		w := runeWidth(r)
		isBlank := r == ' ' && i >= indent
		if isBlank && (blank < 0 || text[i-1] != ' ') && mayBreak(text[i:]) {
			blank, afterBlank = i, 0
		}
		if blank >= 0 && used+w > room && !isBlank {
			cuts = append(cuts, blank)
			blanks := len(text[blank:]) - len(strings.TrimLeft(text[blank:], " "))
			room, used, blank = rest, max(0, afterBlank-blanks), -1
		}
		used += w
		afterBlank += w
	}
	return cuts
}

// mayBreak reports whether a line may begin with what follows blanks. Two colons at the
// beginning of a line are a command of GitHub Actions.
func mayBreak(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	return rest != "" && rest[0] != ':'
}

// slice returns the spans of a part of a line, behind the prefix of a continued line.
func slice(line []span, from, to int, continued bool, prefix string) []span {
	var part []span
	if continued {
		part = append(part, span{text: prefix})
	}
	for _, s := range line {
		begin, end := max(from, 0), min(to, len(s.text))
		if begin < end {
			part = append(part, span{s.text[begin:end], s.style})
		}
		from, to = from-len(s.text), to-len(s.text)
	}
	return part
}

// cellWidth returns how many columns of a terminal a text takes.
func cellWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth returns 2 for wide characters of East Asia, 0 for marks on the character before.
func runeWidth(r rune) int {
	if r < unicode.MaxLatin1 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
	}
	return 1
}
