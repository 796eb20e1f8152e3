package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
)

// TestASnapshotThatBreaksOffIsNoBaseline cannot be a script: a sandbox is always read
// to the end. Whoever is missing in a baseline has left nothing.
func TestASnapshotThatBreaksOffIsNoBaseline(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	header := state.Header{Organization: state.Organization{ID: state.MustParseID[state.Organization]("48a80680-7326-48cd-9935-b556b81d3a4e")},
		Source: state.SourceLive, ReadAt: now.Add(-time.Hour), Incomplete: "page 3 of users"}
	before, err := state.NewBuilder().Snapshot(header)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := snapfile.Write(&file, before); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "before.snap")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	j := &job{Program: Program{Now: func() time.Time { return now }}, snapshot: before}
	if _, err := j.readBaseline(name); err == nil || !strings.Contains(err.Error(), "the tenant was not read to the end: page 3 of users") {
		t.Errorf("got %v, want it refused", err)
	}
}
