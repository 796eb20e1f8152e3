package journal

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
)

// Error is returned if a journal could not be written. Nothing more may be sent to the
// tenant, since it could not be undone or reported later.
type Error struct {
	Op  string
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("write the journal: %s: %v", e.Op, e.Err) }

// Unwrap returns the error of the system or the service.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns what an administrator can do. The hint of the place comes first.
func (e *Error) Hint() string {
	if helpful, ok := errors.AsType[interface {
		error
		Hint() string
	}](e.Err); ok {
		return helpful.Hint()
	}
	return "check the disk and the permissions of the state folder (--state-dir), then run again: changes that are already made are not repeated"
}

// Writer writes the journal of one run. It is safe for use by several goroutines. After an
// error every call returns that error.
type Writer struct {
	now func() time.Time

	mu     sync.Mutex
	file   Appender
	lines  int
	prev   string
	failed error
	done   bool
}

// RecordIntents records that the steps are about to be sent. They may be sent once it returns nil.
func (w *Writer) RecordIntents(steps []plan.Step) error {
	lines := make([]Line, len(steps))
	for i, step := range steps {
		lines[i].Intent = intentOf(step)
	}
	return w.write("before a change is sent", lines)
}

// RecordOutcomes records the outcomes of steps.
func (w *Writer) RecordOutcomes(outcomes []apply.Outcome) error {
	lines := make([]Line, len(outcomes))
	for i, o := range outcomes {
		lines[i].Outcome = &Outcome{Step: o.Step.ID, Result: o.Result, Reason: o.Reason}
	}
	return w.write("after a change was sent", lines)
}

// RecordFindings records the outcomes of open intents of earlier runs.
func (w *Writer) RecordFindings(found []Found) error {
	lines := make([]Line, len(found))
	for i := range found {
		lines[i].Found = &found[i]
	}
	return w.write("open changes of earlier runs", lines)
}

// Close ends the journal and returns its head.
func (w *Writer) Close(end Close) (head string, err error) {
	w.mu.Lock()
	end.Lines = w.lines
	w.mu.Unlock()
	err = w.write("at the end", []Line{{Close: &end}})
	return w.Head(), errors.Join(err, w.Abandon())
}

// Abandon closes the journal without an end, as if the run was killed.
func (w *Writer) Abandon() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	w.done = true
	return w.file.Close()
}

// Head returns the digest of the last line.
func (w *Writer) Head() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prev
}

// write adds lines at the end, all at once.
func (w *Writer) write(op string, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return w.failed
	}
	var all []byte
	number, prev := w.lines, w.prev
	for i := range lines {
		number++
		lines[i].Number, lines[i].At, lines[i].Prev = number, w.now().UTC(), prev
		data, err := lines[i].encode()
		if err != nil {
			return w.fail(op, err)
		}
		prev = digest(data[:len(data)-1])
		all = append(all, data...)
	}
	if err := w.file.Append(all); err != nil {
		return w.fail(op, err)
	}
	w.lines, w.prev = number, prev // the head only covers lines that are written for certain
	return nil
}

func (w *Writer) fail(op string, err error) error {
	w.failed = &Error{Op: op, Err: err}
	return w.failed
}
