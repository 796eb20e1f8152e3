package planfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
)

func TestReadReturnsThePlanThatWasWritten(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*plan.Plan{"with everything in it": sample(), "with nothing in it": empty()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := written(t, p)
			got, err := planfile.Read(bytes.NewReader(file))
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			if diff := cmp.Diff(p, got); diff != "" {
				t.Errorf("the plan that was read (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(file), string(written(t, got))); diff != "" {
				t.Errorf("its bytes, written again (-want +got):\n%s", diff)
			}
		})
	}
}

func empty() *plan.Plan {
	return &plan.Plan{
		FormatVersion: plan.FormatVersion, Inputs: []plan.InputRecord{}, Filters: []string{}, Overrides: []string{}, Sources: []plan.SourceChange{}, SKUs: []plan.SKU{}, Steps: []plan.Step{},
		Reported: []plan.Step{}, Cost: plan.Cost{SKUs: []plan.CostSKU{}, Policies: []plan.CostPolicy{}, Unpriced: []string{}},
		Outcomes: plan.Outcomes{Blocked: []plan.Outcome{}, Waiting: []plan.Outcome{}, Held: []plan.Outcome{}, Notes: []plan.Note{}}, Guards: []plan.Guard{},
	}
}

func TestWriteMakesOneCanonicalLine(t *testing.T) {
	t.Parallel()
	file := written(t, sample())
	line, found := bytes.CutSuffix(file, []byte("\n"))
	if !found || bytes.Contains(line, []byte("\n")) {
		t.Errorf("the file is not one line: %q", file)
	}
	if diff := cmp.Diff(canonical(t, line), string(line)); diff != "" {
		t.Errorf("its bytes (-canonical +got):\n%s", diff)
	}
}

func TestSealDigestsCoverStepsAndFile(t *testing.T) {
	t.Parallel()
	digests := func(change func(*plan.Plan)) (steps, all string) {
		p := sample()
		change(p)
		if err := planfile.Seal(p); err != nil {
			t.Fatalf("Seal: %v", err)
		}
		return p.StepsDigest, p.Digest
	}
	stepsDigest, digest := digests(func(*plan.Plan) {})
	for _, c := range []struct {
		name      string
		change    func(*plan.Plan)
		sameSteps bool
		same      bool
	}{
		{"nothing is changed", func(*plan.Plan) {}, true, true},
		{"the digests that were there do not matter", func(p *plan.Plan) { p.Digest, p.StepsDigest = "x", "y" }, true, true},
		{"a reason is changed", func(p *plan.Plan) { p.Steps[1].Because[0].Line++ }, true, false},
		{"the order of steps is changed", func(p *plan.Plan) { slices.Reverse(p.Steps) }, true, false},
		{"a guard is changed", func(p *plan.Plan) { p.Guards[0].Seen++ }, true, false},
		{"a step is left out", func(p *plan.Plan) { p.Steps = p.Steps[:1] }, false, false},
		{"it is another tenant's", func(p *plan.Plan) { p.Tenant.ID[0]++ }, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			gotSteps, got := digests(c.change)
			if (gotSteps == stepsDigest) != c.sameSteps {
				t.Errorf("steps digest is %s, was %s", gotSteps, stepsDigest)
			}
			if (got == digest) != c.same {
				t.Errorf("digest is %s, was %s", got, digest)
			}
		})
	}
}

// TestReadRefusesForgedSteps changes what a step does and seals the file again, which
// anyone can do. The ids of the steps must match.
func TestReadRefusesForgedSteps(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(*plan.Step){
		"for another user":        func(s *plan.Step) { s.User.ID[15]++ },
		"assigning another SKU":   func(s *plan.Step) { s.After.Licenses[0].SKU = e3 },
		"leaving a plan on":       func(s *plan.Step) { s.After.Licenses[0].DisabledPlans = []state.PlanID{} },
		"expecting no license":    func(s *plan.Step) { s.Before.Licenses = []plan.License{} },
		"expecting no group":      func(s *plan.Step) { s.Before.Inherited = []plan.Inherited{} },
		"under the id of another": func(s *plan.Step) { s.ID = sample().Steps[0].ID },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sample()
			forge(&p.Steps[1])
			wantRefused(t, written(t, p), "refuse plan: the id of a step does not match its content")
		})
	}
}

// wantRefused checks that a file is refused without a plan and with exactly this text. So
// the text quotes nothing of the file.
func wantRefused(t *testing.T, file []byte, text string) {
	t.Helper()
	p, err := planfile.Read(bytes.NewReader(file))
	refused, ok := errors.AsType[*planfile.RefusedError](err)
	switch {
	case !ok:
		t.Errorf("Read gave %v, want a RefusedError", err)
	case err.Error() != text:
		t.Errorf("Read gave %q, want %q", err, text)
	case refused.Hint == "":
		t.Errorf("Read gave no hint with %q", err)
	}
	if p != nil {
		t.Error("Read gave a plan that it refused")
	}
}

func TestReadRefusesAFileThatIsTooLong(t *testing.T) {
	t.Parallel()
	file := written(t, sample())
	if _, err := planfile.ReadAtMost(bytes.NewReader(file), int64(len(file))); err != nil {
		t.Errorf("a file of the greatest size gave %v", err)
	}
	for name, r := range map[string]io.Reader{
		"by a byte":       bytes.NewReader(append(bytes.Clone(file), ' ')),
		"without end":     io.MultiReader(bytes.NewReader(file), endless{}),
		"and starts so":   endless{},
		"within a string": io.MultiReader(strings.NewReader(`{"applyable":"`), endless{}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := planfile.ReadAtMost(r, int64(len(file)))
			want := fmt.Sprintf("refuse plan: the file is larger than %d bytes", len(file))
			if _, ok := errors.AsType[*planfile.RefusedError](err); !ok || err.Error() != want {
				t.Errorf("Read gave %v, want %s", err, want)
			}
		})
	}
}

// endless is white space that never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestReadAndWriteReturnErrorsOfTheDisk distinguishes errors after which a caller may try
// again from a file that is refused.
func TestReadAndWriteReturnErrorsOfTheDisk(t *testing.T) {
	t.Parallel()
	broken := errors.New("input/output error")
	file := written(t, sample())
	_, err := planfile.Read(io.MultiReader(bytes.NewReader(file[:100]), iotest.ErrReader(broken)))
	if _, refused := errors.AsType[*planfile.RefusedError](err); refused || !errors.Is(err, broken) {
		t.Errorf("Read gave %v, want %v", err, broken)
	}
	if err := planfile.Write(full{broken}, sample()); !errors.Is(err, broken) {
		t.Errorf("Write gave %v, want %v", err, broken)
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestWriteSplitsALongPlanIntoSmallPieces(t *testing.T) {
	t.Parallel()
	p := sample()
	step, outcome := p.Steps[1], p.Outcomes.Blocked[0]
	p.Steps, p.Outcomes.Blocked = nil, nil
	for range 1000 {
		p.Steps = append(p.Steps, step)
		p.Outcomes.Blocked = append(p.Outcomes.Blocked, outcome)
	}
	var w pieces
	if err := planfile.Write(&w, p); err != nil {
		t.Fatalf("Write: %v", err)
	}
	if w.total < 500_000 {
		t.Errorf("the plan is only %d bytes long", w.total)
	}
	if w.largest > 64<<10 {
		t.Errorf("%d bytes were written at once", w.largest)
	}
	if w.count > w.total/2000 {
		t.Errorf("%d bytes were written in %d pieces, too small", w.total, w.count)
	}
}

// pieces counts the writes and their bytes.
type pieces struct{ count, largest, total int }

func (p *pieces) Write(b []byte) (int, error) {
	p.count++
	p.largest = max(p.largest, len(b))
	p.total += len(b)
	return len(b), nil
}
