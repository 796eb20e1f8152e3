package journal

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
)

// Error is a journal that could not be kept. Nothing more may be written to the
// tenant: it could not be told afterwards.
type Error struct {
	Op  string
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("keep the journal: %s: %v", e.Op, e.Err) }

// Unwrap is what the system says.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what an administrator can do about it: the place knows best.
func (e *Error) Hint() string {
	if helpful, ok := errors.AsType[interface {
		error
		Hint() string
	}](e.Err); ok {
		return helpful.Hint()
	}
	return "see to the disk and the permissions of the state folder (--state-dir), then run again: what has been done is seen and not repeated"
}

// Writer writes the journal of one run. It is safe for use by several goroutines.
// After an error every call fails with it.
type Writer struct {
	now func() time.Time

	mu     sync.Mutex
	file   Appender
	lines  int
	prev   string
	failed error
	done   bool
}

// Intend says that the steps are about to be sent. They may be once it returns nil.
func (w *Writer) Intend(steps []plan.Step) error {
	lines := make([]Line, len(steps))
	for i, step := range steps {
		lines[i].Intent = intentOf(step)
	}
	return w.write("before a change is sent", lines)
}

// Settle says what became of steps.
func (w *Writer) Settle(outcomes []apply.Outcome) error {
	lines := make([]Line, len(outcomes))
	for i, o := range outcomes {
		lines[i].Outcome = &Outcome{Step: o.Step.ID, Result: o.Result, Reason: o.Reason}
	}
	return w.write("after a change was sent", lines)
}

// Found says what has become of open intents of earlier runs.
func (w *Writer) Found(found []Found) error {
	lines := make([]Line, len(found))
	for i := range found {
		lines[i].Found = &found[i]
	}
	return w.write("what earlier runs left open", lines)
}

// Close ends the journal and returns its head.
func (w *Writer) Close(end Close) (head string, err error) {
	w.mu.Lock()
	end.Lines = w.lines
	w.mu.Unlock()
	err = w.write("at the end", []Line{{Close: &end}})
	return w.Head(), errors.Join(err, w.Abandon())
}

// Abandon leaves the journal without an end, as a run that is killed does.
func (w *Writer) Abandon() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	w.done = true
	return w.file.Close()
}

// Head is the digest of the last line.
func (w *Writer) Head() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prev
}

// write puts lines behind the others, all at once.
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
	w.lines, w.prev = number, prev // the head is of what is kept for certain
	return nil
}

func (w *Writer) fail(op string, err error) error {
	w.failed = &Error{Op: op, Err: err}
	return w.failed
}
