package policies_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
)

func TestLoadWarnsAboutPoliciesThatEnd(t *testing.T) {
	t.Parallel()
	const (
		trial = "policies:\n- {name: trial, until: 2027-01-01, users: {all: true}, licenses: [SPE_E5, VISIOCLIENT]}\n"
		both  = `warning: policies/a.yaml:2:10: policy "trial" ends on 2027-01-01, and its users keep SPE_E5, VISIOCLIENT; ` +
			"to remove it then, add a policy with from: 2027-01-01 and absent: [SPE_E5, VISIOCLIENT] [window]\n"
		visio = `warning: policies/a.yaml:2:10: policy "trial" ends on 2027-01-01, and its users keep VISIOCLIENT; ` +
			"to remove it then, add a policy with from: 2027-01-01 and absent: [VISIOCLIENT] [window]\n"
	)
	for name, test := range map[string]struct{ text, want string }{
		"nothing takes it":                      {trial, both},
		"a policy takes one, by another name":   {trial + "- {name: end, from: 2027-01-15, users: {all: true}, absent: [Microsoft 365 E5]}\n", visio},
		"a policy takes all":                    {trial + "- {name: end, from: 2027-01-01, users: {all: true}, absent: all}\n", ""},
		"a policy that always takes the others": {trial + "- {name: base, users: {all: true}, licenses: [SPE_E3], others: remove}\n", ""},
		"a replacement takes one":               {trial + "- {name: end, from: 2027-01-01, users: {all: true}, replace: {SPE_E5: SPE_E3}}\n", visio},
		"another of one set takes one":          {trial + "- {name: end, from: 2027-01-01, users: {all: true}, licenses: [SPE_F1]}\n", visio},
		"one that only reports takes nothing":   {trial + "- {name: end, mode: report, from: 2027-01-01, users: {all: true}, absent: all}\n", both},
		"one that ends with it takes nothing":   {trial + "- {name: end, until: 2027-01-01, users: {all: true}, absent: all}\n", both},
		"what only reports gives nothing":       {"policies: [{name: a, mode: report, until: 2027-01-01, users: {all: true}, licenses: [SPE_E5]}]", ""},
		"what takes has nothing to leave":       {"policies: [{name: a, until: 2027-01-01, users: {all: true}, absent: [SPE_E5]}]", ""},
		"leftovers who are given something":     {"policies: [{name: a, users: {unmatched: true}, licenses: [SPE_F1]}]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := manager()
			settings.OneOf = []policies.OneOf{{Name: "base", SKUs: []policies.SKURef{{Name: "Microsoft 365 E5"}, {Name: "SPE_F1"}}}}
			_, warnings, err := policies.Load(files("policies/a.yaml", test.text), settings)
			if diff := cmp.Diff(test.want, report(warnings, err)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
