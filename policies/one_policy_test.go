package policies_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/policies"
)

// manager returns a tenant that may have anything taken.
func manager() policies.Tenant {
	settings := tenant()
	settings.Manage.Mode = policies.ManageAll
	return settings
}

func TestParsePolicyWritesYAML(t *testing.T) {
	t.Parallel()
	fsys := files("data/joiners.csv", "UserPrincipalName,UsageLocation\nanna@contoso.com,CH\n")
	for name, test := range map[string]struct {
		words policies.PolicyWords
		want  string
	}{
		"a swap by CSV": {policies.PolicyWords{CSV: []string{"data/joiners.csv"}, Replace: []string{"SPE_E3=SPE_E5, Power BI Pro = POWER_BI_PREMIUM_PER_USER"}}, `    users:
      csv: data/joiners.csv
    replace: {SPE_E3: SPE_E5, Power BI Pro: POWER_BI_PREMIUM_PER_USER}
`},
		"locations by the CSV": {policies.PolicyWords{CSV: []string{"data/joiners.csv"}}, `    users:
      csv: data/joiners.csv
`},
		"exactly this set, for an OU": {policies.PolicyWords{
			OU: []string{"OU=Staff,DC=contoso,DC=com"}, Licenses: []string{"SPE_E5", "VISIOCLIENT"}, Others: []string{"remove"}, Include: []string{"disabled,external"},
		}, `    users:
      ou: OU=Staff,DC=contoso,DC=com
    include: [disabled, external]
    licenses: [SPE_E5, VISIOCLIENT]
    others: remove
`},
		"everything taken from two people": {policies.PolicyWords{UPNs: []string{"a@contoso.com,b@contoso.com"}, Absent: []string{"all"}}, `    users:
      upns: [a@contoso.com, b@contoso.com]
    absent: all
`},
		"filters alone, plans and a country that is a word of YAML": {policies.PolicyWords{
			Domain: []string{"corp.contoso.com"}, Search: []string{"007"}, PlansOff: []string{"SWAY", "YAMMER_ENTERPRISE"}, UsageLocation: []string{"NO"},
		}, `    users:
      domain: corp.contoso.com
      search: "007"
    plans_off: [SWAY, YAMMER_ENTERPRISE]
    usage_location: NO
`},
		"several OUs, many people a line each": {policies.PolicyWords{
			OU: []string{"OU=A,DC=contoso,DC=com", "OU=B,DC=contoso,DC=com"}, Absent: []string{"A,B,C,D", "E,F,G"},
		}, `    users:
      ou: ['OU=A,DC=contoso,DC=com', 'OU=B,DC=contoso,DC=com']
    absent:
      - A
      - B
      - C
      - D
      - E
      - F
      - G
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, text, warnings, err := policies.ParsePolicy(fsys, manager(), test.words)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("problems: %s", report(warnings, err))
			}
			if diff := cmp.Diff("policies:\n  - name: command-line\n"+test.want, text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if p := set.Policies[0]; len(set.Policies) != 1 || p.Name != "command-line" || p.Pos.String() != "command line:2:11" {
				t.Errorf("got policy %+v", p)
			}
			if set.Tenant.Name != "contoso" || set.Inputs[0].Path != "command line" || set.Digest == "" {
				t.Errorf("got set %+v", set)
			}
		})
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	t.Parallel()
	anna := []string{"anna@contoso.com"}
	for name, test := range map[string]struct {
		words policies.PolicyWords
		want  string
	}{
		"no users":               {policies.PolicyWords{Licenses: []string{"SPE_E5"}}, `command line: no users are selected: give --csv, --ou, --upns, --domain or --search [selector]`},
		"nothing to do":          {policies.PolicyWords{UPNs: anna}, `command line:2:11: policy "command-line" does nothing; write licenses, replace, absent, others, plans_off or usage_location [required]`},
		"two sources":            {policies.PolicyWords{UPNs: anna, CSV: []string{"a.csv"}, Absent: []string{"all"}}, `command line: give one of --csv, --ou and --upns; run it once for each, or write a policy file [selector]`},
		"two values":             {policies.PolicyWords{UPNs: anna, UsageLocation: []string{"CH", "DE"}}, `command line: give --usage-location once [value]`},
		"an unset variable":      {policies.PolicyWords{CSV: []string{""}, Domain: []string{"corp.contoso.com"}, Absent: []string{"all"}}, `command line:4:12: the text is empty; write a value or remove the line [value]`},
		"an unset variable more": {policies.PolicyWords{UPNs: anna, Licenses: []string{"SPE_E5,"}}, `command line:5:24: the text is empty; write a value or remove the line [value]`},
		"no arrow":               {policies.PolicyWords{UPNs: anna, Replace: []string{"SPE_E3"}}, `command line: --replace "SPE_E3" has no =; write the SKU to remove and the SKU to add, such as --replace SPE_E3=SPE_E5 [value]`},
		"one SKU replaced twice": {policies.PolicyWords{UPNs: anna, Replace: []string{"SPE_E3=SPE_E5", "SPE_E3=SPE_F1"}}, `command line:5:31: the key "SPE_E3" is repeated; it is first in line 5 column 15 [duplicate-key]`},
		"a control character":    {policies.PolicyWords{UPNs: anna, Licenses: []string{"SPE\x1b[2J"}}, `command line:5:16: the invisible character U+001B is not allowed [encoding]`},
		"no text":                {policies.PolicyWords{UPNs: anna, Licenses: []string{"\xff"}}, `command line: the flags cannot be written as YAML: yaml: cannot marshal invalid UTF-8 data as !!str [encoding]`},
		"all beside a SKU":       {policies.PolicyWords{UPNs: anna, Absent: []string{"all,SPE_E5"}}, `command line:5:14: "all" is not a SKU; write absent: all, without brackets [value]`},
		"a missing file":         {policies.PolicyWords{CSV: []string{"a.csv"}, Absent: []string{"all"}}, `command line:4:12: "a.csv" does not exist [file]`},
		"a file that is outside": {policies.PolicyWords{CSV: []string{"/etc/passwd"}, Absent: []string{"all"}}, `command line:4:12: "/etc/passwd" is an absolute path; write it relative to seatwright.yaml [path]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, warnings, err := policies.ParsePolicy(files(), manager(), test.words)
			if diff := cmp.Diff(test.want+"\n", report(warnings, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePolicyRefusesUnmanagedSKUs(t *testing.T) {
	t.Parallel()
	_, text, _, err := policies.ParsePolicy(files(), tenant(), policies.PolicyWords{UPNs: []string{"a@contoso.com"}, Absent: []string{"all"}})
	if got := report(nil, err); !strings.Contains(got, "[manage]") || text == "" {
		t.Errorf("got %q, text %q", got, text)
	}
}

func TestPolicyWordsNone(t *testing.T) {
	t.Parallel()
	if words := (policies.PolicyWords{}); !words.None() {
		t.Error("no word is none")
	}
	kind := reflect.TypeFor[policies.PolicyWords]()
	for i := range kind.NumField() {
		words := policies.PolicyWords{}
		reflect.ValueOf(&words).Elem().Field(i).Set(reflect.ValueOf([]string{""}))
		if words.None() {
			t.Errorf("%s is overlooked", kind.Field(i).Name)
		}
	}
}

// TestParsePolicyTextLoadsAsTheSamePolicy tries any words that are accepted.
func TestParsePolicyTextLoadsAsTheSamePolicy(t *testing.T) {
	t.Parallel()
	const csv = "UserPrincipalName,UsageLocation\nanna@contoso.com,CH\n"
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"SPE_E3", "SPE_E5", "Power BI Pro", "null", "true", "~", "123", "NO", "a: b", "- a", "#", "'", "\"", "[x]", "{", "&a", "*a", "!t", "|", "%", "@", "`", "?", "<<"}),
		rapid.String(), rapid.StringMatching(`[ -~]{1,40}`))
	some := func(rt *rapid.T, name string, of *rapid.Generator[string]) []string {
		return rapid.SliceOfN(of, 0, 3).Draw(rt, name)
	}
	optional := func(rt *rapid.T, name string, of *rapid.Generator[string]) []string {
		return rapid.SliceOfN(of, 0, 1).Draw(rt, name)
	}
	taken := 0
	rapid.Check(t, func(rt *rapid.T) {
		words := policies.PolicyWords{
			Search: optional(rt, "search", word), Domain: optional(rt, "domain", rapid.Just("corp.contoso.com")),
			Licenses: some(rt, "licenses", word), Absent: some(rt, "absent", word), PlansOff: some(rt, "plans", word),
			Replace: some(rt, "replace", rapid.Custom(func(rt *rapid.T) string { return word.Draw(rt, "from") + "=" + word.Draw(rt, "to") })),
			Others:  optional(rt, "others", rapid.SampledFrom([]string{"keep", "remove"})), UsageLocation: optional(rt, "location", rapid.SampledFrom([]string{"NO", "CH"})),
			Include: optional(rt, "include", rapid.SampledFrom([]string{"disabled", "external", "disabled,external"})),
		}
		switch rapid.IntRange(0, 3).Draw(rt, "source") {
		case 0:
			words.CSV = []string{"a.csv"}
		case 1:
			words.UPNs = []string{"anna@contoso.com", "o'neil+x@contoso.com"}
		case 2:
			words.OU = some(rt, "ou", rapid.SampledFrom([]string{`OU=Sales\, EMEA,DC=contoso,DC=com`, `OU=#1,DC=contoso,DC=com`}))
		}
		set, text, _, err := policies.ParsePolicy(files("a.csv", csv), manager(), words)
		if err != nil {
			return
		}
		taken++
		again, _, err := policies.Load(files("a.csv", csv, "policies/a.yaml", text), manager())
		if err != nil {
			rt.Fatalf("the text is refused:\n%s\n%s", text, report(nil, err))
		}
		if diff := cmp.Diff(set.Policies, again.Policies, ignorePlaces); diff != "" {
			rt.Errorf("the text has another meaning:\n%s\n%s", text, diff)
		}
	})
	if taken == 0 {
		t.Error("no words were taken")
	}
}
