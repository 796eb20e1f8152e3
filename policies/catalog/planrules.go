package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// PlanRule is a rule of service plans that cannot be on for one user: Plan together with
// any of Others if they exclude each other, else Plan without one of Others.
// Microsoft publishes no whole list, and what it publishes is contradicted by what
// it sells, so a rule is a reason to warn and never one to block.
type PlanRule struct {
	Plan      state.PlanID
	Others    []state.PlanID
	Exclusive bool
	Source    string // the source of the rule, with its date
}

// Broken reports whether plans that are on break the rule.
func (r *PlanRule) Broken(on func(state.PlanID) bool) bool {
	return on(r.Plan) && slices.ContainsFunc(r.Others, on) == r.Exclusive
}

// Prerequisites are sets of plans of each of which one must be on for a plan to work,
// as far as they are known. Where none is, the service switches the plan off by itself.
func Prerequisites(plan state.PlanID) [][]state.PlanID {
	var sets [][]state.PlanID
	for i := range planRules {
		if rule := &planRules[i]; rule.Plan == plan && !rule.Exclusive {
			sets = append(sets, rule.Others)
		}
	}
	return sets
}

// Holding is one SKU that a user holds: the service plans that are on for the user, and all
// that it contains.
type Holding struct {
	On, All []state.PlanID
}

// NewlyBroken returns the rules that a user breaks after a change and did not before,
// in the order of the tables. What Microsoft sells breaks none: neither a SKU that
// contains both of two exclusive plans, nor an add-on that is sold without what it
// needs. The add-on does when what it needs is removed, or is switched off beside it.
func NewlyBroken(before, after []Holding) []*PlanRule {
	var broken []*PlanRule
	had, has := planOn(before), planOn(after)
	for i := range planRules {
		rule := &planRules[i]
		if rule.Broken(has) && !rule.Broken(had) && rule.counts(had, after) {
			broken = append(broken, rule)
		}
	}
	return broken
}

// counts reports whether the rule is not broken by one SKU as it is sold.
func (r *PlanRule) counts(had func(state.PlanID) bool, after []Holding) bool {
	other := func(h Holding) bool {
		return slices.ContainsFunc(r.Others, func(id state.PlanID) bool { return slices.Contains(h.All, id) })
	}
	inOne := slices.ContainsFunc(after, func(h Holding) bool { return slices.Contains(h.On, r.Plan) && other(h) })
	if r.Exclusive {
		return !inOne
	}
	return inOne || slices.ContainsFunc(r.Others, had)
}

func planOn(held []Holding) func(state.PlanID) bool {
	on := map[state.PlanID]bool{}
	for _, h := range held {
		for _, id := range h.On {
			on[id] = true
		}
	}
	return func(id state.PlanID) bool { return on[id] }
}

// exclusives are plans of which a user may have one, but for those that may be on
// together.
type exclusives struct {
	plans    string // ids before names
	together string // names
	source   string // where it is not Microsoft's page
}

// Of the tables of Microsoft's page these are left out: plans that no SKU contains
// any more (CRMPLAN1, EMPLOYEE_SELF_SERVICE, INTUNE_B and others), Exchange Plan 1, Plan 2,
// kiosk and essentials beside each other (accepted since January 2023, Exchange team
// blog), SharePoint Plan 1, Plan 2 and kiosk (the page only advises against it), and
// two pairs that Microsoft sells: MCOIMP beside MCOSTANDARD (Teams Enterprise beside
// every suite without Teams), RMS_S_ENTERPRISE beside RMS_S_ENTERPRISE_GOV (EMS
// beside Office 365 for government).
const exclusivePage = "Microsoft's table of service plans that cannot be assigned at the same time, 2025-10-29"

var exclusivePlans = []exclusives{
	{plans: `
		bf36ca64-95c6-4918-9275-eb9f4ce2c04f CRMPLAN2
		f9646fb2-e3b2-4309-95de-dc4833737456 CRMSTANDARD
		056a5f80-b4e0-4983-a8be-7ad254a113c9 DYN365_ENTERPRISE_P1_IW
		2da8e897-7791-486b-b08f-cc63c8129df7 DYN365_ENTERPRISE_SALES
		6a54b05e-4fab-40e7-9828-428db3b336fa DYN365_ENTERPRISE_TEAM_MEMBERS`},
	{
		plans: `
			90927877-dcff-4af6-b346-2332c0b15bb7 EXCHANGE_B_STANDARD
			da040e0a-b393-4bea-bb76-928b3fa1cf5a EXCHANGE_S_ARCHIVE
			4a82b400-a79f-41a4-b4e2-e94f5787b113 EXCHANGE_S_DESKLESS
			1126bef5-da20-4f07-b45e-ad25d2581aa8 EXCHANGE_S_ESSENTIALS
			9aaf7827-d63c-4b61-89c3-182f06f82e5c EXCHANGE_S_STANDARD
			fc52cc4b-ed7d-472d-bbe7-b081c23ecc56 EXCHANGE_S_STANDARD_MIDMARKET`,
		together: "EXCHANGE_S_DESKLESS EXCHANGE_S_ESSENTIALS EXCHANGE_S_STANDARD",
	},
	{plans: `
		c1ec4a95-1f05-45b3-a911-aa3fa01094f5 INTUNE_A
		3e170737-c728-4eae-bbb9-3f3360f7184c INTUNE_A_VL`},
	{
		plans: `
			afcafa6a-d966-4462-918c-ec0b4e0fe642 ONEDRIVEENTERPRISE
			a361d6e2-509e-4e25-a8ad-950060064ef4 SHAREPOINT_S_DEVELOPER
			902b47e5-dcb2-4fdc-858b-c63a90a2bdb9 SHAREPOINTDESKLESS
			5dbe027f-2339-4123-9542-606e4d348a72 SHAREPOINTENTERPRISE
			63038b2c-28d0-45f6-bc36-33062963b498 SHAREPOINTENTERPRISE_EDU
			6b5b6a67-fc72-4a1f-a2b5-beecf05de761 SHAREPOINTENTERPRISE_MIDMARKET
			a1f3d0a8-84c0-4ae0-bae4-685917b8ab48 SHAREPOINTLITE
			c7699d2e-19aa-44de-8edf-1736da088ca1 SHAREPOINTSTANDARD
			0a4983bb-d3e5-4a09-95d8-b2d0127b3df5 SHAREPOINTSTANDARD_EDU`,
		together: "SHAREPOINTDESKLESS SHAREPOINTENTERPRISE SHAREPOINTSTANDARD",
	},
	{
		plans: `
			afc06cb0-b4f4-4473-8286-d644f70d8faf MCOIMP
			b2669e95-76ef-4e7e-a367-002f60a39f3e MCOSTANDARD_MIDMARKET
			0feaeb32-d00e-4d66-bd5a-43b5b83db82c MCOSTANDARD
			70710b6b-3ab4-4a38-9f6d-9f169461650a MCOLITE`,
		together: "MCOIMP MCOSTANDARD",
	},
	{plans: `
		4ed3ff63-69d7-4fb7-b984-5aec7f605ca8 MCOPSTN1
		5a10155d-f5c1-411a-a8ec-e99aae125390 MCOPSTN2
		54a152dc-90de-4996-93d2-bc47e670fc06 MCOPSTN5`},
	{plans: `
		7547a3fe-08ee-4ccb-b430-5077c5041653 YAMMER_ENTERPRISE
		2078e8df-cff6-4290-98cb-5408261a760a YAMMER_EDU
		41bf139a-4e60-409f-9346-a1361efc6dfb YAMMER_MIDSIZE`},
	{
		plans: `
			57ff2da0-773e-42df-b2af-ffb7a2317929 TEAMS1
			4fa4026d-ce74-4962-a151-8e96d57ea8e4 TEAMS_FREE`,
		source: "the example of Microsoft's design of Graph's license errors",
	},
}

// prerequisite is a plan that needs one of several others.
type prerequisite struct {
	plan   string
	needs  string
	source string
}

// Left out, for what Microsoft sells contradicts them: Office for the web needs
// SharePoint (Apps for enterprise and Teams Enterprise have none), Azure Information
// Protection needs Azure Rights Management (Microsoft 365 F1 has none), Defender for
// Office 365 P2 needs Exchange (F1 with the F5 add-ons has none).
var prerequisites = []prerequisite{
	{`
		3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40 MCOMEETADV`, `
		57ff2da0-773e-42df-b2af-ffb7a2317929 TEAMS1
		0feaeb32-d00e-4d66-bd5a-43b5b83db82c MCOSTANDARD`, "Microsoft's page on problems of group licensing, 2025"},
	{`
		f544b08d-1645-4287-82de-8d91f37c02a1 MCOMEETADV_GOV`, `
		304767db-7d23-49e8-a945-4a7eb65f9f28 TEAMS_GOV
		a31ef4a2-f787-435e-8335-e47eb0cafc94 MCOSTANDARD_GOV`, "an error of Graph's that was seen in January 2021"},
	{`
		fe71d6c3-a2ea-4499-9778-da042bf08063 SHAREPOINT_PROJECT`, `
		5dbe027f-2339-4123-9542-606e4d348a72 SHAREPOINTENTERPRISE`, "an error of Graph's that was seen"},
	{`
		f477b0f0-3bb1-4890-940c-40fcee6ce05f WORKPLACE_ANALYTICS`, `
		9aaf7827-d63c-4b61-89c3-182f06f82e5c EXCHANGE_S_STANDARD
		efb87545-963c-4e0d-99df-69c6916d9eb0 EXCHANGE_S_ENTERPRISE`, "Microsoft's page on problems of group licensing, 2025"},
	{`
		5bfe124c-bbdc-4494-8835-f1297d457d79 O365_SB_Relationship_Management`, `
		9aaf7827-d63c-4b61-89c3-182f06f82e5c EXCHANGE_S_STANDARD
		efb87545-963c-4e0d-99df-69c6916d9eb0 EXCHANGE_S_ENTERPRISE`, "Microsoft's KB 3209493"},
}

var planRules = slices.Concat(exclusiveRules(), prerequisiteRules())

func exclusiveRules() []PlanRule {
	var rules []PlanRule
	for _, group := range exclusivePlans {
		plans := listedPlans(group.plans)
		together := strings.Fields(group.together)
		for i, a := range plans {
			for _, b := range plans[i+1:] {
				if !slices.Contains(together, a.name) || !slices.Contains(together, b.name) {
					rules = append(rules, PlanRule{Plan: a.id, Others: []state.PlanID{b.id}, Exclusive: true, Source: cmp.Or(group.source, exclusivePage)})
				}
			}
		}
	}
	return rules
}

func prerequisiteRules() []PlanRule {
	var rules []PlanRule
	for _, p := range prerequisites {
		rule := PlanRule{Plan: listedPlans(p.plan)[0].id, Source: p.source}
		for _, need := range listedPlans(p.needs) {
			rule.Others = append(rule.Others, need.id)
		}
		rules = append(rules, rule)
	}
	return rules
}
