package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

const suffix = ".ndjson"

var idForm = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[0-9a-z]{8}$`)

// NewID names a run: its second, so that names sort, and eight characters of chance.
func NewID(now time.Time, chance string) string {
	return now.UTC().Format("20060102T150405Z") + "-" + strings.ToLower(chance[:8])
}

// IsID says whether a text has the form of a run's name.
func IsID(id string) bool { return idForm.MatchString(id) }

// Store is the folder that journals lie in.
type Store struct {
	root *os.Root
	now  func() time.Time
}

// NewStore keeps journals in a folder. The clock must run on.
func NewStore(root *os.Root, now func() time.Time) *Store { return &Store{root, now} }

// Start begins the journal of a run. That the folder takes writes, and there is room,
// is known once it returns.
func (s *Store) Start(b Begin) (*Writer, error) {
	b.FormatVersion = FormatVersion
	if !IsID(b.Run) {
		return nil, &Error{"begin", fmt.Errorf("%q is no name of a run", b.Run)}
	}
	file, err := s.root.OpenFile(b.Run+suffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, &Error{"begin", err}
	}
	w := &Writer{now: s.now, file: file}
	if err := errors.Join(w.write("begin", []Line{{Begin: &b}}), s.syncFolder()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

// syncFolder makes the name of a new file last.
func (s *Store) syncFolder() error {
	folder, err := s.root.Open(".")
	if err != nil {
		return &Error{"begin", err}
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return &Error{"begin", err}
	}
	return nil
}

// IDs are the runs that there are journals of, oldest first.
func (s *Store) IDs() ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var ids []string
	written := map[string]time.Time{}
	for _, entry := range entries {
		id, is := strings.CutSuffix(entry.Name(), suffix)
		if !is || !IsID(id) || !entry.Type().IsRegular() {
			continue
		}
		ids = append(ids, id)
		if info, err := entry.Info(); err == nil {
			written[id] = info.ModTime()
		}
	}
	const second = len("20060102T150405Z") // runs of one second are in the order in which they were written
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(a[:second], b[:second]), written[a].Compare(written[b]), cmp.Compare(a, b))
	})
	return ids, nil
}

// Read reads the journal of a run.
func (s *Store) Read(id string) (*Run, error) {
	if !IsID(id) {
		return nil, fmt.Errorf("read journal: %q is no name of a run: seatwright runs lists them", id)
	}
	info, err := s.root.Lstat(id + suffix)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	file, err := s.root.Open(id + suffix)
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	defer file.Close()
	run, err := Read(file)
	if err == nil && run.Run != id {
		err = &BrokenError{1, "the journal is of another run"}
	}
	if err != nil {
		return nil, fmt.Errorf("read journal %s: %w", id, err)
	}
	return run, nil
}

// Since reads the journals of a tenant that began at a time or later, oldest first.
// Those that cannot be read are left out, and named in the error.
func (s *Store) Since(tenant state.TenantID, from time.Time) ([]*Run, error) {
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	var runs []*Run
	var failed error
	for _, id := range ids {
		if id < from.UTC().Format("20060102T150405Z") {
			continue
		}
		run, err := s.Read(id)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if run.Tenant == tenant {
			runs = append(runs, run)
		}
	}
	return runs, failed
}
