package view

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// Redaction is what a view leaves out, since more people read CI logs and comments than the
// directory.
type Redaction string

// The redactions. RedactNames shows users by object id only. RedactAll only numbers them, and
// leaves out the id of the tenant, OUs, groups and free texts too. Policies, files, rows and
// SKUs are always shown: they are in the repository.
const (
	RedactNone  Redaction = "none"
	RedactNames Redaction = "names"
	RedactAll   Redaction = "all"
)

// Redactions returns all redactions.
func Redactions() []Redaction { return []Redaction{RedactNone, RedactNames, RedactAll} }

// Redact returns a copy of the plan that is only for showing: its digests are those of the
// original.
func Redact(p *plan.Plan, how Redaction) *plan.Plan {
	if how == RedactNone {
		return p
	}
	return newRedactor(how).plan(p)
}

func (r *redactor) plan(p *plan.Plan) *plan.Plan {
	shown := *p
	shown.Steps, shown.Reported = r.steps(p.Steps), r.steps(p.Reported)
	shown.Outcomes.Blocked, shown.Outcomes.Waiting, shown.Outcomes.Held = r.outcomes(p.Outcomes.Blocked), r.outcomes(p.Outcomes.Waiting), r.outcomes(p.Outcomes.Held)
	shown.Sources = each(p.Sources, r.source)
	shown.Outcomes.Notes = each(p.Outcomes.Notes, r.note)
	shown.Guards = each(p.Guards, func(g plan.Guard) plan.Guard { g.Detail = r.text(g.Detail); return g })
	shown.Base = r.base(p.Base)
	shown.Filters, shown.Overrides = each(p.Filters, r.text), each(p.Overrides, r.text)
	if r.all {
		shown.Tenant.ID = state.TenantID{}
	}
	return &shown
}

// redactReport returns a redacted copy of the report of a run.
func redactReport(report *RunReport, how Redaction) *RunReport {
	if how == RedactNone {
		return report
	}
	r := newRedactor(how)
	shown, run := *report, *report.Report
	shown.Plan, shown.Report = r.plan(report.Plan), &run
	shown.NotNeeded, shown.NotApproved = r.steps(report.NotNeeded), r.steps(report.NotApproved)
	run.Outcomes = each(run.Outcomes, func(o apply.Outcome) apply.Outcome {
		o.Step = r.steps([]plan.Step{o.Step})[0]
		o.Detail, o.Hint = r.text(o.Detail), r.text(o.Hint)
		return o
	})
	if run.Stopped != nil {
		run.Stopped = errors.New(r.text(run.Stopped.Error()))
	}
	return &shown
}

type redactor struct {
	all     bool
	aliases map[state.UserID]plan.UserRef
	byName  map[string]string // aliases of user principal names in lower case
}

func newRedactor(how Redaction) *redactor {
	return &redactor{all: how == RedactAll, aliases: map[state.UserID]plan.UserRef{}, byName: map[string]string{}}
}

func each[V any](values []V, change func(V) V) []V {
	changed := slices.Clone(values)
	for i := range changed {
		changed[i] = change(changed[i])
	}
	return changed
}

func (r *redactor) user(u plan.UserRef) plan.UserRef {
	alias, known := r.aliases[u.ID]
	if !known {
		alias = plan.UserRef{ID: u.ID, UserPrincipalName: u.ID.String(), Container: r.text(u.Container)}
		if r.all {
			n := len(r.aliases) + 1
			alias = plan.UserRef{UserPrincipalName: fmt.Sprintf("user %d", n)}
			binary.BigEndian.PutUint64(alias.ID[8:], uint64(n)) // users must stay apart
		}
		r.aliases[u.ID] = alias
	}
	r.byName[strings.ToLower(u.UserPrincipalName)] = alias.UserPrincipalName
	return alias
}

func (r *redactor) steps(steps []plan.Step) []plan.Step {
	return each(steps, func(s plan.Step) plan.Step {
		s.User, s.Because = r.user(s.User), each(s.Because, r.because)
		if r.all {
			s.Before.Inherited = each(s.Before.Inherited, func(i plan.Inherited) plan.Inherited { i.Group = state.GroupID{}; return i })
		}
		return s
	})
}

func (r *redactor) outcomes(outcomes []plan.Outcome) []plan.Outcome {
	return each(outcomes, r.outcome)
}

func (r *redactor) outcome(o plan.Outcome) plan.Outcome {
	o.User, o.Because, o.Detail = r.user(o.User), each(o.Because, r.because), r.text(o.Detail)
	if r.all {
		o.Detail = strings.ReplaceAll(string(o.Reason), "_", " ")
	}
	return o
}

// because keeps of a selector what is in the repository anyway: its kind and file.
func (r *redactor) because(b plan.Because) plan.Because {
	b.Selector = r.selector(b.Selector)
	return b
}

func (r *redactor) selector(s string) string {
	s = r.text(s)
	if kind, _, found := strings.Cut(s, ":"); r.all && found && kind != "csv" && kind != "list" {
		return kind
	}
	return s
}

func (r *redactor) source(c plan.SourceChange) plan.SourceChange {
	c.Selector, c.Entered, c.Left = r.selector(c.Selector), each(c.Entered, r.user), each(c.Left, r.user)
	return c
}

func (r *redactor) base(b *plan.Base) *plan.Base {
	if b == nil {
		return nil
	}
	shown := *b
	shown.Trouble, shown.Ended = r.text(b.Trouble), r.steps(b.Ended)
	shown.EndedOutcomes = each(b.EndedOutcomes, func(o plan.SortedOutcome) plan.SortedOutcome { o.Outcome = r.outcome(o.Outcome); return o })
	return &shown
}

func (r *redactor) note(n plan.Note) plan.Note {
	n.Message = r.text(n.Message)
	if r.all {
		n.Message, n.Users = "a note that is redacted", nil
		return n
	}
	var known []string
	for _, user := range n.Users {
		if alias, found := r.byName[strings.ToLower(user)]; found {
			known = append(known, alias)
		}
	}
	n.Users = known
	return n
}

// Every user principal name has an "@". Quoted parts of our texts can be names of groups or OUs.
var (
	nameInText  = regexp.MustCompile(`[^\s"'<>(),;:=\[\]]+@[^\s"'<>(),;:=\[\]]+`)
	quoteInText = regexp.MustCompile(`"[^"]*"`)
)

const redacted = "[redacted]"

func (r *redactor) text(s string) string {
	if r.all {
		s = quoteInText.ReplaceAllString(s, redacted)
	}
	return nameInText.ReplaceAllStringFunc(s, func(name string) string {
		if alias, known := r.byName[strings.ToLower(name)]; known {
			return alias
		}
		return redacted
	})
}

// RedactText returns a text of any kind, such as an error, without user principal names. With
// RedactAll it leaves out quoted parts too.
func RedactText(s string, how Redaction) string {
	if how == RedactNone {
		return s
	}
	r := redactor{all: how == RedactAll}
	return r.text(s)
}

// Redacting returns a writer that redacts lines.
func Redacting(w io.Writer, how Redaction) io.Writer { return redactingWriter{w, how} }

type redactingWriter struct {
	w   io.Writer
	how Redaction
}

func (r redactingWriter) Write(line []byte) (int, error) {
	if _, err := io.WriteString(r.w, RedactText(string(line), r.how)); err != nil {
		return 0, err
	}
	return len(line), nil
}
