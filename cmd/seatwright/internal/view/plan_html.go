package view

import (
	"crypto/sha256"
	_ "embed" // the page and what is in it
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
)

// The page is one file that needs no network. It contains style and script, and the browser
// runs nothing else: the policy of the page has their hashes.
var (
	//go:embed page/plan.html
	pageHTML string
	//go:embed page/plan.css
	pageStyle string
	//go:embed page/plan.js
	pageScript string
)

// htmlPage is the data of the template.
type htmlPage struct {
	*review

	Policy  string // Content-Security-Policy
	Style   template.CSS
	Script  template.JS
	Columns []reviewSection // those that policies have a part in
	AllSKUs []string

	OUColumns []reviewSection // those that users of OUs have a part in
	Rows      int
	Lossy     int  // rows with a loss
	Hints     bool // a section has some
}

// planHTML writes a page for the review of thousands of changes. A foreign string is escaped
// twice: by [escape.Text], which makes hidden characters visible, and by html/template.
func planHTML(w io.Writer, r *review) error {
	page := htmlPage{
		review: r, Columns: columnsOf(r, r.Policies), OUColumns: columnsOf(r, r.OUs), Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // both are ours
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashOf(pageStyle), hashOf(pageScript)),
	}
	policies, skus, ous := map[string]int{}, map[string]int{}, map[string]int{}
	for i, ou := range r.OUs {
		ous[ou.Name] = i
	}
	for i, p := range r.Policies {
		policies[p.Name] = i
	}
	for _, s := range r.Sections {
		page.Rows += s.Len()
		page.Hints = page.Hints || len(s.Hints) > 0
		for row := range s.Rows() {
			page.Lossy += min(1, len(row.Losses))
			page.AllSKUs = append(page.AllSKUs, row.SKUs...)
		}
	}
	slices.Sort(page.AllSKUs)
	page.AllSKUs = slices.Compact(page.AllSKUs)
	for i, sku := range page.AllSKUs {
		skus[sku] = i
	}
	parsed, err := template.New("plan").Funcs(template.FuncMap{
		"t": pageText, "money": money, "bar": bar, "change": seatChange, "bought": func(s reviewSKU) string { return owned(s.Owned-s.Grace, s.Grace) },
		"left":     func(s reviewSKU) string { return free(s.Free(s.UsedAfter), s.Reserve) },
		"policies": func(row reviewRow) string { return codesOf(row.Policies, policies) },
		"ou":       func(row reviewRow) string { return codesOf([]string{row.OU}, ous) },
		"skus":     func(row reviewRow) string { return codesOf(row.SKUs, skus) },
	}).Parse(pageHTML)
	if err == nil {
		err = parsed.Execute(w, page)
	}
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// maxPageText is how many characters of a foreign string a page shows.
const maxPageText = 1000

func pageText(s string) string { return escape.Cut(escape.Text(s), maxPageText) }

// codesOf returns the positions of the words, separated by blanks. Filters look for them.
func codesOf(words []string, positions map[string]int) string {
	var codes []string
	for _, word := range words {
		if i, known := positions[word]; known {
			codes = append(codes, fmt.Sprint(i))
		}
	}
	return strings.Join(codes, " ")
}

// bar returns the length of a bar of n seats, of 1000.
func bar(s reviewSKU, n int) int {
	return 1000 * max(n, 0) / max(s.Owned, s.UsedBefore, s.UsedAfter, 1)
}

// seatChange returns the difference that the plan makes; "" for none.
func seatChange(s reviewSKU) template.HTML {
	switch d := s.UsedAfter - s.UsedBefore; {
	case d > 0:
		return template.HTML(fmt.Sprintf(`<span class="up">+%d</span>`, d)) //nolint:gosec // a number
	case d < 0:
		return template.HTML(fmt.Sprintf(`<span class="down">−%d</span>`, -d)) //nolint:gosec // a number
	}
	return ""
}
