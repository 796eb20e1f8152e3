package view

// EscapeText is the escaper of text, to be tried alone.
var EscapeText = escapeText
