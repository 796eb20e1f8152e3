// Package screen writes lines and tables that fit a terminal, in color, and the progress of
// long jobs.
//
//	screen.go    what text is written for; styles; lines that wrap between words
//	writer.go    a writer of lines
//	table.go     tables that fit a width
//	progress.go  a bar on a terminal, and lines elsewhere
//
// Text must be escaped before it gets here: see package escape. Color is added only around
// spans, so an escape sequence is never inside a foreign string.
package screen
