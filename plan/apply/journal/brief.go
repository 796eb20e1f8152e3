package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// Remember is [Store.Since] for those who ask what earlier runs have to do with a new
// one. Of a run that began before a time and left nothing open that is how it began, what
// it found of others, and how it ended: its steps are left out, nobody has checked them,
// and it is marked as brief.
func (s *Store) Remember(ctx context.Context, tenant state.TenantID, from, whole time.Time) ([]*Run, error) {
	ids, err := s.IDs(ctx)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id < from.UTC().Format(second) })
	recent := whole.UTC().Format(second)
	runs, failed := each(ids, func(id string) (*Run, error) {
		if id < recent {
			if run := s.brief(ctx, id); run != nil {
				return run, nil
			}
		}
		return s.Read(ctx, id)
	})
	return ofTenant(runs, tenant), errors.Join(failed...)
}

// brief is nil where the journal has to be read whole.
func (s *Store) brief(ctx context.Context, id string) *Run {
	opened, err := s.place.Open(ctx, id+suffix)
	if err != nil {
		return nil
	}
	defer func() { _ = opened.Close() }() // of what was only read
	run, err := readBrief(opened, func() ([]byte, error) { return s.place.End(ctx, id+suffix, maxEnd) })
	if err != nil || run.Run != id {
		return nil
	}
	return run
}

// readBrief reads the lines before the first step, and the last one. It fails where that
// is not all that matters.
func readBrief(r io.Reader, end func() ([]byte, error)) (*Run, error) {
	run := &Run{Brief: true, at: map[string]int{}}
	lines := bufio.NewReader(r)
	for len(run.Steps) == 0 && run.Close == nil {
		line, err := readLine(lines)
		if err != nil {
			return nil, err
		}
		if err := run.take(line); err != nil {
			return nil, err
		}
	}
	if run.Close == nil {
		tail, err := end()
		if err != nil {
			return nil, fmt.Errorf("read the end: %w", err)
		}
		last, err := lastLine(tail)
		if err != nil {
			return nil, err
		}
		var line Line
		if err := json.Unmarshal(last, &line, json.RejectUnknownMembers(true)); err != nil {
			return nil, fmt.Errorf("read the end: %w", err)
		}
		run.Steps, run.at, run.Close, run.Lines, run.Head = nil, nil, line.Close, line.Number, digest(last)
	}
	if run.Close == nil || run.Close.Lines != run.Lines-1 || run.Close.Counts[apply.Unknown] > 0 {
		return nil, errors.New("it left something open")
	}
	return run, nil
}

// maxEnd is far more than the end of a journal takes.
const maxEnd = 16 << 10

// lastLine is what stands before the last line break, which has to be at the very end.
func lastLine(tail []byte) ([]byte, error) {
	text, whole := bytes.CutSuffix(tail, []byte{'\n'})
	at := bytes.LastIndexByte(text, '\n')
	if !whole || at < 0 {
		return nil, errors.New("the last line is torn, or too long for an end")
	}
	return text[at+1:], nil
}
