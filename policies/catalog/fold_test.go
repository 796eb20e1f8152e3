package catalog_test

import (
	"testing"

	"github.com/seatwright/seatwright/policies/catalog"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ sentence, in, want string }{
		{"nothing stays nothing", "", ""},
		{"white space is nothing", " \t\u00a0", ""},
		{"a folded name stays", "microsoft 365 e5", "microsoft 365 e5"},
		{"case goes", "SPE_E5", "spe_e5"},
		{"a no-break space is a blank", "O365_w/o\u00a0Teams\u00a0Bundle_M3", "o365_w/o teams bundle_m3"},
		{"TABs collapse", "Virtualization \tRights \tfor \tWindows", "virtualization rights for windows"},
		{"ends are trimmed", "RIGHTSMANAGEMENT_CE_GOV\t", "rightsmanagement_ce_gov"},
		{"a space inside stays", "DYN365_ ENTERPRISE _RELATIONSHIP_SALES", "dyn365_ enterprise _relationship_sales"},
		{"an en dash is a hyphen", "Privacy Management – risk", "privacy management - risk"},
		{"full width is usual width", "Ｅ５", "e5"},
		{"composed and decomposed are one", "Zu\u0308rich", "zürich"},
		{"sharp s folds", "Straße", "strasse"},
		{"the Greek iota subscript settles", "\u0345", "ι"},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			if got := catalog.Fold(test.in); got != test.want {
				t.Errorf("Fold(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}
