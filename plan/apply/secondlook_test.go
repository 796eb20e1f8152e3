package apply_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// TestRunSecondRoundAfterABrokenChain has a plan in which zoe frees the only E5 for anna,
// who frees an E3 for bob. But zoe was changed meanwhile. Seats that are free at the end go
// to the steps that they are enough for.
func TestRunSecondRoundAfterABrokenChain(t *testing.T) {
	t.Parallel()
	const before = "sku SPE_E3 1\nsku SPE_E5 1\nsku POWER_BI_PRO 9\nanna CH SPE_E3\nbob CH\nzoe CH SPE_E5"
	const policies = "- {name: a, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}\n" +
		"- {name: b, users: {upns: [bob@contoso.com]}, licenses: [SPE_E3]}\n- {name: z, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}\n" +
		"- {name: c, users: {upns: [carl@contoso.com]}, licenses: [POWER_BI_PRO]}\n"
	broken := "remove zoe: -SPE_E5: " + changed
	unrelated := "add carl: +POWER_BI_PRO: confirmed"
	for _, c := range []struct {
		name, meanwhile  string
		outcomes, writes string
	}{
		{"stops the steps that depend on it, and no others", "sku SPE_E3 1\nsku SPE_E5 1\nsku POWER_BI_PRO 9\nanna CH SPE_E3\nbob CH\ncarl CH\nzoe CH SPE_E5(SWAY)",
			lines(unrelated, broken, "replace anna: +SPE_E5 -SPE_E3: not_sent, it needs a step that did not succeed: remove zoe: -SPE_E5",
				"add bob: +SPE_E3: not_sent, it needs a step that did not succeed: replace anna: +SPE_E5 -SPE_E3"),
			lines("carl +POWER_BI_PRO 200")},
		{"continues in the middle if there is a seat for that step", "sku SPE_E3 2\nsku SPE_E5 1\nsku POWER_BI_PRO 9\nanna CH SPE_E3\nbob CH\ncarl CH\nzoe CH SPE_E5(SWAY)",
			lines(unrelated, broken, "replace anna: +SPE_E5 -SPE_E3: not_sent, it needs a step that did not succeed: remove zoe: -SPE_E5", "add bob: +SPE_E3: confirmed"),
			lines("bob +SPE_E3 200", "carl +POWER_BI_PRO 200")},
		{"continues as a whole if another writer has freed the seat", "sku SPE_E3 1\nsku SPE_E5 2\nsku POWER_BI_PRO 9\nanna CH SPE_E3\nbob CH\ncarl CH\nzoe CH SPE_E5(SWAY)",
			lines(unrelated, broken, "replace anna: +SPE_E5 -SPE_E3: confirmed", "add bob: +SPE_E3: confirmed"),
			lines("anna +SPE_E5 -SPE_E3 200", "bob +SPE_E3 200", "carl +POWER_BI_PRO 200")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, before+"\ncarl CH")
			p := w.plan(policies)
			w.become(c.meanwhile)
			w.want(w.run(t.Context(), p), c.outcomes, c.writes)
		})
	}
}

// TestRunNeverExceedsSeats carries out plans of random tenants with few free seats. The
// writes of a batch run in any order, and some are refused for other reasons. No write is
// refused for want of a seat, and free seats never fall below their start or zero,
// whichever is lower.
func TestRunNeverExceedsSeats(t *testing.T) {
	t.Parallel()
	served := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 4))
		w := newWorld(t, randomTenant(r))
		start := w.tenant.Load().Record().MinFree
		trouble := 0
		if seed%2 == 1 {
			trouble = 3
		}
		p := w.plan(randomPolicies(r))
		w.refuse(trouble, state.ReasonExclusive, func(state.Change) bool { return r.IntN(4) == 0 })
		report := w.run(t.Context(), p)
		served += report.Count(apply.Confirmed)
		if n := len(report.Outcomes) - report.Count(apply.Confirmed); n > 0 && trouble == 0 {
			t.Errorf("seed %d: %d steps did not succeed:\n%s", seed, n, became(report))
		}
		record := w.tenant.Load().Record()
		if record.SeatRefusals > 0 {
			t.Errorf("seed %d: %d writes were refused for want of a seat:\n%s", seed, record.SeatRefusals, became(report))
		}
		if gaps := w.tenant.Load().Invariants().Gaps; len(gaps) > 0 {
			t.Errorf("seed %d: a user lost service plans during a swap: %+v", seed, gaps)
		}
		for sku, least := range record.MinFree {
			if least < min(0, start[sku]) {
				t.Errorf("seed %d: %s fell to %d free seats, it began with %d", seed, nameOf(sku), least, start[sku])
			}
		}
	}
	if served < 200 {
		t.Errorf("%d steps in all: the tenants are too small to show anything", served)
	}
}

// TestRunMovesSeatsInACycle moves a hundred users in a cycle of five SKUs without a free
// seat. All steps wait. With one spare seat of one of the SKUs all steps run, and the seat
// is free again at the end.
func TestRunMovesSeatsInACycle(t *testing.T) {
	t.Parallel()
	cycle := []string{"SPE_E3", "SPE_E5", "SPE_F1", "POWER_BI_PRO", "VISIOCLIENT"}
	tenant := func(spare int) string {
		text := ""
		for i, sku := range cycle {
			seats := 20
			if i == 0 {
				seats += spare
			}
			text += fmt.Sprintf("sku %s %d\n", sku, seats)
		}
		for i := range 100 {
			text += fmt.Sprintf("u%02d CH %s\n", i, cycle[i%5])
		}
		return text
	}
	policies := ""
	for i, sku := range cycle {
		var upns []string
		for u := i; u < 100; u += 5 {
			upns = append(upns, fmt.Sprintf("u%02d@contoso.com", u))
		}
		policies += fmt.Sprintf("  - {name: to-%d, users: {upns: [%s]}, replace: {%s: %s}}\n", i, strings.Join(upns, ", "), sku, cycle[(i+1)%5])
	}
	if p := newWorld(t, tenant(0)).plan(policies); len(p.Steps) > 0 || len(p.Outcomes.Waiting) != 200 {
		t.Errorf("without a seat there are %d steps and %d assignments that wait, want 0 and 200", len(p.Steps), len(p.Outcomes.Waiting))
	}
	w := newWorld(t, tenant(1))
	report := w.run(t.Context(), w.plan(policies))
	if n := report.Count(apply.Confirmed); n != 100 {
		t.Fatalf("with a seat %d of 100 are confirmed:\n%s", n, became(report))
	}
	record := w.tenant.Load().Record()
	for sku, least := range record.MinFree {
		if least < 0 {
			t.Errorf("%s fell to %d free seats", nameOf(sku), least)
		}
	}
	again := w.plan(policies)
	if len(again.Steps) > 0 {
		t.Errorf("a second plan has %d steps", len(again.Steps))
	}
	for _, sku := range again.SKUs {
		if want := map[bool]int{true: 1}[sku.PartNumber == "SPE_E3"]; sku.AvailableBefore != want {
			t.Errorf("in the end %s has %d free seats, want %d", sku.PartNumber, sku.AvailableBefore, want)
		}
	}
	if gaps := w.tenant.Load().Invariants().Gaps; len(gaps)+record.SeatRefusals > 0 {
		t.Errorf("%d seat refusals, gaps %+v", record.SeatRefusals, gaps)
	}
}

// randomTenant returns a tenant in which some SKUs are overused and others have few free
// seats or none.
func randomTenant(r *rand.Rand) string {
	var b, users strings.Builder
	held := map[string]int{}
	for i := range 30 {
		fmt.Fprintf(&users, "u%02d CH", i)
		for _, sku := range slices.Sorted(maps.Keys(plansOf)) {
			if r.IntN(2) == 0 {
				held[sku]++
				fmt.Fprint(&users, " ", sku)
			}
		}
		fmt.Fprintln(&users)
	}
	for _, sku := range slices.Sorted(maps.Keys(plansOf)) {
		fmt.Fprintf(&b, "sku %s %d\n", sku, max(0, held[sku]+r.IntN(4)-1))
	}
	return b.String() + users.String()
}

// randomPolicies returns one policy for each user.
func randomPolicies(r *rand.Rand) string {
	words := []string{"replace: {SPE_E3: SPE_E5}", "replace: {SPE_E5: SPE_E3}", "replace: {SPE_E3: POWER_BI_PRO}", "replace: {POWER_BI_PRO: SPE_E5}",
		"licenses: [SPE_E5, POWER_BI_PRO]", "absent: [SPE_E3]", "licenses: [SPE_E3], absent: [SPE_E5, POWER_BI_PRO]"}
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "- {name: p%d, users: {upns: [u%02d@contoso.com]}, %s}\n", i, i, words[r.IntN(len(words))])
	}
	return b.String()
}
