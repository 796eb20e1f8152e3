package catalog_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

func TestTiersOf(t *testing.T) {
	t.Parallel()
	offline := catalog.Builtin()
	mailbox := func(level int, name string) catalog.Tier {
		return catalog.Tier{Family: catalog.Mailbox, Service: "mailbox", Level: level, Name: name}
	}
	archive := func(level int, name string) catalog.Tier {
		return catalog.Tier{Family: catalog.Archive, Service: "archive", Level: level, Name: name}
	}
	onedrive := func(level int, name string) catalog.Tier {
		return catalog.Tier{Family: catalog.OneDrive, Service: "onedrive", Level: level, Name: name}
	}
	for plan, want := range map[string][]catalog.Tier{
		"EXCHANGE_S_DESKLESS":           {mailbox(1, "deskless")},
		"EXCHANGE_S_DESKLESS_GOV":       {mailbox(1, "deskless")},
		"EXCHANGE_S_STANDARD":           {mailbox(2, "standard"), archive(1, "standard")},
		"EXCHANGE_S_STANDARD_MIDMARKET": {mailbox(2, "standard")},
		"EXCHANGE_S_ENTERPRISE":         {mailbox(3, "enterprise"), archive(2, "enterprise")},
		"EXCHANGE_S_ENTERPRISE_GOV":     {mailbox(3, "enterprise"), archive(2, "enterprise")},
		"EXCHANGE_S_ARCHIVE_ADDON":      {archive(2, "enterprise")},
		"SHAREPOINTDESKLESS":            {onedrive(1, "basic")},
		"ONEDRIVE_BASIC":                {onedrive(1, "basic")},
		"SHAREPOINTENTERPRISE":          {onedrive(2, "standard")},
		"SHAREPOINTSTANDARD_EDU":        {onedrive(2, "standard")},
		"SharePoint Plan 1G":            {onedrive(2, "standard")},
		"MCOEV":                         {{Family: catalog.Phone, Service: "Teams Phone", Level: 1, Name: "Teams Phone"}},
		"AAD_PREMIUM_P2":                {{Family: catalog.Security, Service: "Entra ID", Level: 2, Name: "Entra ID P2"}},
		"TEAMS1":                        {{Family: catalog.Teams, Service: "Teams", Level: 2, Name: "Teams"}},
		"OFFICESUBSCRIPTION":            {{Family: catalog.Office, Service: "Office", Level: 2, Name: "desktop"}},
		"EXCHANGE_S_FOUNDATION":         nil,
		"INTUNE_O365":                   nil,
		"MCOSTANDARD":                   nil,
	} {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			id, err := offline.Plan(state.SKUID{}, plan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, catalog.TiersOf(id)); diff != "" {
				t.Errorf("TiersOf(%s) (-want +got):\n%s", plan, diff)
			}
		})
	}
}

func TestConsequenceOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		family catalog.Family
		tier   string
		lost   bool
		days   int
		undo   string
	}{
		{catalog.Mailbox, "standard", true, 30, "assign any Exchange plan within 30 days"},
		{catalog.Mailbox, "enterprise", false, 0, "assign the former Exchange plan again"},
		{catalog.Archive, "enterprise", true, 30, "enable the archive again within 30 days"},
		{catalog.OneDrive, "basic", true, 93, "assign any OneDrive or SharePoint plan within 93 days"},
		{catalog.CloudPC, "CPC_E_2C_4GB_64GB", true, 7, "assign the same license within 7 days"},
		{catalog.CloudPC, "CPC_S_2C_4GB_64GB", true, 0, "assign the same license again"},
		{catalog.Security, "Intune", true, 0, "assign a plan that has it again"},
		{catalog.Office, "standard", true, 0, ""}, // a tier of another family
	} {
		if c := catalog.ConsequenceOf(test.family, test.tier, test.lost); c.Days != test.days || c.Undo != test.undo {
			t.Errorf("ConsequenceOf(%s, %s, %t) = %+v, want %d days, undo %q", test.family, test.tier, test.lost, c, test.days, test.undo)
		}
	}
}

func TestServicesListsEveryFamily(t *testing.T) {
	t.Parallel()
	var families []catalog.Family
	for _, s := range catalog.Services() {
		if !slices.Contains(families, s.Family) {
			families = append(families, s.Family)
		}
		if s.Name == "" || len(s.Tiers) == 0 || s.Lost.Then == "" {
			t.Errorf("a service of %s is incomplete: %+v", s.Family, s)
		}
		for _, tier := range s.Tiers {
			if got := catalog.ConsequenceOf(s.Family, tier, true); got != s.Lost {
				t.Errorf("%s, %s: got %v, want %v", s.Family, tier, s.Lost, got)
			}
		}
	}
	slices.Sort(families)
	want := slices.Sorted(slices.Values(catalog.Families()))
	if !slices.Equal(families, want) {
		t.Errorf("got families %v, want %v", families, want)
	}
}
