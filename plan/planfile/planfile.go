package planfile

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/plan"
)

// maxSize is the largest file that is read, in bytes: about 200,000 steps.
const maxSize = 256 << 20

// RefusedError is the reason why a plan file must not be applied. Nothing was written.
type RefusedError struct {
	Why  string
	Hint string
}

func (e *RefusedError) Error() string { return "refuse plan: " + e.Why }

const planAgain = "make it again with seatwright plan -o FILE"

// Seal computes both digests of the plan.
func Seal(p *plan.Plan) error {
	p.StepsDigest = stepsDigest(p)
	p.Digest = ""
	digest, err := planDigest(p)
	if err != nil {
		return fmt.Errorf("seal plan: %w", err)
	}
	p.Digest = digest
	return nil
}

// Write seals the plan and writes it in small pieces.
func Write(w io.Writer, p *plan.Plan) error {
	if err := Seal(p); err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	err := encodePlan(buffered, p)
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// Read reads a plan that [Write] wrote, byte for byte, of at most 256 MiB. Anything
// else is refused with a [RefusedError].
func Read(r io.Reader) (*plan.Plan, error) { return read(r, maxSize) }

func read(r io.Reader, most int64) (*plan.Plan, error) {
	raw := sha256.New()
	p := &plan.Plan{}
	limited := &io.LimitedReader{R: r, N: most + 1}
	err := json.UnmarshalRead(io.TeeReader(limited, raw), p)
	switch {
	case limited.N <= 0:
		return nil, &RefusedError{Why: fmt.Sprintf("the file is larger than %d bytes", most), Hint: planAgain}
	case err != nil:
		return nil, refuseMalformed(err)
	case p.FormatVersion != plan.FormatVersion:
		return nil, &RefusedError{
			Why:  fmt.Sprintf("the file has format version %d, this program reads %d", p.FormatVersion, plan.FormatVersion),
			Hint: "plan and apply with the same version of seatwright",
		}
	}
	if err := checkDigests(p, formatDigest(raw)); err != nil {
		return nil, err
	}
	shareContainers(p)
	return p, nil
}

// shareContainers keeps each OU once in memory, however many users are in it.
func shareContainers(p *plan.Plan) {
	known := map[string]string{}
	share := func(user *plan.UserRef) {
		if first, again := known[user.Container]; again {
			user.Container = first
			return
		}
		known[user.Container] = user.Container
	}
	all := [][]plan.Step{p.Steps, p.Reported}
	if p.Base != nil {
		all = append(all, p.Base.Ended)
	}
	for _, steps := range all {
		for i := range steps {
			share(&steps[i].User)
		}
	}
	for _, outcomes := range [][]plan.Outcome{p.Outcomes.Blocked, p.Outcomes.Waiting, p.Outcomes.Held} {
		for i := range outcomes {
			share(&outcomes[i].User)
		}
	}
}

// refuseMalformed returns the reason why the file cannot be read. It quotes nothing of the
// file.
func refuseMalformed(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &RefusedError{Why: fmt.Sprintf("the file is not a plan: invalid JSON at byte %d", syntax.ByteOffset), Hint: planAgain}
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return &RefusedError{Why: fmt.Sprintf("the file is not a plan: unexpected value at byte %d", semantic.ByteOffset), Hint: planAgain}
	}
	return fmt.Errorf("read plan: %w", err)
}

// checkDigests compares the digests and the bytes of the file with the plan. It also finds
// members that no plan has, members that are there twice, and members in another order: the
// plan would be written with other bytes.
func checkDigests(p *plan.Plan, raw string) error {
	same, err := planDigest(p)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	again := *p
	if err := Seal(&again); err != nil {
		return err
	}
	if again.Digest != p.Digest || again.StepsDigest != p.StepsDigest || same != raw {
		return &RefusedError{Why: "its digest does not match: the file was changed after it was written", Hint: planAgain}
	}
	for _, step := range p.Steps {
		if plan.StepID(step) != step.ID {
			return &RefusedError{Why: "the id of a step does not match its content", Hint: planAgain}
		}
	}
	return nil
}

// stepsDigest returns the digest of the tenant's GUID and the sorted ids of the steps.
func stepsDigest(p *plan.Plan) string {
	sum := sha256.New()
	fmt.Fprintln(sum, p.Tenant.ID)
	ids := make([]string, 0, len(p.Steps))
	for _, step := range p.Steps {
		ids = append(ids, step.ID)
	}
	slices.Sort(ids)
	for _, id := range ids {
		fmt.Fprintln(sum, id)
	}
	return formatDigest(sum)
}

// planDigest returns the digest of the bytes of the plan.
func planDigest(p *plan.Plan) (string, error) {
	sum := sha256.New()
	err := encodePlan(sum, p)
	return formatDigest(sum), err
}

func formatDigest(sum hash.Hash) string { return "sha256:" + hex.EncodeToString(sum.Sum(nil)) }
