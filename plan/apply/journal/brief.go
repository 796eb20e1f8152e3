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

// ReadHistory reads the journals of a tenant that began at a time or later, as far as a new
// run needs them. A run that began before the second time and left nothing open is read in
// brief: how it began, what it found of other runs, and how it ended. Its steps are left
// out and were not checked.
func (s *Store) ReadHistory(ctx context.Context, tenant state.TenantID, from, whole time.Time) ([]*Run, error) {
	ids, err := s.IDs(ctx)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id < from.UTC().Format(secondLayout) })
	recent := whole.UTC().Format(secondLayout)
	runs, failed := readEach(ids, func(id string) (*Run, error) {
		if id < recent {
			if run := s.readEnds(ctx, id); run != nil {
				return run, nil
			}
		}
		run, err := s.Read(ctx, id)
		if errors.Is(err, ErrNotBegun) {
			err = nil // it did nothing
		}
		return run, err
	})
	return filterTenant(runs, tenant), errors.Join(failed...)
}

// readEnds reads the beginning and the end of a journal. It returns nil if the whole
// journal must be read.
func (s *Store) readEnds(ctx context.Context, id string) *Run {
	opened, err := s.place.Open(ctx, id+journalSuffix)
	if err != nil {
		return nil
	}
	defer func() { _ = opened.Close() }() // it was only read
	run, err := readBrief(opened, func() ([]byte, error) { return s.place.ReadEnd(ctx, id+journalSuffix, maxEnd) })
	if err != nil || run.Run != id {
		return nil
	}
	return run
}

// readBrief reads the lines before the first step, and the last line. It fails if other
// lines matter too.
func readBrief(r io.Reader, end func() ([]byte, error)) (*Run, error) {
	run := &Run{Brief: true, at: map[string]int{}}
	lines := bufio.NewReader(r)
	for len(run.Steps) == 0 && run.Close == nil {
		line, err := readLine(lines)
		if err != nil {
			return nil, err
		}
		if err := run.addLine(line); err != nil {
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

// maxEnd is much more than the end of a journal needs.
const maxEnd = 16 << 10

// lastLine returns the last line. Its line break must be at the very end.
func lastLine(tail []byte) ([]byte, error) {
	text, whole := bytes.CutSuffix(tail, []byte{'\n'})
	at := bytes.LastIndexByte(text, '\n')
	if !whole || at < 0 {
		return nil, errors.New("the last line is torn, or too long for an end")
	}
	return text[at+1:], nil
}
