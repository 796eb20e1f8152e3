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

// tallestRow is how many lines a row of a table may take. A taller one is hard to follow
// across its columns.
const tallestRow = 4

// layTable returns the lines of a table within a width: columns as wide as their cells
// where there is room; else the widest ones shrink and their cells wrap. A table that is
// too wide for that becomes a block of lines for each row.
func layTable(rows [][]string, width int) []string {
	widths := columnWidths(rows, width)
	total := -columnGap
	for _, w := range widths {
		total += w + columnGap
	}
	var lines []string
	for i, row := range rows {
		laid := layRow(row, widths)
		if len(laid) > tallestRow || total > width {
			return layBlocks(rows, width)
		}
		lines = append(lines, laid...)
		if i == 0 {
			lines = append(lines, strings.Repeat("-", total))
		}
	}
	return lines
}

// layBlocks returns a table as a block for each row: its first cell, and below it the
// others with the names of their columns.
func layBlocks(rows [][]string, width int) []string {
	const indent = "    "
	var lines []string
	for _, row := range rows[1:] {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		for i, cell := range row {
			switch {
			case i == 0:
				lines = append(lines, wrapWords(cell, width)...)
			case cell != "" && i < len(rows[0]):
				for n, line := range wrapWords(rows[0][i]+": "+cell, width-2*len(indent)) {
					if n > 0 {
						line = indent + line
					}
					lines = append(lines, indent+line)
				}
			}
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
	shrink(widths, least, width)
	return widths
}

// shrink makes the widest columns narrower until the table fits, or each column is as
// narrow as it may be.
func shrink(widths, least []int, width int) {
	for {
		total, widest := columnGap*(len(widths)-1), -1
		for i, w := range widths {
			total += w
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if total <= width || widest < 0 {
			return
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
