package planfile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// TestStepIDFollowsFromTheFile computes ids from the file and RFC 8785 alone, as another
// program would.
func TestStepIDFollowsFromTheFile(t *testing.T) {
	t.Parallel()
	user := plan.UserRef{ID: anna, UserPrincipalName: "anna@contoso.com"}
	p := sample()
	p.Steps = []plan.Step{locationStep(user, "", "CH"), locationStep(user, "DE", "CH"), swapStep(user)}
	var file struct {
		Steps []struct {
			ID            string
			User          struct{ ID string }
			Before, After map[string]any
		}
	}
	if err := json.Unmarshal(written(t, p), &file); err != nil {
		t.Fatal(err)
	}
	for i, step := range file.Steps {
		for _, list := range []any{step.Before["licenses"], step.Before["inherited"], step.After["licenses"]} {
			members, _ := list.([]any)
			for _, member := range members {
				delete(member.(map[string]any), "sku_part_number") // ids hold no names
			}
		}
		sum := sha256.Sum256([]byte(render(t, map[string]any{"user_id": step.User.ID, "before": step.Before, "after": step.After})))
		if want := "sha256:" + hex.EncodeToString(sum[:]); step.ID != want {
			t.Errorf("the id of %s is %s, want %s", p.Steps[i], step.ID, want)
		}
	}
}

func TestStepIDDependsOnTheChangeAlone(t *testing.T) {
	t.Parallel()
	user := sample().Steps[1].User
	base := sample().Steps[1].ID
	for _, c := range []struct {
		name   string
		change func(*plan.Step)
		same   bool
	}{
		{"another user principal name", func(s *plan.Step) { s.User.UserPrincipalName = "renamed@contoso.com" }, true},
		{"another display name", func(s *plan.Step) { s.User.DisplayName = "Bob" }, true},
		{"another part number before", func(s *plan.Step) { s.Before.Licenses[0].PartNumber = "X" }, true},
		{"another part number after", func(s *plan.Step) { s.After.Licenses[0].PartNumber = "X" }, true},
		{"another part number by a group", func(s *plan.Step) { s.Before.Inherited[0].PartNumber = "X" }, true},
		{"other reasons", func(s *plan.Step) { s.Because = sample().Steps[1].Because }, true},
		{"other needs", func(s *plan.Step) { s.Needs = []string{"sha256:00"} }, true},
		{"other losses", func(s *plan.Step) { s.Loses = sample().Steps[1].Loses }, true},
		{"another kind", func(s *plan.Step) { s.Kind = plan.KindAdd }, true},
		{"another user", func(s *plan.Step) { s.User.ID[0]++ }, false},
		{"another SKU before", func(s *plan.Step) { s.Before.Licenses[0].SKU[0]++ }, false},
		{"another plan off before", func(s *plan.Step) { s.Before.Licenses[0].DisabledPlans = []state.PlanID{sway} }, false},
		{"another group", func(s *plan.Step) { s.Before.Inherited[0].Group[0]++ }, false},
		{"another state of the group's path", func(s *plan.Step) { s.Before.Inherited[0].State = state.PathError }, false},
		{"another plan off by the group", func(s *plan.Step) { s.Before.Inherited[0].DisabledPlans = []state.PlanID{} }, false},
		{"no group", func(s *plan.Step) { s.Before.Inherited = []plan.Inherited{} }, false},
		{"another SKU after", func(s *plan.Step) { s.After.Licenses[0].SKU[0]++ }, false},
		{"another plan off after", func(s *plan.Step) { s.After.Licenses[0].DisabledPlans = []state.PlanID{} }, false},
		{"a location as well", func(s *plan.Step) { s.After.UsageLocation = plan.Location{Touched: true} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			step := swapStep(user)
			c.change(&step)
			if got := plan.StepID(step); (got == base) != c.same {
				t.Errorf("the id is %s, it was %s", got, base)
			}
		})
	}
}

// TestStepIDKeepsTheNamesOfTheStep checks that StepID, which ignores names, does not remove
// them from the step.
func TestStepIDKeepsTheNamesOfTheStep(t *testing.T) {
	t.Parallel()
	step := sample().Steps[1]
	want := fmt.Sprint(step)
	plan.StepID(step)
	if diff := cmp.Diff(want, fmt.Sprint(step)); diff != "" {
		t.Errorf("StepID changed the step (-before +after):\n%s", diff)
	}
}

// canonical returns a value as RFC 8785 requires. It is written from the RFC, for the
// values that plans have.
func canonical(t *testing.T, raw []byte) string {
	t.Helper()
	var value any
	decode(t, raw, &value)
	return render(t, value)
}

func render(t *testing.T, value any) string {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(value)
	case json.Number:
		if strings.ContainsAny(string(value), ".eE") {
			t.Fatalf("%s is not a whole number", value)
		}
		return string(value)
	case string:
		return quoted(value)
	case []any:
		var parts []string
		for _, member := range value {
			parts = append(parts, render(t, member))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var names, parts []string
		for name := range value {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b))) })
		for _, name := range names {
			parts = append(parts, quoted(name)+":"+render(t, value[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	t.Fatalf("%T is not a JSON value", value)
	return ""
}

// quoted escapes what RFC 8785 section 3.2.2.2 requires, and nothing else.
func quoted(s string) string {
	short := map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`}
	var b strings.Builder
	for _, r := range s {
		switch escape := short[r]; {
		case escape != "":
			b.WriteString(escape)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
