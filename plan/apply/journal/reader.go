package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
)

// The largest journal that is read: about a million steps.
const (
	maxLine = 1 << 20
	maxFile = 2 << 30
)

// BrokenError is returned if a journal is not as it was written.
type BrokenError struct {
	Line int
	Why  string
}

func (e *BrokenError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// Run is a journal that was read.
type Run struct {
	Begin

	At    time.Time // when it began
	Steps []Entry   // in the order in which they were first sent
	Found []Found
	Close *Close // nil: the run was killed, or is still running
	Torn  bool   // the last line was cut off while it was written, and is left out
	Brief bool   // its steps were not read: see [Store.ReadHistory]
	Lines int
	Head  string

	at map[string]int
}

// Entry is one step of a run and its result.
type Entry struct {
	Intent

	Sent   []Send
	Result apply.Result // the last one
	Ended  time.Time
}

// Send is one time that a step was about to be sent.
type Send struct {
	At      time.Time `json:"at"`
	Refused bool      `json:"refused"` // the service refused it: nothing changed
}

// lastSent returns when the step was last sent and not refused, or the zero time.
func (e Entry) lastSent() time.Time {
	for _, send := range slices.Backward(e.Sent) {
		if !send.Refused {
			return send.At
		}
	}
	return time.Time{}
}

// Open reports whether only a read of the user can show the result of the step.
func (e Entry) Open() bool { return e.Result == "" || e.Result == apply.Unknown }

// Step returns the step, without names and reasons.
func (e Entry) Step() plan.Step { return e.step() }

// Read reads a journal and checks its chain. A kill can leave a last line that is cut off.
// Anything else that does not match is a [BrokenError].
func Read(r io.Reader) (*Run, error) {
	run := &Run{at: map[string]int{}}
	lines := bufio.NewReaderSize(io.LimitReader(r, maxFile), 1<<16)
	for {
		line, err := readLine(lines)
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return run, run.checkBegun()
		case errors.Is(err, io.EOF):
			run.Torn = true
			return run, run.checkBegun()
		case err != nil:
			return nil, &BrokenError{run.Lines + 1, err.Error()}
		}
		if err := run.addLine(line); err != nil {
			return nil, err
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("it is longer than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return line, err
		}
		return bytes.TrimSuffix(line, []byte{'\n'}), nil
	}
}

// ErrNotBegun is returned for a journal without a complete first line. Its run was killed
// before it could send a change.
var ErrNotBegun = errors.New("the run was killed before it began: nothing was sent")

func (r *Run) checkBegun() error {
	if r.Lines == 0 {
		return ErrNotBegun
	}
	return nil
}

// addLine adds one line after checking that it continues the chain.
func (r *Run) addLine(data []byte) error {
	broken := func(format string, args ...any) error { return &BrokenError{r.Lines + 1, fmt.Sprintf(format, args...)} }
	var line Line
	if err := json.Unmarshal(data, &line, json.RejectUnknownMembers(true)); err != nil {
		return broken("it is not a line of a journal")
	}
	switch {
	case line.Number != r.Lines+1:
		return broken("its number is %d: lines are missing or in another order", line.Number)
	case line.Prev != r.Head:
		return broken("the line before it was changed: the chain is broken")
	case line.countEvents() != 1:
		return broken("it has %d events, want exactly one", line.countEvents())
	case (line.Begin != nil) != (r.Lines == 0):
		return broken("a journal begins once, in its first line")
	case r.Close != nil:
		return broken("the journal continues after its end")
	}
	if why := r.addEvent(line); why != "" {
		return broken("%s", why)
	}
	r.Lines, r.Head = line.Number, digest(data)
	return nil
}

// addEvent adds the event of a line. It returns why the line does not match what was read
// before it, or "".
func (r *Run) addEvent(line Line) string {
	switch {
	case line.Begin != nil:
		if line.Begin.FormatVersion != formatVersion {
			return fmt.Sprintf("the journal has format version %d, this program reads %d", line.Begin.FormatVersion, formatVersion)
		}
		r.Begin, r.At = *line.Begin, line.At
	case line.Intent != nil:
		return r.addIntent(line.Intent, line.At)
	case line.Outcome != nil:
		i, sent := r.at[line.Outcome.Step]
		if sent {
			r.Steps[i].setResult(line.Outcome.Result, line.At)
		}
	case line.Found != nil:
		r.Found = append(r.Found, *line.Found)
	case line.Close != nil:
		if line.Close.Lines != r.Lines {
			return fmt.Sprintf("the last line counts %d lines before it, there are %d", line.Close.Lines, r.Lines)
		}
		r.Close = line.Close
	}
	return ""
}

func (e *Entry) setResult(result apply.Result, at time.Time) {
	e.Result, e.Ended = result, at
	if result == apply.Failed || result == apply.Conflict || result == apply.Unchanged {
		e.Sent[len(e.Sent)-1].Refused = true
	}
}

func (r *Run) addIntent(intent *Intent, at time.Time) string {
	if plan.StepID(intent.step()) != intent.Step {
		return "the id of a step does not match its content"
	}
	i, again := r.at[intent.Step]
	if !again {
		i = len(r.Steps)
		r.at[intent.Step] = i
		r.Steps = append(r.Steps, Entry{Intent: *intent})
	}
	r.Steps[i].Sent = append(r.Steps[i].Sent, Send{At: at})
	r.Steps[i].Result = "" // open again
	return ""
}
