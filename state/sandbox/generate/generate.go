package generate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// Options select the tenant to generate. The same options make the same file.
type Options struct {
	Preset string // one of [Presets]
	Users  int    // members and guests, special cases not counted; 0: as many as the preset has
	Seed   uint64
}

// MaxUsers is the most users that a generated tenant may have.
const MaxUsers = 1_000_000

// preset is the shape of a tenant. The comments name what the percentages are of.
type preset struct {
	members, guests int
	base            []weighted // the SKU that a licensed member has first; a SKU may be listed several times
	extra           []weighted // further SKUs of a licensed member
	idle            []string   // bought, and not used
	free            []string
	licenses        [4]int // % of licensed members with 1, 2, 3, 4 licenses
	unlicensed      int    // % of members: shared mailboxes, services, rooms
	byGroup, both   int    // % of licenses that come by a group alone; by a group and directly
	groups          int    // that give licenses
	plansOff        int    // % of assignments with service plans off
	fewest, most    int    // plans that are then off
	inError         int    // % of the licenses by groups, in tenths
	noLocation      int    // % of members
	disabled        int    // % of licensed members whose account is disabled
	synced          int    // % of members who are mastered in Active Directory
}

// weighted is a SKU and how often it is chosen, beside the others.
type weighted struct {
	part   string
	weight int
}

// presets follow seven public subscription listings if these have figures. The rest is
// assumed, because there are no published figures of how licenses are spread over users.
var presets = map[string]preset{
	"tiny": {
		members: 12, guests: 2,
		base: []weighted{{"SPB", 1}}, extra: []weighted{{"FLOW_FREE", 2}, {"POWER_BI_PRO", 1}},
		free:     []string{"FLOW_FREE", "POWER_BI_STANDARD", "POWERAPPS_VIRAL"},
		licenses: [4]int{80, 15, 5, 0}, unlicensed: 15, noLocation: 10, disabled: 5,
	},
	"small": {
		members: 90, guests: 20,
		base:     []weighted{{"SPB", 70}, {"O365_BUSINESS_ESSENTIALS", 30}},
		extra:    []weighted{{"POWER_BI_PRO", 30}, {"FLOW_FREE", 40}, {"VISIOCLIENT", 10}, {"Microsoft_Teams_Premium", 10}, {"POWER_BI_STANDARD", 20}},
		idle:     []string{"EXCHANGEENTERPRISE"},
		free:     []string{"FLOW_FREE", "POWER_BI_STANDARD", "POWERAPPS_VIRAL", "STREAM", "FORMS_PRO", "RIGHTSMANAGEMENT_ADHOC"},
		licenses: [4]int{65, 25, 8, 2}, unlicensed: 20, byGroup: 20, both: 10, groups: 2,
		plansOff: 5, fewest: 1, most: 3, noLocation: 5, disabled: 5,
	},
	"mid": {
		members: 2_500, guests: 900,
		base: []weighted{{"SPE_E3", 50}, {"SPE_E5", 30}, {"SPE_F1", 20}},
		extra: []weighted{{"POWER_BI_PRO", 25}, {"VISIOCLIENT", 12}, {"PROJECTPROFESSIONAL", 8}, {"MCOEV", 10}, {"MCOMEETADV", 6},
			{"Microsoft_365_Copilot", 12}, {"FLOW_FREE", 20}, {"POWERAPPS_VIRAL", 7}},
		idle:     []string{"PROJECT_P1", "AAD_PREMIUM_P2"},
		free:     []string{"FLOW_FREE", "POWER_BI_STANDARD", "POWERAPPS_VIRAL", "STREAM", "FORMS_PRO", "MCOPSTNC", "TEAMS_COMMERCIAL_TRIAL"},
		licenses: [4]int{45, 30, 15, 10}, unlicensed: 25, byGroup: 70, both: 10, groups: 12,
		plansOff: 15, fewest: 1, most: 5, inError: 5, noLocation: 2, disabled: 3, synced: 80,
	},
	"large": {
		members: 40_000, guests: 15_000,
		base: []weighted{{"SPE_E5", 45}, {"SPE_E3", 30}, {"SPE_F1", 20}, {"EXCHANGESTANDARD", 5}},
		extra: []weighted{{"POWER_BI_PRO", 20}, {"VISIOCLIENT", 10}, {"PROJECTPROFESSIONAL", 7}, {"PROJECTPREMIUM", 2}, {"MCOEV", 10}, {"MCOMEETADV", 6},
			{"Microsoft_365_Copilot", 15}, {"Microsoft_Teams_Premium", 8}, {"EMSPREMIUM", 6}, {"WIN_DEF_ATP", 4}, {"POWERAPPS_PER_USER", 3},
			{"DYN365_ENTERPRISE_SALES", 4}, {"PHONESYSTEM_VIRTUALUSER", 1}, {"FLOW_FREE", 20}, {"POWER_BI_STANDARD", 10}, {"POWERAPPS_VIRAL", 5}},
		idle: []string{"PROJECT_P1", "AAD_PREMIUM_P2", "PBI_PREMIUM_PER_USER", "FLOW_PER_USER", "THREAT_INTELLIGENCE", "MEETING_ROOM"},
		free: []string{"FLOW_FREE", "POWER_BI_STANDARD", "POWERAPPS_VIRAL", "STREAM", "FORMS_PRO", "MCOPSTNC", "POWERAPPS_DEV",
			"CCIBOTS_PRIVPREV_VIRAL", "RIGHTSMANAGEMENT_ADHOC", "SPZA_IW"},
		licenses: [4]int{40, 30, 18, 12}, unlicensed: 25, byGroup: 85, both: 5, groups: 60,
		plansOff: 25, fewest: 2, most: 10, inError: 5, noLocation: 1, disabled: 2, synced: 90,
	},
	"edu": {
		members: 30_000, guests: 2_000,
		base: []weighted{{"M365EDU_A3_STUUSEBNFT", 60}, {"M365EDU_A5_STUUSEBNFT", 20}, {"M365EDU_A3_FACULTY", 14}, {"M365EDU_A5_FACULTY", 6}},
		extra: []weighted{{"STANDARDWOFFPACK_STUDENT", 40}, {"STANDARDWOFFPACK_FACULTY", 10}, {"POWER_BI_PRO", 10}, {"VISIOCLIENT", 4},
			{"FLOW_FREE", 20}, {"POWER_BI_STANDARD", 10}},
		free: []string{"FLOW_FREE", "POWER_BI_STANDARD", "POWERAPPS_VIRAL", "STREAM", "FORMS_PRO", "MCOPSTNC", "POWERAPPS_DEV", "CCIBOTS_PRIVPREV_VIRAL",
			"RIGHTSMANAGEMENT_ADHOC", "SPZA_IW", "DYN365_ENTERPRISE_P1_IW", "PROJECT_MADEIRA_PREVIEW_IW_SKU", "TEAMS_EXPLORATORY",
			"STANDARDWOFFPACK_STUDENT", "STANDARDWOFFPACK_FACULTY", "STANDARDWOFFPACK_IW_STUDENT", "STANDARDWOFFPACK_IW_FACULTY", "OFFICESUBSCRIPTION_STUDENT"},
		licenses: [4]int{75, 18, 5, 2}, unlicensed: 10, byGroup: 90, both: 5, groups: 10,
		plansOff: 30, fewest: 5, most: 12, inError: 10, noLocation: 0, disabled: 6, synced: 95,
	},
}

// Presets returns the names of the shapes in which tenants can be generated.
func Presets() []string {
	return slices.SortedFunc(maps.Keys(presets), func(a, b string) int {
		return presets[a].members + presets[a].guests - presets[b].members - presets[b].guests
	})
}

// Write writes the tenant file of a generated tenant, JSON with one object a line: users in
// the shape of the preset, and every special case of cases.go. It keeps only a few bytes of
// each user at a time.
func Write(w io.Writer, o Options) error {
	p, known := presets[o.Preset]
	switch {
	case !known:
		return fmt.Errorf("generate tenant: there is no preset %s, only %s", strict.Quoted(o.Preset), strings.Join(Presets(), ", "))
	case o.Users < 0 || o.Users > MaxUsers:
		return fmt.Errorf("generate tenant: %d users, want 1 to %d", o.Users, MaxUsers)
	}
	if o.Users > 0 {
		guests := o.Users * p.guests / (p.members + p.guests)
		p.members, p.guests = o.Users-guests, guests
	}
	return newGenerator(p, o.Seed).write(w)
}
