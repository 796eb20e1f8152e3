package policies_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

func TestLoadSettingsReadsEveryKey(t *testing.T) {
	t.Parallel()
	got, err := policies.LoadSettings(files("seatwright.yaml", read(t, "testdata/ok/settings-full.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	pattern := []policies.Pattern{{Glob: "policies/*.yaml"}}
	want := []policies.Tenant{
		{
			Name: "contoso", ID: "contoso.onmicrosoft.com", Cloud: state.CloudUSGov,
			Read:     policies.Credential{Kind: state.CredentialEnvironment},
			Write:    policies.Credential{Kind: state.CredentialClientCertificate, ClientID: guid, CertificateFile: "/etc/seatwright/app.pem"},
			Policies: pattern,
			Manage:   policies.Manage{Mode: policies.ManageList, SKUs: []policies.SKURef{{Name: "SPE_E5"}, {Name: "SPE_E3"}, {Name: "Power BI Pro"}}},
			Protect: []policies.Selector{
				{Kind: policies.KindUPNs, Rows: []policies.Row{{Number: 1, UPN: "breakglass@contoso.com"}}},
				{Kind: policies.KindOU, OUs: []policies.OU{{DN: dn("OU=Service Accounts,DC=contoso,DC=com"), Subtree: true}}},
			},
			Reserve: []policies.Reserve{{SKU: policies.SKURef{Name: "SPE_E5"}, Seats: 25}},
			Guards: policies.GuardLimits{
				guard.Removals:     {guard.KeyUsers: 50, guard.KeyPercent: 5},
				guard.Replacements: {guard.KeyUsers: 0},
				guard.Losses:       {guard.KeyUsers: 1},
				guard.Locations:    {guard.KeyUsers: 5},
				guard.Source:       {guard.KeyUsers: 20, guard.KeyPercent: 30},
			},
			OneOf: []policies.OneOf{
				{Name: "base", SKUs: []policies.SKURef{{Name: "SPE_E5"}, {Name: "Microsoft 365 E3"}}},
				{Name: "visio", SKUs: []policies.SKURef{{Name: "VISIOCLIENT"}, {Name: "VISIOONLINE_PLAN1"}}},
			},
			Directories: []policies.Directory{
				{
					Name: "corp", URLs: []string{"ldaps://dc1.corp.contoso.com", "ldaps://[::1]:6360/"}, CAFile: "corp-ca.pem",
					UserEnv: "SEATWRIGHT_AD_USER", PasswordEnv: "SEATWRIGHT_AD_PASSWORD", Anchors: []string{"ms-DS-ConsistencyGuid", "objectGUID"},
				},
				{
					Name: "emea", URLs: []string{"ldap://dc1.emea.contoso.com"}, StartTLS: true,
					UserEnv: "SEATWRIGHT_EMEA_USER", PasswordEnv: "SEATWRIGHT_EMEA_PASSWORD", Anchors: []string{"ms-DS-ConsistencyGuid", "objectGUID"},
				},
			},
			Records: policies.Records{Account: "contosostate", Container: "seatwright"},
			Prices:  "data/prices.yaml", Among: []string{"contoso", "lab"},
		},
		{
			Name: "lab", Sandbox: "tenant.yaml", Cloud: state.CloudPublic, Policies: pattern,
			Manage: policies.Manage{Mode: policies.ManageAll}, Among: []string{"contoso", "lab"},
			Records: policies.Records{Emulator: "http://127.0.0.1:10000/devstoreaccount1", Container: "a-b"},
		},
	}
	if diff := cmp.Diff(want, got.Tenants, ignorePlaces); diff != "" {
		t.Errorf("tenants (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(got.Digest, "sha256:") || len(got.Digest) != 71 {
		t.Errorf("the digest is %q", got.Digest)
	}
}

func TestLoadSettingsFillsInDefaults(t *testing.T) {
	t.Parallel()
	got, err := policies.LoadSettings(files("seatwright.yaml", `version: 1
tenants:
  stated: {id: a.example.com, policies: [a/*.yaml], guards: {removals: {users: 1}}, credential: default, seats: {}, records: {account: own, container: runs}}
  unstated: {id: b.example.com}
  lab: {sandbox: tenant.yaml}
defaults:
  policies: [all/*.yaml]
  guards: {removals: {percent: 9}, additions: {users: 7}}
  credential: azure-cli
  cloud: china
  seats: {E5: {reserve: 3}}
  records: {account: shared, container: runs}
`))
	if err != nil {
		t.Fatal(err)
	}
	glob := func(s string) []policies.Pattern { return []policies.Pattern{{Glob: s}} }
	limits := policies.GuardLimits{guard.Removals: {guard.KeyPercent: 9}, guard.Additions: {guard.KeyUsers: 7}}
	reserve := []policies.Reserve{{SKU: policies.SKURef{Name: "E5"}, Seats: 3}}
	cli, standard := policies.Credential{Kind: state.CredentialAzureCLI}, policies.Credential{Kind: state.CredentialDefault}
	mentioned := policies.Manage{Mode: policies.ManageMentioned}
	want := []policies.Tenant{
		{Name: "lab", Sandbox: "tenant.yaml", Cloud: state.CloudPublic, Policies: glob("all/*.yaml"), Guards: limits, Reserve: reserve, Manage: mentioned, Among: []string{"lab", "stated", "unstated"}},
		{
			Name: "stated", ID: "a.example.com", Cloud: state.CloudChina, Read: standard, Write: standard, Policies: glob("a/*.yaml"),
			Guards: policies.GuardLimits{guard.Removals: {guard.KeyUsers: 1}}, Manage: mentioned, Records: policies.Records{Account: "own", Container: "runs"}, Among: []string{"lab", "stated", "unstated"},
		},
		{
			Name: "unstated", ID: "b.example.com", Cloud: state.CloudChina, Read: cli, Write: cli, Policies: glob("all/*.yaml"),
			Guards: limits, Reserve: reserve, Manage: mentioned, Records: policies.Records{Account: "shared", Container: "runs"}, Among: []string{"lab", "stated", "unstated"},
		},
	}
	if diff := cmp.Diff(want, got.Tenants, ignorePlaces); diff != "" {
		t.Errorf("tenants (-want +got):\n%s", diff)
	}
}

func TestLoadSettingsNeedsTheFile(t *testing.T) {
	t.Parallel()
	_, err := policies.LoadSettings(files("seatwright.yml", "version: 1"))
	want := "seatwright.yaml: \"seatwright.yaml\" does not exist; did you mean \"seatwright.yml\"? [file]\n"
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestTenantByName(t *testing.T) {
	t.Parallel()
	one := &policies.Settings{Tenants: []policies.Tenant{{Name: "contoso"}}}
	two := &policies.Settings{Tenants: []policies.Tenant{{Name: "contoso"}, {Name: "lab"}}}
	for name, test := range map[string]struct {
		settings        *policies.Settings
		ask, want, text string
	}{
		"the only one":       {one, "", "contoso", ""},
		"one of two":         {two, "lab", "lab", ""},
		"none of two":        {two, "", "", "choose a tenant with --tenant: the settings have contoso, lab"},
		"one that is not":    {one, "fabrikam", "", `choose a tenant: the settings have no "fabrikam", only contoso`},
		"one that is nearly": {two, "contosa", "", `choose a tenant: the settings have no "contosa", only contoso, lab; did you mean "contoso"?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.settings.Tenant(test.ask)
			if got.Name != test.want {
				t.Errorf("got tenant %q, want %q", got.Name, test.want)
			}
			if test.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refusal, ok := errors.AsType[*policies.UsageError](err)
			if !ok || refusal.Error() != test.text {
				t.Errorf("got error %v, want a UsageError %q", err, test.text)
			}
		})
	}
}
