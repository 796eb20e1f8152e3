package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	Shields  bool           `json:"shields"`
	Selector string         `json:"selector"`
	Users    []state.UserID `json:"users"`
}

// Keep writes the record of a run beside its journal, whole or not at all.
func (s *Store) Keep(r Record, b *plan.Baseline) error {
	r.FormatVersion = FormatVersion
	for _, source := range b.Sources {
		r.Sources = append(r.Sources, recordSource(source))
	}
	data, err := json.Marshal(r)
	if err != nil {
		return &Error{"record", err}
	}
	temp := r.Run + recordSuffix + ".tmp"
	file, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return &Error{"record", err}
	}
	_, err = file.Write(append(data, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = s.root.Rename(temp, r.Run+recordSuffix)
	}
	if err != nil {
		return &Error{"record", err}
	}
	return nil
}

// Last is the record of the last run of a tenant that ended well; nil if there is none.
func (s *Store) Last(tenant state.TenantID) (*Record, error) {
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(ids) {
		record, err := s.record(id)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case record.Tenant == tenant:
			return record, nil
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

func (s *Store) record(id string) (*Record, error) {
	info, err := s.root.Lstat(id + recordSuffix)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxRecord) {
		err = fmt.Errorf("it is no regular file of at most %d bytes", maxRecord)
	}
	var data []byte
	if err == nil {
		data, err = s.root.ReadFile(id + recordSuffix)
	}
	var record Record
	if err == nil {
		err = json.Unmarshal(data, &record, json.RejectUnknownMembers(true))
	}
	if err == nil && (record.Run != id || record.FormatVersion != FormatVersion) {
		err = fmt.Errorf("it is of run %q, format version %d", record.Run, record.FormatVersion)
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of run %s: %w", id, err)
	}
	return &record, nil
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
