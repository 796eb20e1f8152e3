// Package planfile turns a plan into bytes and back.
//
// The file is canonical JSON (RFC 8785) in one line: the same plan has the same
// bytes. Two digests seal it. The steps digest, over the tenant and the ids of all
// steps, names what was approved; the digest is over every other byte of the file.
// Neither has a key: they find accidents and tie an approval to a plan, and prove
// nothing about who wrote the file. So a plan file is an allow-list for apply and
// never an instruction.
//
// The words: to seal is to compute the digests; a refused file is one that must not
// be applied, for the reason its [RefusedError] gives. This room must never decide
// anything about licences. Begin with [Write] and [Read].
package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/plan"
)

// MaxSize is the largest file that is read: a plan of about a million steps.
const MaxSize = 1 << 30

// RefusedError says why a plan file is not to be applied. Nothing was written.
type RefusedError struct {
	Why  string
	Hint string
}

func (e *RefusedError) Error() string { return "refuse plan: " + e.Why }

// Seal computes both digests of the plan.
func Seal(p *plan.Plan) error {
	p.StepsDigest = stepsDigest(p)
	p.Digest = ""
	sum := sha256.New()
	if err := encode(sum, p); err != nil {
		return fmt.Errorf("seal plan: %w", err)
	}
	p.Digest = text(sum)
	return nil
}

// Write seals the plan and writes it, a step at a time.
func Write(w io.Writer, p *plan.Plan) error {
	if err := Seal(p); err != nil {
		return err
	}
	if err := encode(w, p); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// Read reads a plan that [Write] wrote, byte for byte; anything else is refused
// with a [RefusedError].
func Read(r io.Reader) (*plan.Plan, error) {
	raw := sha256.New()
	p := &plan.Plan{}
	limited := &io.LimitedReader{R: r, N: MaxSize + 1}
	err := json.UnmarshalRead(io.TeeReader(limited, raw), p, json.RejectUnknownMembers(true))
	switch {
	case limited.N <= 0:
		return nil, &RefusedError{Why: fmt.Sprintf("the file is larger than %d bytes", MaxSize)}
	case err != nil:
		return nil, malformed(err)
	case p.FormatVersion != plan.FormatVersion:
		return nil, &RefusedError{
			Why:  fmt.Sprintf("the file has format version %d, this program reads %d", p.FormatVersion, plan.FormatVersion),
			Hint: "plan and apply with the same version of seatwright",
		}
	}
	return p, verify(p, raw)
}

// malformed speaks of what is wrong without quoting the file.
func malformed(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &RefusedError{Why: fmt.Sprintf("the file is not a plan: it is no JSON at byte %d", syntax.ByteOffset), Hint: planAgain}
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return &RefusedError{Why: fmt.Sprintf("the file is not a plan: %s does not belong there", semantic.JSONPointer), Hint: planAgain}
	}
	return fmt.Errorf("read plan: %w", err)
}

const planAgain = "make it again with seatwright plan -o FILE"

// verify holds the digests, and the bytes, to what the plan says.
func verify(p *plan.Plan, raw hash.Hash) error {
	digest := p.Digest
	again := *p
	if err := Seal(&again); err != nil {
		return err
	}
	same := sha256.New()
	if err := encode(same, p); err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if again.Digest != digest || again.StepsDigest != p.StepsDigest || text(same) != text(raw) {
		return &RefusedError{Why: "its digest does not fit: the file was changed after it was written", Hint: planAgain}
	}
	for _, step := range p.Steps {
		if plan.StepID(step) != step.ID {
			return &RefusedError{Why: "the id of a step does not fit what it does", Hint: planAgain}
		}
	}
	return nil
}

// stepsDigest is over the tenant's GUID and the sorted ids of the steps.
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
	return text(sum)
}

func text(sum hash.Hash) string { return "sha256:" + hex.EncodeToString(sum.Sum(nil)) }

// encode writes the plan's members in canonical order, its steps one at a time, so
// that a plan of any length takes little memory.
func encode(w io.Writer, p *plan.Plan) error {
	separator := "{"
	for _, name := range memberNames() {
		if _, err := fmt.Fprintf(w, "%s%q:", separator, name); err != nil {
			return err
		}
		if err := encodeMember(w, p, name); err != nil {
			return err
		}
		separator = ","
	}
	_, err := io.WriteString(w, "}\n")
	return err
}

func encodeMember(w io.Writer, p *plan.Plan, name string) error {
	if name != "steps" {
		return encodeValue(w, member(p, name))
	}
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	for i, step := range p.Steps {
		if i > 0 {
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		if err := encodeValue(w, step); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "]")
	return err
}

func encodeValue(w io.Writer, value any) error {
	raw, err := stdjson.Marshal(value)
	if err != nil {
		return err
	}
	canonical := jsontext.Value(raw)
	if err := canonical.Canonicalize(); err != nil {
		return err
	}
	_, err = w.Write(canonical)
	return err
}

// memberNames are the JSON names of the plan's fields, sorted as RFC 8785 wants.
func memberNames() []string {
	var names []string
	for field := range reflect.TypeFor[plan.Plan]().Fields() {
		names = append(names, jsonName(field))
	}
	slices.Sort(names)
	return names
}

func member(p *plan.Plan, name string) any {
	for field, value := range reflect.ValueOf(p).Elem().Fields() {
		if jsonName(field) == name {
			return value.Interface()
		}
	}
	return nil
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}
