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
	for plan, want := range map[string][]catalog.Tier{
		"EXCHANGE_S_DESKLESS":           {{Family: catalog.Mailbox, Level: 1, Name: "deskless"}},
		"EXCHANGE_S_DESKLESS_GOV":       {{Family: catalog.Mailbox, Level: 1, Name: "deskless"}},
		"EXCHANGE_S_STANDARD":           {{Family: catalog.Mailbox, Level: 2, Name: "standard"}},
		"EXCHANGE_S_STANDARD_MIDMARKET": {{Family: catalog.Mailbox, Level: 2, Name: "standard"}},
		"EXCHANGE_S_ENTERPRISE":         {{Family: catalog.Mailbox, Level: 3, Name: "enterprise"}},
		"EXCHANGE_S_ENTERPRISE_GOV":     {{Family: catalog.Mailbox, Level: 3, Name: "enterprise"}},
		"SHAREPOINTENTERPRISE":          {{Family: catalog.OneDrive, Level: 1, Name: "onedrive"}},
		"SHAREPOINTSTANDARD_EDU":        {{Family: catalog.OneDrive, Level: 1, Name: "onedrive"}},
		"SharePoint Plan 1G":            {{Family: catalog.OneDrive, Level: 1, Name: "onedrive"}},
		"ONEDRIVE_BASIC":                {{Family: catalog.OneDrive, Level: 1, Name: "onedrive"}},
		"EXCHANGE_S_FOUNDATION":         nil,
		"EXCHANGE_S_ARCHIVE_ADDON":      nil,
		"SHAREPOINTWAC":                 nil,
		"TEAMS1":                        nil,
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
	for _, family := range catalog.Judged() {
		if !slices.Contains(catalog.Families(), family) {
			t.Errorf("%s is judged and no family", family)
		}
		if c := catalog.ConsequenceOf(family, true); c.Days == 0 || c.Then == "" || c.Undo == "" {
			t.Errorf("the loss of %s has no clock, or does not say what follows: %+v", family, c)
		}
	}
	for _, test := range []struct {
		family catalog.Family
		lost   bool
		days   int
		undo   string
	}{
		{catalog.Mailbox, true, 30, "assign any Exchange plan within 30 days"},
		{catalog.Mailbox, false, 0, "assign the former Exchange plan again, within 30 days for the archive"},
		{catalog.OneDrive, true, 93, "assign any OneDrive or SharePoint plan within 93 days"},
		{catalog.CloudPC, true, 7, "assign the same licence within 7 days"},
		{catalog.Office, true, 0, ""},
	} {
		if c := catalog.ConsequenceOf(test.family, test.lost); c.Days != test.days || c.Undo != test.undo {
			t.Errorf("ConsequenceOf(%s, %t) = %+v, want %d days, undo %q", test.family, test.lost, c, test.days, test.undo)
		}
	}
}
