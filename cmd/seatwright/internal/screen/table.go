package screen

import (
	"slices"
	"strings"
)

// The margin of a table, the gap between its columns, and the narrowest column that breaks
// words.
const (
	tableMargin = 2
	tableGap    = 2
	leastColumn = 8
)

// Table writes rows in columns; the first row is the heading. Where a screen is narrower,
// the widest columns shrink and their cells wrap.
func (t *Writer) Table(rows [][]string) {
	gap := tableGap
	widths := columnWidths(rows, t.screen.Width, gap)
	if total := tableMargin + gap*(len(widths)-1); t.screen.Width > 0 && total+sum(widths) >= t.screen.Width {
		gap = 1 // a narrow screen
		widths = columnWidths(rows, t.screen.Width, gap)
	}
	for i, row := range rows {
		look := Plain
		if i == 0 {
			look = Bold
		}
		for _, line := range tableLines(row, widths, gap) {
			t.Styled(look, line)
		}
	}
}

// columnWidths returns the widths of columns that fit the width: as wide as their cells if
// there is room. Else the widest shrink: to their longest word, then to the longest part of
// a word (see [softBreaks]), and last below it.
func columnWidths(rows [][]string, width, gap int) []int {
	var widths, words, parts []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, words, parts = append(widths, 0), append(words, 0), append(parts, leastColumn)
			}
			widths[i] = max(widths[i], cellWidth(cell))
			for word := range strings.FieldsSeq(cell) {
				words[i] = max(words[i], cellWidth(word))
				for _, part := range strings.FieldsFunc(word, isSoftBreak) {
					parts[i] = max(parts[i], cellWidth(part)+1)
				}
			}
		}
	}
	if width <= 0 || len(widths) == 0 {
		return widths
	}
	room := width - tableMargin - gap*(len(widths)-1)
	for _, floors := range [][]int{words, parts, slices.Repeat([]int{leastColumn}, len(widths))} {
		shrink(widths, floors, room)
	}
	return widths
}

// softBreaks are the characters that a long word is broken behind.
const softBreaks = ",@._"

func isSoftBreak(r rune) bool { return strings.ContainsRune(softBreaks, r) }

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

// shrink narrows the widest column until all fit, but none below its floor.
func shrink(widths, floors []int, room int) {
	for {
		total, widest := sum(widths), -1
		for i, w := range widths {
			if w > floors[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if total <= room || widest < 0 {
			return
		}
		widths[widest] = max(floors[widest], widths[widest]-(total-room), secondWidest(widths, floors, widest))
	}
}

// secondWidest returns the width that the widest column shrinks to in one step, so that a
// very long cell needs few steps.
func secondWidest(widths, floors []int, widest int) int {
	second := 0
	for i, w := range widths {
		if i != widest && w > floors[i] {
			second = max(second, w)
		}
	}
	return min(second, widths[widest]-1)
}

// tableLines returns the lines of a row.
func tableLines(row []string, widths []int, gap int) []string {
	cells, height := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = wrapCell(cell, widths[i])
		height = max(height, len(cells[i]))
	}
	lines := make([]string, height)
	for n := range lines {
		line := strings.Repeat(" ", tableMargin)
		for i, cell := range cells {
			part := ""
			if n < len(cell) {
				part = cell[n]
			}
			line += part + strings.Repeat(" ", max(0, widths[i]-cellWidth(part))+gap)
		}
		lines[n] = strings.TrimRight(line, " ")
	}
	return lines
}

// wrapCell breaks a cell between words, and a word that is wider than the column inside.
func wrapCell(cell string, width int) []string {
	if cellWidth(cell) <= width {
		return []string{cell}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(cell) {
		if line != "" && (cellWidth(line)+1+cellWidth(word) <= width || strings.HasPrefix(word, ":")) {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; cellWidth(line) > width; {
			cut := cutWord(line, width)
			if cut == len(line) {
				break
			}
			lines, line = append(lines, line[:cut]), line[cut:]
		}
	}
	return append(lines, line)
}

// cutWord returns where a long word is broken: behind the last of [softBreaks] that fits, and
// never in front of a colon (see [mayBreak]).
func cutWord(word string, width int) int {
	used, hard, soft := 0, len(word), 0
	for i, r := range word {
		if used += runeWidth(r); used > width && r != ':' && i > 0 {
			hard = i
			break
		}
		if isSoftBreak(r) && i > 0 && i+1 < len(word) && word[i+1] != ':' {
			soft = i + 1
		}
	}
	if soft > 0 {
		return soft
	}
	return hard
}
