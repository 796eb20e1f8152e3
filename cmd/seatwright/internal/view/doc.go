// Package view shows things to people and machines: plans, users, seats,
// outcomes, problems, progress.
//
// The rules of speech:
//
//   - Data goes to stdout; progress, warnings and prompts go to stderr.
//   - A summary comes first, then what takes something away, then the rest.
//   - Every string that is not ours passes the escaper of its sink at the last
//     step: [escapeText] for text, [escapeCSV] for CSV, code spans for Markdown,
//     html/template for the page, and each CI system's own for its commands. Names in a
//     directory are chosen by anybody, and a log is read by machines that obey certain
//     lines. The corpus of hostile_test.go goes through every view.
//   - What is to be read in public names people by object id ([Redact]).
//   - Counts are in words where a number alone could be misread; SKUs are named by
//     part number, with the product name beside it where there is room.
//
// This room must never decide anything and never hide anything: what is not shown
// is counted. Begin with [Plan], which is text, and review.go, the model that the
// other forms of a plan are made of.
package view
