package view

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

// table writes rows in columns; the first row is the heading. Where a screen is narrower,
// the widest columns shrink and their cells wrap.
func (t *text) table(rows [][]string) {
	widths := columnWidths(rows, t.screen.Width)
	for i, row := range rows {
		look := plain
		if i == 0 {
			look = bold
		}
		for _, line := range tableLines(row, widths) {
			t.whole(look, line)
		}
	}
}

// columnWidths returns the widths of columns that fit the width: as wide as their cells if
// there is room; else the widest shrink, first to their longest word, then below it.
func columnWidths(rows [][]string, width int) []int {
	var widths, words []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, words = append(widths, 0), append(words, 0)
			}
			widths[i] = max(widths[i], cellWidth(cell))
			for word := range strings.FieldsSeq(cell) {
				words[i] = max(words[i], cellWidth(word))
			}
		}
	}
	if width <= 0 || len(widths) == 0 {
		return widths
	}
	room := width - tableMargin - tableGap*(len(widths)-1)
	shrink(widths, words, room)
	least := slices.Repeat([]int{leastColumn}, len(widths))
	shrink(widths, least, room)
	return widths
}

// shrink narrows the widest column until all fit, but none below its floor.
func shrink(widths, floors []int, room int) {
	for {
		total, widest := 0, -1
		for i, w := range widths {
			total += w
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
func tableLines(row []string, widths []int) []string {
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
			line += part + strings.Repeat(" ", max(0, widths[i]-cellWidth(part))+tableGap)
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

// cutWord returns where a long word is broken: behind a comma, an "@" or a dot if there is
// one in the second half, and never in front of a colon (see [mayBreak]).
func cutWord(word string, width int) int {
	used, hard, soft := 0, len(word), 0
	for i, r := range word {
		if used += runeWidth(r); used > width && r != ':' && i > 0 {
			hard = i
			break
		}
		if strings.ContainsRune(",@.", r) && used >= width/2 && i+1 < len(word) && word[i+1] != ':' {
			soft = i + 1
		}
	}
	if soft > 0 {
		return soft
	}
	return hard
}
