package journal

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

const recordSuffix = ".record.json"

// maxRecord is the largest record that is read: about ten million matches.
const maxRecord = 512 << 20

// Record is who matched which source when a run ended well: the baseline of the next.
type Record struct {
	FormatVersion int            `json:"format_version"`
	Run           string         `json:"run"`
	Tenant        state.TenantID `json:"tenant"`
	Source        state.Source   `json:"source"`
	At            time.Time      `json:"at"`
	Commit        string         `json:"commit"`
	Policies      string         `json:"policies"`            // digest
	Committed     string         `json:"committed,omitempty"` // digest of the inputs that git tracks; "": it does not have all of the policies
	Settings      string         `json:"settings,omitempty"`  // digest of the file of settings
	Left          []string       `json:"left,omitempty"`      // keys of what the run left undone, blocked or waiting
	Sources       []recordSource `json:"sources"`
}

type recordSource struct {
	Policy   string         `json:"policy"`
	Protects bool           `json:"shields"`
	Selector string         `json:"selector"`
	Users    []state.UserID `json:"users"`
}

// Keep writes the record of a run beside its journal, whole or not at all.
func (s *Store) Keep(ctx context.Context, r Record, b *plan.Baseline) error {
	r.FormatVersion = formatVersion
	for _, source := range b.Sources {
		r.Sources = append(r.Sources, recordSource(source))
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = s.place.Replace(ctx, r.Run+recordSuffix, append(data, '\n'))
	}
	if err != nil {
		return &Error{"record", err}
	}
	return nil
}

// Last is the record of the last run of a tenant that ended well; nil if there is none.
func (s *Store) Last(ctx context.Context, tenant state.TenantID) (*Record, error) {
	ids, err := s.ids(ctx, recordSuffix)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(ids) {
		if record, err := s.record(ctx, id); err != nil || record.Tenant == tenant {
			return record, err
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

func (s *Store) record(ctx context.Context, id string) (*Record, error) {
	var record Record
	opened, err := s.place.Open(ctx, id+recordSuffix)
	if err == nil {
		defer func() { _ = opened.Close() }() // of what was only read
		err = json.UnmarshalRead(&limited{opened, maxRecord}, &record, json.RejectUnknownMembers(true))
	}
	if err == nil && (record.Run != id || record.FormatVersion != formatVersion) {
		err = fmt.Errorf("it is of run %q, format version %d", record.Run, record.FormatVersion)
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of run %s: %w", id, err)
	}
	return &record, nil
}

// limited reads so many bytes, and fails where there are more.
type limited struct {
	from io.Reader
	left int
}

// Read implements [io.Reader].
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, fmt.Errorf("it has more than %d bytes", maxRecord)
	}
	return n, err
}

// Baseline is the record as the guards take it.
func (r *Record) Baseline() *plan.Baseline {
	b := &plan.Baseline{Origin: fmt.Sprintf("run %s of %s", r.Run, r.At.UTC().Format("2006-01-02 15:04 MST"))}
	for _, source := range r.Sources {
		slices.SortFunc(source.Users, state.UserID.Compare)
		b.Sources = append(b.Sources, plan.SourceRecord(source))
	}
	return b
}
