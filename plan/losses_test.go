package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
)

func TestLossesOfUpgrades(t *testing.T) {
	t.Parallel()
	snapshot, names := soldTo(t)
	for _, ladder := range []string{
		"SPE_E3 > SPE_E5",
		"M365_F1 > SPE_F1 > SPE_E3",
		"M365_F1_COMM > SPE_F1 > SPE_E5",
		"DESKLESSPACK > STANDARDPACK > ENTERPRISEPACK > ENTERPRISEPREMIUM > SPE_E5",
		"ENTERPRISEPACK > SPE_E3",
		"O365_BUSINESS_ESSENTIALS > O365_BUSINESS_PREMIUM > SPB > SPE_E3",
		"M365EDU_A1 > M365EDU_A3_FACULTY > M365EDU_A5_FACULTY",
		"M365_G3_GOV > M365_G5_GCC",
		"EMS > EMSPREMIUM > SPE_E5",
		"AAD_PREMIUM > AAD_PREMIUM_P2",
		"ENTERPRISEPACK + EMS > SPE_E3",
		"ENTERPRISEPREMIUM + EMSPREMIUM > SPE_E5",
		"SPE_E3 + IDENTITY_THREAT_PROTECTION > SPE_E5",
		"SPE_E3 + INFORMATION_PROTECTION_COMPLIANCE > SPE_E5",
		"SPE_E3 + MCOEV + MCOMEETADV > SPE_E5",
		"SPE_F1 + SPE_F5_SEC > SPE_F1 + SPE_F5_SECCOMP > SPE_E5",
		"SPE_E5_NOPSTNCONF > SPE_E5",
		"O365_w/o Teams Bundle_M3 > O365_w/o Teams Bundle_M3 + Microsoft_Teams_EEA_New > SPE_E3",
		"SPE_E5 > O365_w/o_Teams_Bundle_M5 + Microsoft_Teams_Enterprise_New > SPE_E5",
		"EXCHANGESTANDARD > EXCHANGESTANDARD + EXCHANGEARCHIVE_ADDON > SPE_E3",
		"SPE_E3 + VISIOCLIENT + PROJECTPROFESSIONAL > SPE_E3",
		"SPB + MDE_SMB > SPE_E3",
	} {
		products := strings.Split(ladder, " > ")
		for i := 1; i < len(products); i++ {
			before, after := holding(t, products[i-1]), holding(t, products[i])
			if losses := plan.Losses(names, snapshot, before, after); len(losses) > 0 {
				t.Errorf("%s > %s loses %+v", products[i-1], products[i], losses)
			}
		}
	}
}

func TestLosses(t *testing.T) {
	t.Parallel()
	snapshot, names := soldTo(t)
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"E3 to F3 loses mailbox size and archive", "SPE_E3", "SPE_F1", []string{
			"mailbox: enterprise > deskless", "archive: enterprise > nothing, 30 days", "onedrive: standard > basic",
			"security: Defender for Endpoint P1 or Business > nothing", "security: Defender for Office 365 P1 > nothing", "office: desktop > web and mobile",
		}},
		{"F3 to F1 loses the mailbox", "SPE_F1", "M365_F1", []string{"mailbox: deskless > nothing, 30 days", "office: web and mobile > nothing"}},
		{"another F1 has a kiosk mailbox", "SPE_F1", "M365_F1_COMM", []string{"office: web and mobile > nothing"}},
		{"the suite goes from a user of Teams Enterprise, whose kiosk mailbox is no match", "O365_w/o_Teams_Bundle_M5 + Microsoft_Teams_Enterprise_New", "Microsoft_Teams_Enterprise_New", []string{
			"mailbox: enterprise > deskless", "archive: enterprise > nothing, 30 days", "onedrive: standard > basic",
			"phone: Teams Phone > nothing", "phone: audio conferencing > nothing",
			"security: Defender for Cloud Apps > nothing", "security: Defender for Endpoint P2 > nothing", "security: Defender for Identity > nothing",
			"security: Defender for Office 365 P2 > nothing", "security: Entra ID P2 > nothing", "security: Intune > nothing",
			"security: Purview Information Protection P2 > nothing", "security: Purview compliance > nothing", "office: desktop > web and mobile",
		}},
		{"Teams Enterprise goes from a user of a suite without Teams", "O365_w/o_Teams_Bundle_M5 + Microsoft_Teams_Enterprise_New", "O365_w/o_Teams_Bundle_M5", []string{"teams: Teams > nothing"}},
		{"Office 365 E3 to E1", "ENTERPRISEPACK", "STANDARDPACK", []string{
			"mailbox: enterprise > standard", "archive: enterprise > standard", "security: Defender for Office 365 P1 > nothing",
			"security: Purview Information Protection P1 > nothing", "office: desktop > web and mobile",
		}},
		{"an archive add-on goes from a mailbox of Plan 1", "EXCHANGESTANDARD + EXCHANGEARCHIVE_ADDON", "EXCHANGESTANDARD", []string{"archive: enterprise > standard"}},
		{"E3 to Business Premium keeps the archive", "SPE_E3", "SPB", []string{"mailbox: enterprise > standard"}},
		{"Entra ID P2 falls to P1", "AAD_PREMIUM_P2 + EMS", "EMS", []string{"security: Entra ID P2 > Entra ID P1"}},
		{"Entra ID P2 goes and P1 stays by another SKU", "SPE_E3 + AAD_PREMIUM_P2", "SPE_E3", []string{"security: Entra ID P2 > Entra ID P1"}},
		{"E5 without audio conferencing", "SPE_E5", "SPE_E5_NOPSTNCONF", []string{"phone: audio conferencing > nothing"}},
		{"a Cloud PC of another size is another Cloud PC", "CPC_E_2C_8GB_256GB", "CPC_E_4C_16GB_256GB", []string{"cloudpc: CPC_E_2C_8GB_256GB > nothing, 7 days"}},
		{"Visio was the only OneDrive", "VISIOCLIENT + EXCHANGESTANDARD", "EXCHANGESTANDARD", []string{"onedrive: basic > nothing, 93 days"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := []string{}
			for _, loss := range plan.Losses(names, snapshot, holding(t, c.before), holding(t, c.after)) {
				got = append(got, lossLine(loss))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("losses (-want +got):\n%s", diff)
			}
		})
	}
}

// lossLine returns a loss in one line. The test fails if the loss has no undo text.
func lossLine(loss plan.Loss) string {
	line := fmt.Sprintf("%s: %s > %s", loss.Family, loss.From, loss.To)
	if loss.To == "" {
		line += "nothing"
	}
	if loss.Days > 0 {
		line += fmt.Sprintf(", %d days", loss.Days)
	}
	if loss.Undo == "" || len(loss.Plans) == 0 {
		line += ", without a word on what undoes it or which plans go"
	}
	return line
}
