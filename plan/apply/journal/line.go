package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// formatVersion is the version of the journals that this program writes.
const formatVersion = 1

// Line is one line of a journal. Exactly one of the pointers is set.
type Line struct {
	Number int       `json:"n"` // from 1
	At     time.Time `json:"at"`
	Prev   string    `json:"prev"` // digest of the line before; "" in the first

	Begin   *Begin   `json:"begin,omitempty"`
	Intent  *Intent  `json:"intend,omitempty"`
	Outcome *Outcome `json:"outcome,omitempty"`
	Found   *Found   `json:"found,omitempty"`
	Close   *Close   `json:"close,omitempty"`
}

// Kind is the purpose of a run.
type Kind string

// The kinds of runs.
const (
	KindApply   Kind = "apply"
	KindCorrect Kind = "correct" // corrects drift since the last run, and makes no new changes
	KindUndo    Kind = "undo"    // reverts another run
	KindUnlock  Kind = "unlock"  // removed the lock of another run
)

// Begin opens a journal: which run it is, and what the run was going to do.
type Begin struct {
	FormatVersion int            `json:"format_version"`
	Run           string         `json:"run"`
	Kind          Kind           `json:"kind"`
	Of            string         `json:"of,omitempty"` // the run that is undone or unlocked
	Tenant        state.TenantID `json:"tenant"`
	Source        state.Source   `json:"source"`
	Tool          string         `json:"tool"`
	Host          string         `json:"host"`
	Commit        string         `json:"commit,omitempty"`
	Policies      string         `json:"policies"`        // digest
	Plan          string         `json:"plan,omitempty"`  // digest of the plan file that approved it
	StepsDigest   string         `json:"steps,omitempty"` // of the steps that were to be done
	Count         int            `json:"count"`           // of steps
	// RemovalsAllowed is set if an override allowed more removals than the guard's limit.
	// Later runs do not count these removals again.
	RemovalsAllowed bool `json:"removals_allowed,omitempty"`
}

// Intent is a step that is about to be sent. It is sent again if the journal already has
// its id.
type Intent struct {
	Step     string        `json:"step"`
	User     state.UserID  `json:"user"`
	Kind     plan.Kind     `json:"kind"`
	Before   plan.State    `json:"before"`
	After    plan.State    `json:"after"`
	Takes    []state.SKUID `json:"takes,omitempty"` // what counts as a removal
	Policies []string      `json:"policies"`
}

// Outcome is the outcome of a step. The answer of the service is left out, since it could
// contain names of users.
type Outcome struct {
	Step   string       `json:"step"`
	Result apply.Result `json:"result"`
	Reason state.Reason `json:"reason,omitempty"`
}

// Found is the outcome of an open intent of an earlier run, as this run read it.
type Found struct {
	Run    string       `json:"run"`
	Step   string       `json:"step"`
	Result apply.Result `json:"result"`
}

// Close ends a journal. A journal without it is of a run that was killed.
type Close struct {
	Lines    int                  `json:"lines"` // before this one
	Counts   map[apply.Result]int `json:"counts"`
	Reason   string               `json:"exit_reason"`
	Finished bool                 `json:"finished"` // everything that was approved is done
}

// step returns the step of an intent.
func (i *Intent) step() plan.Step {
	return plan.Step{ID: i.Step, User: plan.UserRef{ID: i.User}, Kind: i.Kind, Before: i.Before, After: i.After}
}

func intentOf(s plan.Step) *Intent {
	intent := &Intent{Step: s.ID, User: s.User.ID, Kind: s.Kind, Before: s.Before, After: s.After, Takes: s.Takes(), Policies: []string{}}
	seen := map[string]bool{}
	for _, because := range s.Because {
		if !seen[because.Policy] {
			seen[because.Policy] = true
			intent.Policies = append(intent.Policies, because.Policy)
		}
	}
	return intent
}

// countEvents returns how many of the pointers are set.
func (l *Line) countEvents() int {
	n := 0
	for _, set := range []bool{l.Begin != nil, l.Intent != nil, l.Outcome != nil, l.Found != nil, l.Close != nil} {
		if set {
			n++
		}
	}
	return n
}

// encode returns the line with its line break.
func (l *Line) encode() ([]byte, error) {
	data, err := json.Marshal(l, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode line: %w", err)
	}
	return append(data, '\n'), nil
}

// digest returns the digest of the bytes of a line without its line break.
func digest(line []byte) string {
	sum := sha256.Sum256(line)
	return "sha256:" + hex.EncodeToString(sum[:])
}
