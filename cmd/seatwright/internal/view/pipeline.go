package view

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
)

// These formats are values for later steps of a pipeline, as a platform passes them from one
// step to the next. The platform executes the lines of the file or log, so no value is ever a
// foreign string.

// fact is a name of ours, and a value of a few words.
type fact struct {
	name  string // as for GitHub: "steps_digest"; Azure has stepsDigest
	value string
}

func counting(name string, n int) fact { return fact{name, strconv.Itoa(n)} }

func whether(name string, is bool) fact { return fact{name, strconv.FormatBool(is)} }

// planFacts returns the facts of a plan.
func planFacts(p *plan.Plan) []fact {
	short := 0
	for _, s := range p.SKUs {
		short += s.Short
	}
	var breached []string
	for _, g := range p.Breached() {
		if !slices.Contains(breached, string(g.Name)) {
			breached = append(breached, string(g.Name))
		}
	}
	return []fact{
		{"tenant", p.Tenant.Name}, whether("changes", p.Changed()), counting("steps", len(p.Steps)),
		counting("removes", p.Count(plan.KindRemove)), counting("replaces", p.Count(plan.KindReplace)), counting("adds", p.Count(plan.KindAdd)),
		counting("plans", p.Count(plan.KindPlans)), counting("locations", p.Count(plan.KindLocation)),
		counting("blocked", len(p.Outcomes.Blocked)), counting("waiting", len(p.Outcomes.Waiting)), counting("held", len(p.Outcomes.Held)),
		counting("to_buy", short), whether("complete", p.Complete), whether("applyable", p.Applyable),
		{"breached", strings.Join(breached, " ")}, {"steps_digest", p.StepsDigest}, {"digest", p.Digest},
	}
}

// githubOutput writes lines for the file of $GITHUB_OUTPUT (GitHub: "Workflow
// commands for GitHub Actions", setting an output parameter).
func githubOutput(w io.Writer, facts []fact) error {
	t := newText(w, screen.Screen{})
	for _, f := range facts {
		t.Line("%s=%s", f.name, outputWord(f.value))
	}
	return t.Err()
}

// azureOutput writes logging commands that set output variables (Azure Pipelines: "Set
// variables in scripts").
func azureOutput(w io.Writer, facts []fact) error {
	t := newText(w, screen.Screen{})
	for _, f := range facts {
		t.Line("##vso[task.setvariable variable=%s;isOutput=true]%s", azureName(f.name), outputWord(f.value))
	}
	return t.Err()
}

// azureName returns a name as in Azure Pipelines, where other tools have changesPresent.
func azureName(name string) string {
	if name == "changes" {
		return "changesPresent"
	}
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// outputWord returns the string without characters that our own values never have. They could
// only come from a file that another program wrote.
func outputWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == ':' {
			return r
		}
		return markerRune(r)
	}, escape.Cut(s, maxOutput))
}

// maxOutput is longer than any value of ours.
const maxOutput = 200

// gitlabReport writes counts for the widget of a merge request (GitLab: "Terraform integration
// in merge requests"). Steps that are done without the change too are not counted.
func gitlabReport(w io.Writer, p *plan.Plan) error {
	var counts struct {
		Create int `json:"create"`
		Update int `json:"update"`
		Delete int `json:"delete"`
	}
	for _, step := range p.Steps {
		switch {
		case step.InBase:
		case step.Kind == plan.KindAdd:
			counts.Create++
		case step.Kind == plan.KindRemove:
			counts.Delete++
		default:
			counts.Update++
		}
	}
	return writeJSON(w, counts)
}
