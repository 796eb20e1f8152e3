package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
)

// iso3166 are the codes of ISO 3166-1 alpha-2.
const iso3166 = `
	AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
	CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
	GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
	KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
	MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
	SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
	UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`

func TestCountryTakesTheCodesOfISO3166AndKosovo(t *testing.T) {
	t.Parallel()
	want := append(strings.Fields(iso3166), "XK")
	wanted := map[string]bool{}
	for _, code := range want {
		wanted[code] = true
	}
	if len(wanted) != 250 {
		t.Fatalf("the list has %d codes, want 250", len(wanted))
	}
	got := map[string]bool{}
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string(first) + string(second)
			if _, ok := catalog.Country(code); ok {
				got[code] = true
			}
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestCountryHints(t *testing.T) {
	t.Parallel()
	const general = "write two upper-case letters of ISO 3166-1, such as CH"
	for _, test := range []struct {
		code, hint string
		ok         bool
	}{
		{"CH", "", true},
		{"NO", "", true},
		{"XK", "XK (Kosovo) is not in ISO 3166-1", true},
		{"xk", "write XK", false},
		{"ch", "write CH", false},
		{" CH", "write CH", false},
		{"UK", "write GB", false},
		{"uk", "write GB", false},
		{"EL", "write GR", false},
		{"AN", "AN, the Netherlands Antilles, was withdrawn: write CW, SX or BQ", false},
		{"CS", "CS, Serbia and Montenegro, was withdrawn: write RS or ME", false},
		{"YU", "YU, Yugoslavia, was withdrawn: write the code of the country of today", false},
		{"SU", "SU, the Soviet Union, was withdrawn: write the code of the country of today", false},
		{"ZR", "write CD", false},
		{"DEU", "write DE", false},
		{"United Kingdom", "write GB", false},
		{"great britain", "write GB", false},
		{"Bosnia and Herzegovina", "write BA", false},
		{"Côte d'Ivoire", "write CI", false},
		{"U.S.A.", "write US", false},
		{"", general, false},
		{"756", "write CH", false},
		{"EU", general, false},
		{"Atlantis", general, false},
	} {
		hint, ok := catalog.Country(test.code)
		if hint != test.hint || ok != test.ok {
			t.Errorf("Country(%q) = %q, %t, want %q, %t", test.code, hint, ok, test.hint, test.ok)
		}
	}
}
