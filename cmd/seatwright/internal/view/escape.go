package view

import (
	"fmt"
	"strings"
	"unicode"
)

// Terminal makes a foreign string harmless in text output: control characters and
// those that change direction or take no room are written as \u{...}, and the
// marks of CI commands ("::" at the beginning, of GitHub; "##[" and "##vso[" anywhere,
// of Azure Pipelines) are pulled apart, since a log line can be an order.
func Terminal(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	text := b.String()
	if trimmed := strings.TrimLeft(text, " "); strings.HasPrefix(trimmed, "::") {
		text = text[:len(text)-len(trimmed)] + ": " + trimmed[1:]
	}
	return strings.ReplaceAll(text, "##", "# #")
}

// TerminalLines is [Terminal] for text of several lines that we wrote ourselves
// around foreign words: line feeds stay.
func TerminalLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Terminal(line)
	}
	return strings.Join(lines, "\n")
}

// CSVCell makes a foreign string harmless in a spreadsheet: what a program could
// take for a formula gets an apostrophe in front (OWASP: CSV Injection).
func CSVCell(s string) string {
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
