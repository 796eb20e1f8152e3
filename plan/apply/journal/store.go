package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seatwright/seatwright/state"
)

const journalSuffix = ".ndjson"

// idForm is the form of a run id. It starts with the time, so that ids sort by time.
var idForm = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-z]{8}$`)

const secondLayout = "20060102T150405Z"

// NewID returns the id of a run: the time to the second, so that ids sort by time, and
// eight random characters.
func NewID(now time.Time, chance string) string {
	return now.UTC().Format(secondLayout) + "-" + strings.ToLower(chance[:8])
}

// IsID reports whether a text has the form of a run id.
func IsID(id string) bool { return idForm.MatchString(id) }

// Store keeps journals, records and locks in a place.
type Store struct {
	place Place
	now   func() time.Time
}

// NewStore returns a store that keeps journals in a place. The clock must never stop.
func NewStore(place Place, now func() time.Time) *Store { return &Store{place, now} }

// Start begins the journal of a run. Once it returns, the place is known to accept writes.
func (s *Store) Start(ctx context.Context, b Begin) (*Writer, error) {
	b.FormatVersion = formatVersion
	if !IsID(b.Run) {
		return nil, &Error{"begin", fmt.Errorf("%q is not the id of a run", b.Run)}
	}
	appender, err := s.place.Create(ctx, b.Run+journalSuffix)
	if err != nil {
		return nil, &Error{"begin", err}
	}
	w := &Writer{now: s.now, file: appender}
	if err := w.write("begin", []Line{{Begin: &b}}); err != nil {
		return nil, errors.Join(err, w.Abandon())
	}
	return w, nil
}

// IDs returns the ids of the runs that have a journal, oldest first.
func (s *Store) IDs(ctx context.Context) ([]string, error) { return s.listIDs(ctx, journalSuffix) }

// listIDs returns the ids of the runs that have an item with the suffix, oldest first.
func (s *Store) listIDs(ctx context.Context, suffix string) ([]string, error) {
	entries, err := s.place.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var ids []string
	written := map[string]time.Time{}
	for _, entry := range entries {
		id, is := strings.CutSuffix(entry.Name, suffix)
		if is && IsID(id) {
			ids = append(ids, id)
			written[id] = entry.Written
		}
	}
	slices.SortFunc(ids, func(a, b string) int { // runs of the same second are sorted by their last write
		return cmp.Or(cmp.Compare(a[:len(secondLayout)], b[:len(secondLayout)]), written[a].Compare(written[b]), cmp.Compare(a, b))
	})
	return ids, nil
}

// Read reads the journal of a run.
func (s *Store) Read(ctx context.Context, id string) (*Run, error) {
	if !IsID(id) {
		return nil, fmt.Errorf("read journal: %q is not the id of a run: seatwright runs lists the ids", id)
	}
	opened, err := s.place.Open(ctx, id+journalSuffix)
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	defer func() { _ = opened.Close() }() // it was only read
	run, err := Read(opened)
	if err == nil && run.Run != id {
		err = &BrokenError{1, "the journal is of another run"}
	}
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	return run, nil
}

// maxParallelReads limits how many journals are read at a time. Several help with places that
// are far away.
const maxParallelReads = 8

// ReadAll reads the journals of runs. Each run has its own error.
func (s *Store) ReadAll(ctx context.Context, ids []string) ([]*Run, []error) {
	return readEach(ids, func(id string) (*Run, error) { return s.Read(ctx, id) })
}

// readEach reads something of every run, several at a time. An error for one run does not
// affect the others.
func readEach(ids []string, read func(id string) (*Run, error)) ([]*Run, []error) {
	runs, failed := make([]*Run, len(ids)), make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(maxParallelReads)
	for i, id := range ids {
		group.Go(func() error {
			runs[i], failed[i] = read(id)
			return nil
		})
	}
	_ = group.Wait() // never fails
	return runs, failed
}

// filterTenant removes the runs of other tenants, and those that could not be read.
func filterTenant(runs []*Run, tenant state.TenantID) []*Run {
	return slices.DeleteFunc(runs, func(run *Run) bool { return run == nil || run.Tenant != tenant })
}
