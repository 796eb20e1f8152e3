package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

// RunRow is one journal of a list, or the error of reading it.
type RunRow struct {
	ID  string
	Run *journal.Run
	Err error
}

// runJSON is a run as JSON.
type runJSON struct {
	Run       string               `json:"run"`
	Error     string               `json:"error,omitempty"`
	Begin     *journal.Begin       `json:"begin,omitempty"`
	At        time.Time            `json:"at,omitzero"`
	Counts    map[apply.Result]int `json:"counts,omitempty"`
	Open      int                  `json:"open"`
	Ended     bool                 `json:"ended"`
	Reason    string               `json:"exit_reason"`
	Lines     int                  `json:"lines"`
	Head      string               `json:"head"`
	Steps     []journal.Entry      `json:"steps,omitempty"`
	FoundOpen []journal.Found      `json:"found,omitempty"`
}

func runForMachines(row RunRow, steps bool) runJSON {
	if row.Err != nil {
		return runJSON{Run: row.ID, Error: row.Err.Error()}
	}
	r := row.Run
	out := runJSON{Run: r.Run, Begin: &r.Begin, At: r.At, Counts: runCounts(r), Open: openSteps(r), Ended: r.Close != nil, Reason: runReason(r), Lines: r.Lines, Head: r.Head}
	if steps {
		out.Steps, out.FoundOpen = r.Steps, r.Found
	}
	return out
}

// Runs lists runs.
func Runs(w io.Writer, format Format, rows []RunRow) error {
	if format == FormatJSON {
		all := []runJSON{}
		for _, row := range rows {
			all = append(all, runForMachines(row, false))
		}
		return writeJSON(w, all)
	}
	t := newText(w, screen.Screen{})
	t.Line("%s", plural(len(rows), "run", "runs"))
	lines := [][]string{{"RUN", "BEGAN", "KIND", "TENANT", "STEPS", "RESULT", "ENDED"}}
	for _, row := range rows {
		if row.Err != nil {
			lines = append(lines, []string{escape.Text(row.ID), "-", "-", "-", "-", escape.Text(row.Err.Error()), "-"})
			continue
		}
		r := row.Run
		lines = append(lines, []string{escape.Text(r.Run), r.At.UTC().Format("2006-01-02 15:04:05"), escape.Text(kindOfRun(r)), r.Tenant.String(), fmt.Sprint(r.Count), summaryOf(r), escape.Text(runReason(r))})
	}
	if len(rows) > 0 {
		t.Table(lines)
	}
	return t.Err()
}

func kindOfRun(r *journal.Run) string {
	if r.Of != "" {
		return string(r.Kind) + " of " + r.Of
	}
	return string(r.Kind)
}

func runReason(r *journal.Run) string {
	if r.Close == nil {
		return "killed, or still running"
	}
	return r.Close.Reason
}

func openSteps(r *journal.Run) int {
	n := 0
	for _, entry := range r.Steps {
		if entry.Open() {
			n++
		}
	}
	return n
}

// runCounts returns the counts of the last line, or counts the steps if it is missing.
func runCounts(r *journal.Run) map[apply.Result]int {
	if r.Close != nil {
		return r.Close.Counts
	}
	counts := map[apply.Result]int{}
	for _, entry := range r.Steps {
		if entry.Result != "" {
			counts[entry.Result]++
		}
	}
	return counts
}

func summaryOf(r *journal.Run) string {
	var words []string
	counts := runCounts(r)
	for _, result := range results() {
		if n := counts[result]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, result))
		}
	}
	if n := openSteps(r); n > counts[apply.Unknown] {
		words = append(words, fmt.Sprintf("%d open", n-counts[apply.Unknown]))
	}
	return dash(strings.Join(words, ", "))
}

// Run writes one run, with a line for every step that was sent. Journals contain no names.
func Run(w io.Writer, format Format, r *journal.Run) error {
	if format == FormatJSON {
		return writeJSON(w, runForMachines(RunRow{ID: r.Run, Run: r}, true))
	}
	t := newText(w, screen.Screen{})
	t.Line("run %s, %s, began %s on %s", escape.Text(r.Run), escape.Text(kindOfRun(r)), r.At.UTC().Format(time.RFC3339), escape.Text(dash(r.Host)))
	t.Line("tenant %s (%s), seatwright %s, commit %s", r.Tenant, escape.Text(string(r.Source)), escape.Text(r.Tool), escape.Text(dash(r.Commit)))
	t.Line("%s planned: %s; %s", plural(r.Count, "step", "steps"), summaryOf(r), escape.Text(runReason(r)))
	lines := [][]string{{"USER", "STEP", "RESULT", "REASON OF", "SENT"}}
	for _, entry := range r.Steps {
		result := string(entry.Result)
		if entry.Result == "" {
			result = "open"
		}
		lines = append(lines, []string{entry.User.String(), escape.Text(change(entry.Step())), escape.Text(result), escape.Text(strings.Join(entry.Policies, ", ")), fmt.Sprint(len(entry.Sent))})
	}
	if len(r.Steps) > 0 {
		t.Table(lines)
	}
	for _, found := range r.Found {
		t.Line("found about run %s: step %s is %s", escape.Text(found.Run), escape.Text(found.Step), escape.Text(string(found.Result)))
	}
	if r.Torn {
		t.Line("the last line is incomplete")
	}
	return t.Err()
}

// Verified writes what the check of a chain proves, and what it does not.
func Verified(w io.Writer, r *journal.Run, byHead bool) error {
	t := newText(w, screen.Screen{})
	t.Line("run %s: %s, each chained to the one before it; head %s", escape.Text(r.Run), plural(r.Lines, "line", "lines"), escape.Text(r.Head))
	switch {
	case r.Torn:
		t.Line("the last line is incomplete, as after a run that was killed")
	case r.Close == nil:
		t.Line("the journal has no end: the run was killed, is still running, or the end was removed")
	}
	if byHead {
		t.Line("it ends in the given head: nothing was changed since the head was recorded")
	} else {
		t.Line("no single line was removed, moved or edited; to detect a file that was rewritten completely, give --head")
	}
	return t.Err()
}

// Unlocked writes which run lost its lock.
func Unlocked(w io.Writer, tenant state.TenantID, holder journal.Holder, record string) error {
	return writeLine(w, "released the lock of run %[2]s on %[3]s (process %[4]d) on tenant %[1]s; recorded as run %[5]s", tenant, escape.Text(holder.Run), escape.Text(holder.Host), holder.PID, escape.Text(record))
}

// Remark writes one line.
func Remark(w io.Writer, line string) error {
	return writeLine(w, "%s", escape.Text(line))
}
