package view

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/plan"
)

// Budget is the largest text that a platform takes, in bytes. Platforms count characters or
// bytes, and a text never has more characters than bytes.
type Budget struct {
	Bytes  int
	Plain  bool // the platform shows HTML as text, so nothing is folded
	Alerts bool // the platform makes a colored block of "> [!CAUTION]"
}

// Budgets are the limits of platforms for comments. That of github-summary is for the job
// summary of one step.
var Budgets = map[string]Budget{
	"github-comment": {Bytes: 65_536, Alerts: true}, "github-summary": {Bytes: 1 << 20, Alerts: true}, "azure": {Bytes: 150_000},
	"gitlab": {Bytes: 1_000_000, Alerts: true}, "bitbucket": {Bytes: 32_768, Plain: true},
}

// NoBudget has no limit.
var NoBudget = Budget{Bytes: math.MaxInt, Alerts: true}

// MinBudget is enough for the required parts of a text.
const MinBudget = 16_384

// markdown writes a plan as a comment for a pull request. The required parts come first.
// Where there is no room, whole rows are left out, the least important first.
func markdown(w io.Writer, r *review, budget Budget) error {
	m := &markdownText{budget}
	doc := &document{}
	doc.fixed(m.head(r))
	doc.add(&block{rank: rankGuards, frame: m.guards(r), rows: m.guardRows(r)})
	doc.add(&block{rank: rankSources, frame: m.sources(r), rows: m.sourceRows(r)})
	doc.add(&block{rank: rankSKUs, frame: m.skus(r), rows: m.skuRows(r)})
	doc.add(&block{rank: rankPolicies, frame: m.policies(r), rows: m.policyRows(r)})
	for _, s := range r.Sections {
		doc.add(&block{rank: sectionRank(s.Key), frame: m.section(s), rows: m.sectionRows(s)})
	}
	doc.add(&block{rank: rankOUs, frame: m.ous(r), rows: m.ouRows(r)})
	doc.add(&block{rank: rankMoves, frame: m.moves(), rows: m.moveRows(r)})
	doc.add(&block{rank: rankNotes, frame: m.list("Notes"), rows: m.items(r.Notes)})
	doc.add(&block{rank: rankInputs, frame: m.list("Read"), rows: m.items(itemsOf(r.Inputs))})
	doc.fixed(m.foot(r))
	_, err := io.WriteString(w, doc.fit(budget.Bytes))
	return err
}

// The ranks of blocks: rows of the highest are dropped first.
const (
	rankGuards = iota
	rankSources
	rankSKUs
	rankPolicies
	rankSections
)

// importance are the sections, the most important first.
var importance = []string{string(plan.KindRemove), string(plan.KindReplace), sectionBlocked, string(plan.KindAdd), sectionHeld, sectionWaiting, string(plan.KindPlans), string(plan.KindLocation), sectionEnded, sectionReport, sectionBefore}

const (
	rankOUs    = rankSections + 100
	rankMoves  = rankOUs + 1
	rankNotes  = rankMoves + 1
	rankInputs = rankNotes + 1
)

func sectionRank(key string) int { return rankSections + slices.Index(importance, key) }

// markdownText makes the parts. A foreign string always goes through code or words.
type markdownText struct{ Budget }

// head returns the marker, by which later runs find the comment, and the summary.
func (m *markdownText) head(r *review) string {
	text := m.marker("plan", r.Tenant) + "\n\n### Plan for tenant " + escape.Code(r.Tenant) + "\n\n" + escape.Words(r.Summary)
	if cost := money(r.Cost); cost != "" {
		text += fmt.Sprintf(" **%s** a month for the seats in use.", escape.Words(cost))
	}
	if len(r.Guards) == 0 {
		text += " Guards: all ok."
	}
	if doubt := r.Sources.Doubt(); doubt != "" {
		text += " " + doubt
	}
	for _, more := range []string{r.Effect, r.SettingsFrom} {
		if more != "" {
			text += "\n\n" + escape.Words(more)
		}
	}
	if r.Incomplete {
		text += "\n\n**The tenant was not read completely: this plan cannot be applied.**"
	}
	return text + "\n\n"
}

// marker returns a comment that is not shown, by which later runs find the text.
func (m *markdownText) marker(what, tenant string) string {
	id := "seatwright:" + what + ":" + markerWord(tenant)
	if m.Plain {
		return "[//]: # (" + id + ")"
	}
	return "<!-- " + id + " -->"
}

// markerWord returns a name that an HTML comment can contain.
func markerWord(s string) string {
	return strings.Map(markerRune, escape.Cut(s, escape.MaxWord))
}

func markerRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
		return r
	}
	return '-'
}

func (m *markdownText) guards(r *review) frame {
	title := "**Guards**"
	if r.Stopped {
		title = "**A guard stops this plan: it cannot be applied until the limit is allowed.**"
	}
	return m.alert(title, r.Stopped)
}

// alert returns a quote, which is a colored block on platforms that have them.
func (m *markdownText) alert(title string, stopped bool) frame {
	mark := "> [!NOTE]\n"
	switch {
	case !m.Alerts:
		mark = ""
	case stopped:
		mark = "> [!CAUTION]\n"
	}
	return frame{before: func(shown, total int) string { return mark + "> " + title + of(shown, total) + "\n" }, after: "\n"}
}

func (m *markdownText) alertRows(lines []string) []string {
	var rows []string
	for _, line := range lines {
		rows = append(rows, "> - "+escape.Code(line)+"\n")
	}
	return rows
}

func (m *markdownText) guardRows(r *review) []string {
	var rows []string
	for _, g := range r.Guards {
		row := "> - " + escape.Code(g.Line)
		if g.Place.File != "" {
			row += " at " + m.place(g.Place)
		}
		if g.Flag != "" {
			row += "  \n>   to allow it for one run: " + escape.Code(g.Flag)
		}
		if g.Waiver != "" {
			row += "  \n>   or add this line to `waivers.yaml`: " + escape.Code(g.Waiver)
		}
		rows = append(rows, row+"\n")
	}
	return rows
}

func (m *markdownText) skus(r *review) frame {
	titles := withPrice(r, []string{"SKU", "Product", "-Bought", "-In use", "-After", "-Free after", "-To buy"}, "-A month")
	return frame{before: func(shown, total int) string {
		return "#### Seats" + of(shown, total) + "\n\n" + escape.TableHead(titles...)
	}, after: "\n"}
}

func (m *markdownText) skuRows(r *review) []string {
	var rows []string
	for _, s := range r.SKUs {
		after := fmt.Sprint(s.UsedAfter)
		if change := s.UsedAfter - s.UsedBefore; change != 0 {
			after += fmt.Sprintf(" (%+d)", change)
		}
		rows = append(rows, escape.TableRow(withPrice(r, []string{escape.Code(s.PartNumber), escape.Words(s.Product), owned(s.Owned-s.Grace, s.Grace), fmt.Sprint(s.UsedBefore), after,
			free(s.Free(s.UsedAfter), s.Reserve), blankZero(s.ToBuy)}, escape.Words(money(s.Cost)))...))
	}
	return rows
}

// withPrice adds a cell if the plan has prices.
func withPrice(r *review, cells []string, price string) []string {
	if r.Cost.Currency == "" {
		return cells
	}
	return append(cells, price)
}

func (m *markdownText) policies(r *review) frame {
	titles := []string{"Policy", "Where"}
	for _, s := range columnsOf(r, r.Policies) {
		titles = append(titles, "-"+s.Title)
	}
	titles = withPrice(r, titles, "-A month")
	return frame{before: func(shown, total int) string {
		return "#### Policies" + of(shown, total) + "\n\n" + escape.TableHead(titles...)
	}, after: "\n"}
}

func (m *markdownText) policyRows(r *review) []string {
	var rows []string
	for _, p := range r.Policies {
		cells := []string{escape.Code(p.Name), m.place(p.Place)}
		for _, s := range columnsOf(r, r.Policies) {
			cells = append(cells, blankZero(p.Counts[s.Key]))
		}
		rows = append(rows, escape.TableRow(withPrice(r, cells, escape.Words(money(p.Cost)))...))
	}
	return rows
}

// section returns the frame of a section, folded below its heading.
func (m *markdownText) section(s reviewSection) frame {
	columns := []string{"User", "Change", "Loses", "Because"}
	if !s.Step {
		columns = []string{"User", "About", "Why", "Because"}
	}
	head := ""
	for _, hint := range s.Hints {
		head += "- " + hint + "\n"
	}
	if head != "" {
		head += "\n"
	}
	head += escape.TableHead(columns...)
	return m.folded(s.Title, head)
}

// folded returns a frame that shows only its heading, if the platform can fold.
func (m *markdownText) folded(title, head string) frame {
	if m.Plain {
		return m.open(title, head)
	}
	return frame{before: func(shown, total int) string {
		return "<details><summary>" + title + count(shown, total) + "</summary>\n\n" + head
	}, after: "\n</details>\n\n"}
}

// open returns a frame that shows its rows.
func (m *markdownText) open(title, head string) frame {
	return frame{before: func(shown, total int) string { return "#### " + title + count(shown, total) + "\n\n" + head }, after: "\n"}
}

func (m *markdownText) sectionRows(s reviewSection) []string {
	var rows []string
	for row := range s.Rows() {
		why := cmp.Or(row.Detail, strings.Join(lossNames(row.Losses), ", "))
		rows = append(rows, escape.TableRow(escape.Code(row.User), escape.Code(row.Change), escape.CodeOrNothing(why), m.reasons(row.Reasons)))
	}
	return rows
}

// maxReasons is how many reasons a row of a comment names before it counts the rest.
const maxReasons = 3

func (m *markdownText) reasons(reasons []reason) string {
	var parts []string
	for i, why := range reasons {
		if i == maxReasons {
			parts = append(parts, fmt.Sprintf("and %d more", len(reasons)-i))
			break
		}
		parts = append(parts, m.place(why.Place)+" "+escape.Code(why.Text))
	}
	return strings.Join(parts, "; ")
}

func (m *markdownText) place(p place) string {
	switch {
	case p.File == "":
		return ""
	case p.URL == "" || len(p.URL) > maxURL:
		return escape.Code(p.String())
	}
	return "[" + escape.Code(p.String()) + "](" + p.URL + ")"
}

// maxURL is more than the URL of a line needs on any platform.
const maxURL = 1000

func (m *markdownText) list(title string) frame {
	return frame{before: func(shown, total int) string { return "#### " + title + of(shown, total) + "\n\n" }, after: "\n"}
}

func (m *markdownText) items(lines []string) []string {
	var rows []string
	for _, line := range lines {
		rows = append(rows, "- "+escape.Code(line)+"\n")
	}
	return rows
}

func (m *markdownText) foot(r *review) string {
	facts := []string{"made " + r.Made, "valid until " + r.Expires, "source " + escape.CodeWord(r.Source)}
	if r.Commit != "" {
		facts = append(facts, "commit "+escape.CodeWord(r.Commit))
	}
	if r.Tool != "" {
		facts = append(facts, "seatwright "+escape.CodeWord(r.Tool))
	}
	return strings.Join(facts, " · ") + "  \nplan " + escape.CodeWord(r.Digest) + "  \nsteps " + escape.CodeWord(r.StepsDigest) + "\n"
}

// itemsOf returns the strings of the values.
func itemsOf[V fmt.Stringer](values []V) []string {
	var items []string
	for _, value := range values {
		items = append(items, value.String())
	}
	return items
}
