package topics

import (
	"strings"
	"unicode/utf8"
)

// wrapWords breaks text into lines of at most width characters where there are blanks. A word
// that is longer stays whole: a command or a path must be copied as it is.
func wrapWords(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case length(line)+1+length(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// length returns how many characters a text shows.
func length(text string) int { return utf8.RuneCountInString(text) }

// The gap between two columns, and the narrowest column that a table is given. A column is
// not narrower than its longest word either, up to a limit: a path or a command that is
// longer than that is not worth the room.
const (
	columnGap   = 2
	leastColumn = 8
	longestWord = 24
)

// layTable returns the lines of a table within a width: columns as wide as their cells
// where there is room; else the widest ones shrink and their cells wrap.
func layTable(rows [][]string, width int) []string {
	widths := columnWidths(rows, width)
	var lines []string
	for i, row := range rows {
		lines = append(lines, layRow(row, widths)...)
		if i == 0 {
			total := columnGap * (len(widths) - 1)
			for _, w := range widths {
				total += w
			}
			lines = append(lines, strings.Repeat("-", total))
		}
	}
	return lines
}

func columnWidths(rows [][]string, width int) []int {
	var widths, least []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, least = append(widths, 1), append(least, leastColumn)
			}
			widths[i] = max(widths[i], length(cell))
			for _, word := range strings.Fields(cell) {
				least[i] = max(least[i], min(length(word), longestWord))
			}
		}
	}
	for {
		total, widest := columnGap*(len(widths)-1), -1
		for i, w := range widths {
			total += w
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if total <= width || widest < 0 {
			return widths
		}
		widths[widest]--
	}
}

// layRow returns the lines of one row of a table.
func layRow(row []string, widths []int) []string {
	cells, height := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = wrapWords(cell, widths[i])
		height = max(height, len(cells[i]))
	}
	lines := make([]string, height)
	for n := range lines {
		var b strings.Builder
		for i, cell := range cells {
			text := ""
			if n < len(cell) {
				text = cell[n]
			}
			b.WriteString(text)
			if i < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", max(1, widths[i]-length(text)+columnGap)))
			}
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return lines
}
