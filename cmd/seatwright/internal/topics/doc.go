// Package topics holds the reference pages of Seatwright: one Markdown file per topic
// in pages/, embedded in the binary. They read well on a code host, and
// `seatwright help TOPIC` prints them for a terminal.
//
// The files:
//
//	topics.go   the list of topics, and how to find one
//	render.go   Markdown as text of a given width
//	layout.go   wrapping of words, and columns of tables
//	table.go    blocks in a page that are generated from the tables of the code
//
// A page begins with a title, and one paragraph that says what the topic is about. Tables
// of keys, guards, formats and codes stand between two marks, such as
//
//	<!-- generated: guards -->
//	<!-- end of guards -->
//
// and are written by a test of package cli from the code's own tables, so that the
// reference and the program cannot disagree.
//
// The package must not know what a table means: it takes rows. Begin with [Find].
package topics
