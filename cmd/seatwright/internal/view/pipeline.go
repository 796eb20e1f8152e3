package view

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// What a later step of a pipeline asks of a plan or a run, as a platform hands it from
// one step to the next. The lines go to a file or a log that the platform obeys, so no
// foreign string is ever among the values.

// fact is one thing to know: a name of ours, and a value that is one word or a few.
type fact struct {
	name  string // as GitHub has it: "steps_digest"; Azure says stepsDigest
	value string
}

func counting(name string, n int) fact { return fact{name, strconv.Itoa(n)} }

func whether(name string, is bool) fact { return fact{name, strconv.FormatBool(is)} }

// planFacts are what there is to know of a plan.
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

// githubOutput writes what goes to the file of $GITHUB_OUTPUT (GitHub: "Workflow
// commands for GitHub Actions", setting an output parameter).
func githubOutput(w io.Writer, facts []fact) error {
	t := &text{w: w}
	for _, f := range facts {
		t.line("%s=%s", f.name, outputWord(f.value))
	}
	return t.err
}

// azureOutput writes logging commands that set output variables (Azure Pipelines: "Set
// variables in scripts").
func azureOutput(w io.Writer, facts []fact) error {
	t := &text{w: w}
	for _, f := range facts {
		t.line("##vso[task.setvariable variable=%s;isOutput=true]%s", azureName(f.name), outputWord(f.value))
	}
	return t.err
}

// azureName is a name in the way of Azure Pipelines, where other tools have taught
// people to ask for changesPresent.
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

// outputWord keeps what our own values are made of. Another character can only come out
// of a file that somebody else wrote.
func outputWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == ':' {
			return r
		}
		return markerRune(r)
	}, cutRunes(s, maxOutput))
}

// maxOutput is more than any value of ours has.
const maxOutput = 200

// gitlabReport counts, for the widget that GitLab shows in a merge request (GitLab:
// "Terraform integration in merge requests"). What would be done without the change is
// none of the request's.
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
