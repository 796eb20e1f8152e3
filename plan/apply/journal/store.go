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

const suffix = ".ndjson"

// idForm is a run's name: its second comes first, so that names sort.
var idForm = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-z]{8}$`)

const second = "20060102T150405Z"

// NewID names a run: its second, so that names sort, and eight characters of chance.
func NewID(now time.Time, chance string) string {
	return now.UTC().Format(second) + "-" + strings.ToLower(chance[:8])
}

// IsID says whether a text has the form of a run's name.
func IsID(id string) bool { return idForm.MatchString(id) }

// Store keeps journals, records and locks in a place.
type Store struct {
	place Place
	now   func() time.Time
}

// NewStore keeps journals in a place. The clock must run on.
func NewStore(place Place, now func() time.Time) *Store { return &Store{place, now} }

// Start begins the journal of a run. That the place takes writes, and there is room,
// is known once it returns.
func (s *Store) Start(ctx context.Context, b Begin) (*Writer, error) {
	b.FormatVersion = formatVersion
	if !IsID(b.Run) {
		return nil, &Error{"begin", fmt.Errorf("%q is no name of a run", b.Run)}
	}
	appender, err := s.place.Create(ctx, b.Run+suffix)
	if err != nil {
		return nil, &Error{"begin", err}
	}
	w := &Writer{now: s.now, file: appender}
	if err := w.write("begin", []Line{{Begin: &b}}); err != nil {
		return nil, errors.Join(err, w.Abandon())
	}
	return w, nil
}

// IDs are the runs that there are journals of, oldest first.
func (s *Store) IDs(ctx context.Context) ([]string, error) { return s.ids(ctx, suffix) }

// ids are the runs of which there is something with that suffix, oldest first.
func (s *Store) ids(ctx context.Context, suffix string) ([]string, error) {
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
	slices.SortFunc(ids, func(a, b string) int { // runs of one second are in the order in which they were written
		return cmp.Or(cmp.Compare(a[:len(second)], b[:len(second)]), written[a].Compare(written[b]), cmp.Compare(a, b))
	})
	return ids, nil
}

// Read reads the journal of a run.
func (s *Store) Read(ctx context.Context, id string) (*Run, error) {
	if !IsID(id) {
		return nil, fmt.Errorf("read journal: %q is no name of a run: seatwright runs lists them", id)
	}
	opened, err := s.place.Open(ctx, id+suffix)
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	defer func() { _ = opened.Close() }() // of what was only read
	run, err := Read(opened)
	if err == nil && run.Run != id {
		err = &BrokenError{1, "the journal is of another run"}
	}
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	return run, nil
}

// atOnce is how many journals are read at a time: some places are far away.
const atOnce = 8

// ReadAll reads the journals of runs, each with its own error.
func (s *Store) ReadAll(ctx context.Context, ids []string) ([]*Run, []error) {
	return each(ids, func(id string) (*Run, error) { return s.Read(ctx, id) })
}

// each reads something of every run, several at a time: one that is broken says nothing
// of the others.
func each(ids []string, read func(id string) (*Run, error)) ([]*Run, []error) {
	runs, failed := make([]*Run, len(ids)), make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() error {
			runs[i], failed[i] = read(id)
			return nil
		})
	}
	_ = group.Wait() // never fails
	return runs, failed
}

// ofTenant leaves out those of other tenants, and those that could not be read.
func ofTenant(runs []*Run, tenant state.TenantID) []*Run {
	return slices.DeleteFunc(runs, func(run *Run) bool { return run == nil || run.Tenant != tenant })
}
