package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

// The formats of commands whose --format is not one of a plan, a run or a report of drift.
var (
	listFormats = []view.Format{view.FormatText, view.FormatJSON, view.FormatCSV}
	factFormats = []view.Format{view.FormatText, view.FormatJSON}
)

// formatRow is one format of --format.
type formatRow struct {
	format  view.Format
	meaning string
}

// formatRows is the only list of what formats are for.
var formatRows = []formatRow{
	{view.FormatText, "for a terminal; the default"},
	{view.FormatJSON, "for programs; of a plan, the plan file itself"},
	{view.FormatCSV, "a row for each item, for spreadsheets"},
	{view.FormatMarkdown, "for comments and job summaries; `--budget` limits its size"},
	{view.FormatHTML, "one page with search, filters and sorting, without network"},
	{view.FormatGitHub, "annotations of GitHub Actions"},
	{view.FormatGitLab, "code quality report of GitLab"},
	{view.FormatAzure, "annotations of Azure Pipelines"},
	{view.FormatGitHubOutput, "`NAME=VALUE` lines for `$GITHUB_OUTPUT`"},
	{view.FormatGitLabReport, "counts for the widget of a merge request"},
	{view.FormatAzureOutput, "output variables of Azure Pipelines"},
}

// commandFormats returns the formats of each command, in the order of the reference.
func commandFormats() []struct {
	command string
	formats []view.Format
} {
	return []struct {
		command string
		formats []view.Format
	}{
		{"plan", view.PlanFormats()}, {"show", view.PlanFormats()}, {"undo", view.PlanFormats()},
		{"apply", view.ReportFormats()}, {"drift", view.DriftFormats()},
		{"users", listFormats}, {"seats", listFormats},
		{"explain", factFormats}, {"diff", factFormats}, {"runs", factFormats}, {"runs show", factFormats}, {"doctor", factFormats}, {"catalog show", factFormats},
	}
}

// Reference returns the tables of this package that pages of the reference show.
func Reference() []topics.Table {
	return []topics.Table{codeTable(), reasonTable(), permissionTable(), formatTable()}
}

func codeTable() topics.Table {
	t := topics.Table{Name: "exit-codes", Columns: []string{"code", "name", "meaning"}}
	for _, row := range exitCodes {
		t.Rows = append(t.Rows, []string{fmt.Sprint(row.code), row.name, row.meaning})
	}
	return t
}

func reasonTable() topics.Table {
	t := topics.Table{Name: "exit-reasons", Columns: []string{"reason", "code", "meaning", "what to do"}}
	for _, row := range exitReasons {
		codes := make([]string, len(row.codes))
		for i, code := range row.codes {
			codes[i] = fmt.Sprint(code)
		}
		t.Rows = append(t.Rows, []string{"`" + string(row.reason) + "`", strings.Join(codes, ", "), row.meaning, row.fix})
	}
	return t
}

func permissionTable() topics.Table {
	t := topics.Table{Name: "permissions", Columns: []string{"permission", "credential", "for", "needed", "commands"}}
	for _, row := range permissionRows {
		t.Rows = append(t.Rows, []string{"`" + string(row.permission) + "`", string(row.credential), row.purpose, row.when, quoteAll(row.commands)})
	}
	return t
}

func formatTable() topics.Table {
	t := topics.Table{Name: "formats", Columns: []string{"format", "what it is", "`--redact` by default", "commands"}}
	for _, row := range formatRows {
		var commands []string
		for _, c := range commandFormats() {
			if slices.Contains(c.formats, row.format) {
				commands = append(commands, c.command)
			}
		}
		t.Rows = append(t.Rows, []string{"`" + string(row.format) + "`", row.meaning, "`" + string(view.RedactByDefault(row.format)) + "`", quoteAll(commands)})
	}
	return t
}

func quoteAll(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }
