package catalog

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Family is a kind of user data or service that is lost with the last effective
// service plan that gives it.
type Family string

// The families.
const (
	Mailbox  Family = "mailbox"
	Archive  Family = "archive" // the online archive of a mailbox
	OneDrive Family = "onedrive"
	Phone    Family = "phone"
	CloudPC  Family = "cloudpc"
	Security Family = "security" // Entra ID P1 and P2, Intune, Defender, Purview
	Teams    Family = "teams"
	Office   Family = "office"
)

// Families are all families that a policy may name.
func Families() []Family {
	return []Family{Mailbox, Archive, OneDrive, Phone, CloudPC, Security, Teams, Office}
}

// Judged are the families whose loss the planner sees in this version.
func Judged() []Family { return []Family{Mailbox, OneDrive} }

// Tier is how much of a family a service plan gives. Level counts from 1, higher
// is more; the zero Tier is nothing of any family.
type Tier struct {
	Family Family
	Level  int
	Name   string
}

// TiersOf is what an effective service plan gives of the families judged; most
// plans give nothing. The slice is shared: do not change it.
func TiersOf(plan state.PlanID) []Tier { return tiersByPlan[plan] }

// grant is a tier and the plans that give it, ids before names.
type grant struct {
	tier  Tier
	plans string
}

// The plans are those of Microsoft's table that hold mailboxes or OneDrive files.
// EXCHANGE_S_FOUNDATION is none of them, though it is in nearly every SKU.
var tiersByPlan = indexTiers([]grant{
	// Limited mailboxes: a fall to one of them from Plan 1 must be seen.
	{Tier{Mailbox, 1, "deskless"}, `
		4a82b400-a79f-41a4-b4e2-e94f5787b113 EXCHANGE_S_DESKLESS
		88f4d7ef-a73b-4246-8047-516022144c9f EXCHANGE_S_DESKLESS_GOV
		1126bef5-da20-4f07-b45e-ad25d2581aa8 EXCHANGE_S_ESSENTIALS
		90927877-dcff-4af6-b346-2332c0b15bb7 EXCHANGE_B_STANDARD`},
	{Tier{Mailbox, 2, "standard"}, `
		9aaf7827-d63c-4b61-89c3-182f06f82e5c EXCHANGE_S_STANDARD
		e9b4930a-925f-45e2-ac2a-3f7788ca6fdd EXCHANGE_S_STANDARD_GOV
		fc52cc4b-ed7d-472d-bbe7-b081c23ecc56 EXCHANGE_S_STANDARD_MIDMARKET
		d42bdbd6-c335-4231-ab3d-c8f348d5aff5 EXCHANGE_L_STANDARD`},
	{Tier{Mailbox, 3, "enterprise"}, `
		efb87545-963c-4e0d-99df-69c6916d9eb0 EXCHANGE_S_ENTERPRISE
		8c3069c0-ccdb-44be-ab77-986203a67df2 EXCHANGE_S_ENTERPRISE_GOV`},
	// One tier: any of them keeps the files within reach ("Manage unlicensed
	// OneDrive user accounts"), though some give less room.
	{Tier{OneDrive, 1, "onedrive"}, `
		5dbe027f-2339-4123-9542-606e4d348a72 SHAREPOINTENTERPRISE
		63038b2c-28d0-45f6-bc36-33062963b498 SHAREPOINTENTERPRISE_EDU
		153f85dd-d912-4762-af6c-d6e0fb4f6692 SHAREPOINTENTERPRISE_GOV
		6b5b6a67-fc72-4a1f-a2b5-beecf05de761 SHAREPOINTENTERPRISE_MIDMARKET
		c7699d2e-19aa-44de-8edf-1736da088ca1 SHAREPOINTSTANDARD
		0a4983bb-d3e5-4a09-95d8-b2d0127b3df5 SHAREPOINTSTANDARD_EDU
		f9c43823-deb4-46a8-aa65-8b551f0c4f8a SharePoint_Plan_1G
		902b47e5-dcb2-4fdc-858b-c63a90a2bdb9 SHAREPOINTDESKLESS
		b1aeb897-3a19-46e2-8c27-a609413cf193 SHAREPOINTDESKLESS_GOV
		a1f3d0a8-84c0-4ae0-bae4-685917b8ab48 SHAREPOINTLITE
		a361d6e2-509e-4e25-a8ad-950060064ef4 SHAREPOINT_S_DEVELOPER
		afcafa6a-d966-4462-918c-ec0b4e0fe642 ONEDRIVEENTERPRISE
		13696edf-5a08-49f6-8134-03083ed8ba30 ONEDRIVESTANDARD
		da792a53-cbc0-4184-a10d-e544dd34b3c1 ONEDRIVE_BASIC
		98709c2e-96b5-4244-95f5-a0ebe139fb8a ONEDRIVE_BASIC_GOV
		4495894f-534f-41ca-9d3b-0ebf1220a423 ONEDRIVE_BASIC_P2
		b4ac11a0-32ff-4e78-982d-e039fa803dec ONEDRIVELITE_IW
		f7e5b77d-f293-410a-bae8-f941f19fe680 ONEDRIVECLIPCHAMP`},
})

func indexTiers(grants []grant) map[state.PlanID][]Tier {
	index := map[state.PlanID][]Tier{}
	for _, g := range grants {
		for plan := range slices.Chunk(strings.Fields(g.plans), 2) {
			id := state.MustParseID[state.ServicePlan](plan[0])
			index[id] = append(index[id], g.tier)
		}
	}
	return index
}

// Consequence is what follows a loss.
type Consequence struct {
	Days int    // until it is final, counted from the write; 0: no clock is known
	Then string // what happens after that, or at once where there is no clock
	Undo string // what undoes it, "" if nothing is known to
}

// ConsequenceOf says what follows when a user loses a family altogether, or (lost
// is false) only falls a tier of it. It is zero where Microsoft documents nothing.
func ConsequenceOf(f Family, lost bool) Consequence {
	if !lost {
		return falls[f]
	}
	return losses[f]
}

var losses = map[Family]Consequence{
	// Exchange Online: "Delete or restore user mailboxes in Exchange Online", KB 3158794.
	Mailbox: {30, "the mailbox, disconnected at once, is deleted for good unless a hold applies", "assign any Exchange plan within 30 days"},
	// Exchange Online: a disabled archive is kept 30 days; that taking the licence
	// disables it is not Microsoft's own statement (techcommunity thread 3409767).
	Archive: {30, "the online archive is deleted for good", "enable the archive again within 30 days"},
	// SharePoint: "Manage unlicensed OneDrive user accounts" (2024-10-10).
	OneDrive: {93, "the files are archived out of reach, later deleted (education, GCC and DoD: not archived)", "assign any OneDrive or SharePoint plan within 93 days"},
	// No figure of Microsoft's is known; numbers stay on the user until they are unassigned.
	Phone: {0, "calls stop, and the number stays on the unlicensed user", "assign the phone plan again"},
	// Windows 365 Enterprise: "Lifecycle", "End grace period".
	CloudPC: {7, "the Cloud PC and its storage are removed for good", "assign the same licence within 7 days"},
}

var falls = map[Family]Consequence{
	// Exchange Online: Plan 2 has 100 GB and an archive, Plan 1 50 GB, kiosk 2 GB.
	Mailbox: {0, "the mailbox keeps its mail but shrinks (Plan 2 100 GB, Plan 1 50 GB, kiosk 2 GB), and the online archive goes with Plan 2", "assign the former Exchange plan again, within 30 days for the archive"},
}
