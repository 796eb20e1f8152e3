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

// Line is one line of a journal. One of the pointers is set.
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

// Kind says what a run was for.
type Kind string

// The kinds of runs.
const (
	KindApply   Kind = "apply"
	KindCorrect Kind = "correct" // puts right what changed since a run, and does nothing that is new
	KindUndo    Kind = "undo"    // takes another run back
	KindUnlock  Kind = "unlock"  // took the lock away from another run
)

// Begin opens a journal: which run it is, and what it was to do.
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
	StepsDigest   string         `json:"steps,omitempty"` // of what was to be done
	Count         int            `json:"count"`           // of steps
	// RemovalsAllowed says that somebody lifted the guard that counts removals, so that
	// later runs need not count these again.
	RemovalsAllowed bool `json:"removals_allowed,omitempty"`
}

// Intent is a step about to be sent: again, if its id was there before.
type Intent struct {
	Step     string        `json:"step"`
	User     state.UserID  `json:"user"`
	Kind     plan.Kind     `json:"kind"`
	Before   plan.State    `json:"before"`
	After    plan.State    `json:"after"`
	Takes    []state.SKUID `json:"takes,omitempty"` // what counts as a removal
	Policies []string      `json:"policies"`
}

// Outcome is what became of a step. What the service said is left out: it could name
// people.
type Outcome struct {
	Step   string       `json:"step"`
	Result apply.Result `json:"result"`
	Reason state.Reason `json:"reason,omitempty"`
}

// Found is what became of an open intent of an earlier run, as this one read it.
type Found struct {
	Run    string       `json:"run"`
	Step   string       `json:"step"`
	Result apply.Result `json:"result"`
}

// Close ends a journal. What has none was killed.
type Close struct {
	Lines    int                  `json:"lines"` // before this one
	Counts   map[apply.Result]int `json:"counts"`
	Reason   string               `json:"exit_reason"`
	Finished bool                 `json:"finished"` // everything that was approved is done
}

// step is the step that an intent is about.
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

// parts is how many of the pointers are set.
func (l *Line) parts() int {
	n := 0
	for _, set := range []bool{l.Begin != nil, l.Intent != nil, l.Outcome != nil, l.Found != nil, l.Close != nil} {
		if set {
			n++
		}
	}
	return n
}

// encode is the line with its end.
func (l *Line) encode() ([]byte, error) {
	data, err := json.Marshal(l, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode line: %w", err)
	}
	return append(data, '\n'), nil
}

// digest is over the bytes of a line without its end.
func digest(line []byte) string {
	sum := sha256.Sum256(line)
	return "sha256:" + hex.EncodeToString(sum[:])
}
