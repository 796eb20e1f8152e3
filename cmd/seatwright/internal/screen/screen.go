package screen

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

// Style is how a piece of text looks: the parameter of an escape sequence (ECMA-48, SGR).
type Style string

// The styles of text.
const (
	Plain   Style = ""
	Bold    Style = "1"
	Red     Style = "31" // removals and losses
	Green   Style = "32" // additions
	Yellow  Style = "33" // replacements and changes
	restore       = "\x1b[0m"
)

// Span is a piece of a line. Its text is already escaped: only the renderer adds escape
// sequences, and only around spans.
type Span struct {
	Text  string
	Style Style
}

// paint returns the text in a style.
func paint(s Span) string {
	if s.Style == Plain || s.Text == "" {
		return s.Text
	}
	return "\x1b[" + string(s.Style) + "m" + s.Text + restore
}

// hangingIndent is how much further than the first line the next lines of a wrapped line begin.
const hangingIndent = 4

// wrapSpans breaks a line between words, so that each part fits the width. A word that is
// longer stays whole: a path or a command must be copied as it is.
func wrapSpans(line []Span, width int) [][]Span {
	text := ""
	for _, s := range line {
		text += s.Text
	}
	if width <= 0 || cellWidth(text) <= width {
		return [][]Span{line}
	}
	indent := len(text) - len(strings.TrimLeft(text, " "))
	prefix := strings.Repeat(" ", min(indent+hangingIndent, width/2))
	var lines [][]Span
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
func slice(line []Span, from, to int, continued bool, prefix string) []Span {
	var part []Span
	if continued {
		part = append(part, Span{Text: prefix})
	}
	for _, s := range line {
		begin, end := max(from, 0), min(to, len(s.Text))
		if begin < end {
			part = append(part, Span{s.Text[begin:end], s.Style})
		}
		from, to = from-len(s.Text), to-len(s.Text)
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
