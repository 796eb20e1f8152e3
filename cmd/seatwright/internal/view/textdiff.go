package view

import (
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// lineDiff marks lines that are removed with "- " and lines that are added with "+ ".
func lineDiff(before, after []string) []string {
	differ := diffmatchpatch.New()
	a, b, lines := differ.DiffLinesToRunes(strings.Join(before, "\n")+"\n", strings.Join(after, "\n")+"\n")
	var out []string
	for _, d := range differ.DiffCharsToLines(differ.DiffMainRunes(a, b, false), lines) {
		mark := map[diffmatchpatch.Operation]string{diffmatchpatch.DiffDelete: "- ", diffmatchpatch.DiffInsert: "+ ", diffmatchpatch.DiffEqual: "  "}[d.Type]
		for line := range strings.Lines(d.Text) {
			if line = strings.TrimSuffix(line, "\n"); line != "" {
				out = append(out, mark+line)
			}
		}
	}
	return out
}
