package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
)

// annotation is a remark on a line of a policy file. A platform shows it in the diff of a
// change.
type annotation struct {
	Place   place
	Check   string // what found it: "guard-removals", "blocked-conflict"
	Of      string // the SKU or the policy that it is about: one check can have several
	Title   string
	Message string
}

// annotations returns the guards that stop the plan, and then the blocked assignments.
func (r *review) annotations() []annotation {
	var all []annotation
	for _, g := range r.Guards {
		if g.Verdict == plan.VerdictBreached {
			all = append(all, annotation{g.Place, "guard-" + g.Name, g.Of, "A guard stops the plan", g.Line + openers(g)})
		}
	}
	blocked := sectionsWhere(r.Sections, func(s reviewSection) bool { return s.Key == sectionBlocked })
	groups := groupRows(blocked, func(_ reviewSection, row reviewRow) string { return "blocked-" + string(row.Reason) })
	slices.SortStableFunc(groups, func(a, b *rowGroup) int { return comparePlaces(a.place, b.place) })
	for _, g := range groups {
		message := fmt.Sprintf("%s: blocked for %s: %s", g.change, g.who(), g.first.Detail)
		if hint := g.first.Reason.Hint(); hint != "" {
			message += "; " + hint
		}
		all = append(all, annotation{g.place, g.check, "", g.change + " is blocked", message})
	}
	return all
}

// annotations returns the items that need attention.
func (d *driftReview) annotations() []annotation {
	news := sectionsWhere(d.Sections, func(s reviewSection) bool { return !s.Folds && !s.Data })
	var all []annotation
	for _, g := range groupRows(news, func(s reviewSection, row reviewRow) string {
		if s.Key == "fight" {
			return "drift-fight"
		}
		return "drift-" + row.Kind
	}) {
		all = append(all, annotation{g.place, g.check, g.change, "The tenant has drifted", g.who() + ": " + g.change})
	}
	return all
}

// rowGroup has the rows of one check, place and change.
type rowGroup struct {
	rowKey

	first reviewRow
	users []string // the first of them
	more  int
}

type rowKey struct {
	place         place
	check, change string
}

// who returns the names of the first users and the count of the rest.
func (g *rowGroup) who() string { return someOf(g.users, g.more, maxNamed) }

// groupRows puts rows together by check, place and change, in the order of the rows.
func groupRows(sections []reviewSection, check func(reviewSection, reviewRow) string) []*rowGroup {
	found, order := map[rowKey]*rowGroup{}, []*rowGroup{}
	for _, s := range sections {
		for row := range s.Rows() {
			key := rowKey{check: check(s, row), change: row.Change}
			if len(row.Reasons) > 0 {
				key.place = row.Reasons[0].Place
			}
			g := found[key]
			if g == nil {
				g = &rowGroup{rowKey: key, first: row}
				found[key], order = g, append(order, g)
			}
			if len(g.users) < maxNamed {
				g.users = append(g.users, row.User)
			} else {
				g.more++
			}
		}
	}
	return order
}

func openers(g reviewGuard) string {
	words := ""
	if g.Flag != "" {
		words += "; to allow it for one run: " + g.Flag
	}
	if g.Waiver != "" {
		words += "; or add to waivers.yaml: " + g.Waiver
	}
	return words
}

// annotationDialect is the format of annotations of a CI system. Each is one line, which the
// system executes. Every foreign string in it passes the escapers of this system.
type annotationDialect struct {
	most     int // errors that the system shows of one step; 0: all
	place    string
	data     *strings.Replacer // of the end of a line
	property *strings.Replacer // of the part before it
	issue    func(d annotationDialect, place string, a annotation) string
	summary  func(d annotationDialect, summary string) string
}

// githubDialect makes workflow commands (GitHub: "Workflow commands for GitHub Actions").
var githubDialect = annotationDialect{
	most: 10, place: "file=%s,line=%d,col=%d,",
	data:     strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A"),
	property: strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C"),
	issue: func(d annotationDialect, place string, a annotation) string {
		return "::error " + place + "title=" + d.escapeProperty(a.Title) + "::" + d.escapeData(a.Message)
	},
	summary: func(d annotationDialect, summary string) string {
		return "::notice title=Seatwright::" + d.escapeData(summary)
	},
}

// azureDialect makes logging commands (Azure Pipelines: "Logging commands"). The summary
// is a plain line of the log.
var azureDialect = annotationDialect{
	place:    "sourcepath=%s;linenumber=%d;columnnumber=%d;",
	data:     strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A"),
	property: strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D"),
	issue: func(d annotationDialect, place string, a annotation) string {
		return "##vso[task.logissue type=error;" + place + "code=" + d.escapeProperty(a.Check) + "]" + d.escapeData(a.Message)
	},
	summary: func(_ annotationDialect, summary string) string { return escape.Text(summary) },
}

func (d annotationDialect) escapeData(s string) string     { return d.data.Replace(escape.Text(s)) }
func (d annotationDialect) escapeProperty(s string) string { return d.property.Replace(escape.Text(s)) }

// writeAnnotations writes as many annotations as the system shows, then the summary.
func writeAnnotations(w io.Writer, d annotationDialect, all []annotation, summary string) error {
	t := newText(w, screen.Screen{})
	for i, a := range all {
		if more := len(all) - i; i == d.most-1 && more > 1 {
			t.Line("%s", d.issue(d, "", annotation{Title: "Seatwright", Message: fmt.Sprintf("and %d more; see the whole report", more)}))
			break
		}
		place := ""
		if a.Place.File != "" {
			place = fmt.Sprintf(d.place, d.escapeProperty(a.Place.File), a.Place.Line, a.Place.Column)
		}
		t.Line("%s", d.issue(d, place, a))
	}
	t.Line("%s", d.summary(d, summary))
	return t.Err()
}

// codeQuality is one entry of a Code Quality report (GitLab: "Code Quality report
// format"). GitLab requires all its fields.
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

// writeGitLab writes a Code Quality report. An annotation without a place in a policy is
// shown at the settings.
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
		sum := sha256.Sum256([]byte(strings.Join([]string{a.Check, a.Of, a.Title, at.String()}, "\x00")))
		report = append(report, codeQuality{a.Message, a.Check, hex.EncodeToString(sum[:]), severity, codeQualityLocation{at.File, codeQualityLines{at.Line}}})
	}
	return writeJSON(w, report)
}
