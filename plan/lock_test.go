package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

func TestExplainPlanNotesNewServicePlans(t *testing.T) {
	t.Parallel()
	const (
		added  = "SPE_E3 has a service plan since catalog.lock.yaml was written, SWAY: "
		review = "; if that is as it should be, run `seatwright catalog lock`"
		others = ", and it is on for all other holders"
	)
	for _, c := range []struct{ name, policies, want string }{
		{"no opinion", policyForAll("a", "licenses: [SPE_E3]"), "no policy mentions it, so it is on for all holders"},
		{"an enable list that leaves it out", policyForAll("a", "licenses: [{sku: SPE_E3, enable: [TEAMS1]}]"), "policy a turns it off, since its `enable` leaves it out" + others},
		{"an enable list that names it", policyForAll("a", "licenses: [{sku: SPE_E3, enable: [TEAMS1, SWAY]}]"), "policy a turns it on" + others},
		{"a disable list that names it", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [SWAY]}]"), "policy a turns it off" + others},
		{"a disable list that does not", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [TEAMS1]}]"), "no policy mentions it, so it is on for all holders"},
		{"every plan on", policyForAll("a", "licenses: [{sku: SPE_E3, disable: none}]"), "policy a turns it on, because of `disable: none`" + others},
		{"a replacement", policyForAll("a", "replace: {SPE_F1: {sku: SPE_E3, disable: [SWAY]}}"), "policy a turns it off" + others},
		{"a policy that only reports", policyForAll("a", "mode: report\nlicenses: [{sku: SPE_E3, disable: [SWAY]}]"), "no policy mentions it, so it is on for all holders"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3\nbea CH SPE_E3@Staff\ncarl CH", policies: c.policies}.input()
			locked := policies.LockOf("test", in.Snapshot.SKUs)
			for i := range locked.SKUs {
				if locked.SKUs[i].Name == "SPE_E3" {
					locked.SKUs[i].Plans = slices.DeleteFunc(locked.SKUs[i].Plans, func(p policies.LockedPlan) bool { return p.Name == "SWAY" })
				}
			}
			in.Set.Lock = &locked
			p := explain.Plan(in)
			if diff := cmp.Diff([]string{added + c.want + review}, notesWith(p, "catalog.lock.yaml")); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if note := p.Outcomes.Notes[slices.IndexFunc(p.Outcomes.Notes, func(n plan.Note) bool { return n.Message == added+c.want+review })]; note.Count != 2 {
				t.Errorf("the note is about %d users, want 2 holders", note.Count)
			}
		})
	}
}

func TestExplainPlanNotesLockChanges(t *testing.T) {
	t.Parallel()
	const managed = "manage: [SPE_E3, SPE_E5]"
	for _, c := range []struct {
		name  string
		edit  func(*policies.LockedTenant)
		notes []string
	}{
		{"nothing has changed", func(*policies.LockedTenant) {}, nil},
		{"a managed SKU is not in it", func(t *policies.LockedTenant) { dropLocked(t, "SPE_E5") },
			[]string{"SPE_E5 is not in catalog.lock.yaml yet: to see when its service plans change, run `seatwright catalog lock`"}},
		{"an unmanaged one is not noted", func(t *policies.LockedTenant) { dropLocked(t, "VISIOCLIENT") }, nil},
		{"a plan is gone", func(t *policies.LockedTenant) {
			i := slices.IndexFunc(t.SKUs, func(s policies.LockedSKU) bool { return s.Name == "SPE_E3" })
			t.SKUs[i].Plans = append(t.SKUs[i].Plans, policies.LockedPlan{ID: idOf[state.ServicePlan]("STREAM"), Name: "STREAM"})
		}, []string{"SPE_E3 has lost a service plan since catalog.lock.yaml was written, STREAM: users that had it by this SKU no longer have it; if that is as it should be, run `seatwright catalog lock`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := fixture{t: t, settings: managed, tenant: seats + "anna CH SPE_E3", policies: policyForAll("a", "licenses: [SPE_E3]")}.input()
			locked := policies.LockOf("test", in.Snapshot.SKUs)
			c.edit(&locked)
			in.Set.Lock = &locked
			if diff := cmp.Diff(c.notes, notesWith(explain.Plan(in), "catalog.lock.yaml")); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func dropLocked(t *policies.LockedTenant, name string) {
	t.SKUs = slices.DeleteFunc(t.SKUs, func(s policies.LockedSKU) bool { return s.Name == name })
}
