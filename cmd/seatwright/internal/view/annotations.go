package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// annotation is a remark at a line of a policy file, which a platform shows in the
// diff of a change.
type annotation struct {
	Place   place
	Check   string // what found it: "guard-removals", "blocked-conflict"
	Title   string
	Message string
}

// maxAnnotations is how many errors GitHub shows of one step of a workflow.
const maxAnnotations = 10

// annotations are the guards that stop the plan, and then the blocked pairs, those of one
// reason at one place together.
func annotations(r *review) []annotation {
	var all []annotation
	for _, g := range r.Guards {
		if g.Verdict == plan.VerdictBreached {
			all = append(all, annotation{g.Place, "guard-" + g.Name, "A guard stops the plan", g.Line + openers(g)})
		}
	}
	type spot struct {
		place  place
		reason plan.Reason
		sku    string
	}
	pairs, order := map[spot][]reviewRow{}, []spot{}
	for _, s := range r.Sections {
		if s.Key != "blocked" {
			continue
		}
		for _, row := range s.Rows {
			at := spot{reason: row.Reason, sku: row.Change}
			if len(row.Reasons) > 0 {
				at.place = row.Reasons[0].Place
			}
			if pairs[at] == nil {
				order = append(order, at)
			}
			pairs[at] = append(pairs[at], row)
		}
	}
	slices.SortStableFunc(order, func(a, b spot) int { return comparePlaces(a.place, b.place) })
	for _, at := range order {
		all = append(all, annotation{at.place, "blocked-" + string(at.reason), at.sku + " is blocked", blockedWords(at.sku, pairs[at])})
	}
	return all
}

func openers(g reviewGuard) string {
	words := ""
	if g.Flag != "" {
		words += "; if that is meant, for one run: " + g.Flag
	}
	if g.Waiver != "" {
		words += "; or commit to waivers.yaml: " + g.Waiver
	}
	return words
}

// blockedWords names the first users and counts the rest.
func blockedWords(sku string, rows []reviewRow) string {
	var users []string
	for _, row := range rows[:min(len(rows), maxNeeds)] {
		users = append(users, row.User)
	}
	who := strings.Join(users, ", ")
	if more := len(rows) - len(users); more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	words := fmt.Sprintf("%s: blocked for %s: %s", sku, who, rows[0].Detail)
	if hint := rows[0].Reason.Hint(); hint != "" {
		words += "; " + hint
	}
	return words
}

// githubAnnotations writes workflow commands (GitHub: "Workflow commands for GitHub
// Actions"), as many as one step shows.
func githubAnnotations(w io.Writer, r *review) error {
	return writeGitHub(w, annotations(r), r.Summary)
}

func writeGitHub(w io.Writer, all []annotation, summary string) error {
	t := &text{w: w}
	for i, a := range all {
		if more := len(all) - i; i == maxAnnotations-1 && more > 1 {
			t.line("::error title=Seatwright::%s", githubData(fmt.Sprintf("and %d more; see the whole report", more)))
			break
		}
		where := ""
		if a.Place.File != "" {
			where = fmt.Sprintf("file=%s,line=%d,col=%d,", githubProperty(a.Place.File), a.Place.Line, a.Place.Column)
		}
		t.line("::error %stitle=%s::%s", where, githubProperty(a.Title), githubData(a.Message))
	}
	t.line("::notice title=Seatwright::%s", githubData(summary))
	return t.err
}

// githubData is a foreign string behind the last "::" of a workflow command, and
// githubProperty one in front of it.
func githubData(s string) string { return githubDataMarks.Replace(Terminal(s)) }

func githubProperty(s string) string { return githubPropertyMarks.Replace(Terminal(s)) }

var (
	githubDataMarks     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyMarks = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// azureAnnotations writes logging commands (Azure Pipelines: "Logging commands").
func azureAnnotations(w io.Writer, r *review) error { return writeAzure(w, annotations(r), r.Summary) }

func writeAzure(w io.Writer, all []annotation, summary string) error {
	t := &text{w: w}
	for _, a := range all {
		where := ""
		if a.Place.File != "" {
			where = fmt.Sprintf("sourcepath=%s;linenumber=%d;columnnumber=%d;", azureProperty(a.Place.File), a.Place.Line, a.Place.Column)
		}
		t.line("##vso[task.logissue type=error;%scode=%s]%s", where, azureProperty(a.Check), azureData(a.Message))
	}
	t.line("%s", Terminal(summary))
	return t.err
}

func azureData(s string) string { return azureDataMarks.Replace(Terminal(s)) }

func azureProperty(s string) string { return azurePropertyMarks.Replace(Terminal(s)) }

var (
	azureDataMarks     = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A")
	azurePropertyMarks = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D")
)

// codeQuality is one entry of a Code Quality report (GitLab: "Code Quality report
// format"), all of whose fields GitLab wants.
type codeQuality struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"` // equal in two reports: the same finding
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// gitlabAnnotations writes a Code Quality report. What has no place in a policy is shown
// at the settings.
func gitlabAnnotations(w io.Writer, r *review, links Links) error {
	return writeGitLab(w, annotations(r), links)
}

func writeGitLab(w io.Writer, all []annotation, links Links) error {
	report := []codeQuality{}
	for _, a := range all {
		at := a.Place
		if at.File == "" {
			at = links.place(plan.Because{File: "seatwright.yaml", Line: 1})
		}
		severity := "major"
		if strings.HasPrefix(a.Check, "guard-") {
			severity = "blocker"
		}
		sum := sha256.Sum256([]byte(strings.Join([]string{a.Check, a.Title, at.String()}, "\x00")))
		report = append(report, codeQuality{a.Message, a.Check, hex.EncodeToString(sum[:]), severity, codeQualityLocation{at.File, codeQualityLines{at.Line}}})
	}
	return writeJSON(w, report)
}
