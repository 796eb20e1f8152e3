// Package escape makes foreign strings harmless: in text, JSON and CSV (escape.go), and in
// Markdown (markdown.go). Users choose the names in a directory, and terminals, CI systems,
// spreadsheets and browsers execute parts of what they read. Each sink has one escaper.
package escape
