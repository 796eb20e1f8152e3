package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// Remember is [Store.Since] for those who ask what earlier runs have to do with a new
// one. Of a run that began before a time and left nothing open that is how it began, what
// it found of others, and how it ended: its steps are left out, nobody has checked them,
// and it is marked as brief.
func (s *Store) Remember(tenant state.TenantID, from, whole time.Time) ([]*Run, error) {
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	const form = "20060102T150405Z" // of the name of a run
	var runs []*Run
	var failed error
	for _, id := range ids {
		if id < from.UTC().Format(form) || id >= whole.UTC().Format(form) {
			continue
		}
		run := s.brief(id)
		if run == nil {
			if run, err = s.Read(id); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
		}
		if run.Tenant == tenant {
			runs = append(runs, run)
		}
	}
	recent, err := s.Since(tenant, whole)
	return append(runs, recent...), errors.Join(failed, err)
}

// brief is nil where the journal has to be read whole.
func (s *Store) brief(id string) *Run {
	info, err := s.root.Lstat(id + suffix)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := s.root.Open(id + suffix)
	if err != nil {
		return nil
	}
	defer file.Close()
	run, err := readBrief(file, info.Size())
	if err != nil || run.Run != id {
		return nil
	}
	return run
}

// readBrief reads the lines before the first step, and the last one. It fails where that
// is not all that matters.
func readBrief(r io.ReaderAt, size int64) (*Run, error) {
	run := &Run{Brief: true, at: map[string]int{}}
	lines := bufio.NewReader(io.NewSectionReader(r, 0, size))
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
		last, err := lastLine(r, size)
		if err != nil {
			return nil, err
		}
		var end Line
		if err := json.Unmarshal(last, &end, json.RejectUnknownMembers(true)); err != nil {
			return nil, fmt.Errorf("read the end: %w", err)
		}
		run.Steps, run.at, run.Close, run.Lines, run.Head = nil, nil, end.Close, end.Number, digest(last)
	}
	if run.Close == nil || run.Close.Lines != run.Lines-1 || run.Close.Counts[apply.Unknown] > 0 {
		return nil, errors.New("it left something open")
	}
	return run, nil
}

// maxEnd is far more than the end of a journal takes.
const maxEnd = 16 << 10

// lastLine is what stands before the last line break, which has to be at the very end.
func lastLine(r io.ReaderAt, size int64) ([]byte, error) {
	tail := make([]byte, min(size, maxEnd))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the end: %w", err)
	}
	text, whole := bytes.CutSuffix(tail, []byte{'\n'})
	at := bytes.LastIndexByte(text, '\n')
	if !whole || at < 0 {
		return nil, errors.New("the last line is torn, or too long for an end")
	}
	return text[at+1:], nil
}
