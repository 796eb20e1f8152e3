package cli

import (
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// TestAPlanFromASnapshotIsForTheLiveTenantOnly cannot be a script: there is no live
// tenant to apply to.
func TestAPlanFromASnapshotIsForTheLiveTenantOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		plan, tenant state.Source
		fits         bool
	}{
		{state.SourceLive, state.SourceLive, true},
		{state.SourceFile, state.SourceLive, true},
		{state.SourceSandbox, state.SourceSandbox, true},
		{state.SourceSandbox, state.SourceLive, false},
		{state.SourceFile, state.SourceSandbox, false},
		{state.SourceLive, state.SourceSandbox, false},
	} {
		j := &job{Program: Program{Now: func() time.Time { return now }}, snapshot: &state.Snapshot{Header: state.Header{Source: c.tenant}}}
		err := j.accept(applyArgs{}, &plan.Plan{Source: c.plan, Complete: true, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, 1)})
		if (err == nil) != c.fits {
			t.Errorf("a %s plan on a %s tenant: got %v, want it to fit: %v", c.plan, c.tenant, err, c.fits)
		}
	}
}

// TestAPlanThatNoPolicyAsksForNeedsSomebody cannot be a script: those have no terminal.
func TestAPlanThatNoPolicyAsksForNeedsSomebody(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		mode     plan.Mode
		terminal bool
		digest   string
		fits     bool
	}{
		{plan.ModeUndo, false, "", false},
		{plan.ModeUndo, true, "", true},
		{plan.ModeUndo, false, "sha256:00", true}, // which is looked at once there is a fresh plan
		{"", false, "", true},
	} {
		j := &job{Program: Program{Streams: Streams{InTerminal: c.terminal}, Now: func() time.Time { return now }}, snapshot: &state.Snapshot{}}
		err := j.accept(applyArgs{expectDigest: c.digest}, &plan.Plan{Mode: c.mode, Complete: true, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, 1)})
		if (err == nil) != c.fits {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
