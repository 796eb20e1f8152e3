package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
)

func TestHold(t *testing.T) {
	t.Parallel()
	tight := "manage: [SPE_E3, SPE_E5, VISIOCLIENT]\nguards: {removals: {users: 1, percent: 0}, locations: {users: 0}}\n"
	for _, c := range []struct {
		name, settings, policies, tenant, want string
		applyable                              bool
	}{
		{"what takes something is held, the rest goes on", tight,
			"- {name: out, users: {upns: [anna@contoso.com, bea@contoso.com]}, absent: [VISIOCLIENT]}\n- {name: in, users: {upns: [carl@contoso.com]}, licenses: [SPE_E3]}",
			"anna CH VISIOCLIENT\nbea CH VISIOCLIENT\ncarl CH",
			lines("add carl: +SPE_E3", "held anna VISIOCLIENT: guard", "held bea VISIOCLIENT: guard"), true},
		{"swaps are held too, whole, and their seats given back", tight,
			"- {name: out, users: {upns: [anna@contoso.com, bea@contoso.com]}, absent: [VISIOCLIENT]}\n- {name: up, users: {upns: [carl@contoso.com]}, replace: {SPE_E3: SPE_E5}}",
			"anna CH VISIOCLIENT\nbea CH VISIOCLIENT\ncarl CH SPE_E3",
			lines("held anna VISIOCLIENT: guard", "held bea VISIOCLIENT: guard", "held carl SPE_E3: guard", "held carl SPE_E5: guard"), true},
		{"who waited for a seat that comes free waits again", "manage: [VISIOCLIENT]\nguards: {removals: {users: 1, percent: 0}}\n",
			"- {name: out, users: {upns: [anna@contoso.com, bea@contoso.com]}, absent: [VISIOCLIENT]}\n- {name: in, users: {upns: [carl@contoso.com]}, licenses: [VISIOCLIENT]}",
			"sku VISIOCLIENT 2\nanna CH VISIOCLIENT\nbea CH VISIOCLIENT\ncarl CH",
			lines("waiting carl VISIOCLIENT: no_seat", "held anna VISIOCLIENT: guard", "held bea VISIOCLIENT: guard"), true},
		{"locations that are written over are held alone", tight, policyForAll("a", "usage_location: {value: DE, overwrite: all}\nlicenses: [SPE_E3]"), "anna CH\nbea -",
			lines("location bea: unset -> DE", "add anna: +SPE_E3", "add bea: +SPE_E3", "held anna : guard"), true},
		{"an implausible count holds what takes, and does not stop additions", "manage: [SPE_E3]",
			"- {name: in, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n- {name: out, users: {upns: [bea@contoso.com]}, absent: [SPE_E3], allow_data_loss: [mailbox]}",
			"sku SPE_E3 900 others=500\nanna CH\nbea CH SPE_E3", lines("add anna: +SPE_E3", "held bea SPE_E3: guard"), true},
		{"a guard of class stop stops all the same", "manage: [SPE_E3]\nguards: {additions: {users: 0}}", policyForAll("a", "licenses: [SPE_E3]"), "anna CH",
			lines("add anna: +SPE_E3"), false},
		{"without a breach nothing is held", manageAll, policyForAll("a", "absent: [POWER_BI_PRO]"), "anna CH POWER_BI_PRO", lines("remove anna: -POWER_BI_PRO"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant := c.tenant
			if tenant[:4] != "sku " {
				tenant = seats + tenant
			}
			f := fixture{t: t, settings: c.settings, policies: c.policies, tenant: tenant, hold: true}
			p := f.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if p.Applyable != c.applyable {
				t.Errorf("applyable is %v, want %v: %+v", p.Applyable, c.applyable, p.Breached())
			}
			f.hold = false
			stopped := f.compute()
			if held := len(p.Outcomes.Held) > 0; held && stopped.Applyable {
				t.Error("what is held with --hold does not stop without it")
			}
			for _, g := range stopped.Breached() {
				if g.Class == guard.Hold && !hasHeld(p, g) {
					t.Errorf("%s is breached without --hold and not shown as held with it", g.Name)
				}
			}
		})
	}
}

func hasHeld(p *plan.Plan, breached plan.Guard) bool {
	for _, g := range p.Guards {
		if g.Name == breached.Name && g.SKU == breached.SKU && g.Verdict == plan.VerdictHeld && g.Seen == breached.Seen {
			return true
		}
	}
	return false
}

func TestHoldStepsOfPolicyWithShrunkException(t *testing.T) {
	t.Parallel()
	vips := inDomain(20, "v", "vip.example", "SPE_E3")
	now := inDomain(8, "v", "vip.example", "SPE_E3") + inDomain(1, "n", "staff.example", "")
	p := fixture{t: t, settings: "manage: [SPE_E3, VISIOCLIENT]", hold: true, baseline: plenty + vips, tenant: plenty + now + lostVIPs(8, 20),
		policies: "- {name: visio, users: [{search: v00}, {search: v01}], except: {domain: vip.example}, licenses: [VISIOCLIENT]}\n- {name: new, users: {upns: [n000@contoso.com]}, licenses: [SPE_E3]}"}.compute()
	if diff := cmp.Diff(lines("add n000: +SPE_E3"), firstLine(printed(p))); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if len(p.Outcomes.Held) != 12 {
		t.Errorf("%d assignments are held, want the 12 of the policy:\n%s", len(p.Outcomes.Held), printed(p))
	}
}

func lostVIPs(from, to int) string {
	text := ""
	for i := from; i < to; i++ {
		text += "v0" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + " CH SPE_E3 domain=lost.example\n"
	}
	return text
}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' {
			return s[:i+1]
		}
	}
	return s
}
