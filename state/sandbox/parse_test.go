package sandbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// file puts a piece into the smallest tenant file; the piece begins at line 3.
func file(piece string) string {
	return "organization:\n  {id: " + org + ", displayName: Contoso}\n" + piece
}

const oneSKU = `subscribedSkus:
  - skuId: 05e9a617-0261-4cee-bb44-138d3ef5d965
    skuPartNumber: SPE_E3
    servicePlans: [{servicePlanId: a23b959c-7ce8-4e57-9140-b90eb88a9e97, servicePlanName: SWAY}]
`

func TestParseReportsProblemsWithLines(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "t.yaml:1: the file is empty"},
		{"no organization", "users: []", "t.yaml:1: the tenant file needs organization"},
		{"broken YAML", file("users: [\n"), "t.yaml:3: did not find expected node content"},
		{"an anchor", contoso, "t.yaml:10: anchors are not supported"},
		{"an alias without its anchor", file("users: *x"), "t.yaml:1: unknown anchor 'x' referenced"},
		{"a tag", file("users: !!seq []"), "t.yaml:3: tags are not supported"},
		{"two documents", file("---\nusers: []"), "t.yaml:3: a second document begins here, and the file must have one"},
		{"deep nesting", file("users: " + strings.Repeat("[", 40) + strings.Repeat("]", 40)),
			"t.yaml:3: nested deeper than 32 levels"},
		{"an unknown key has a near one", file("user: []"), `t.yaml:3: unknown key "user" in the tenant file, did you mean "users"?`},
		{"an unknown key has no near one", file("licenses4all: []"), `t.yaml:3: unknown key "licenses4all" in the tenant file`},
		{"a repeated key", file("users: []\nusers: []"), `t.yaml:4: key "users" is written twice in the tenant file`},
		{"no list", file("users: {}"), "t.yaml:3: users must be a list"},
		{"no mapping", file("users: [ada]"), "t.yaml:3: a user must be a mapping"},
		{"no GUID", file("users: [{userPrincipalName: a@b, id: 12}]"), `t.yaml:3: id must be a GUID, not "12"`},
		{"no user principal name", file("users: [{displayName: Ada}]"), "t.yaml:3: a user needs userPrincipalName"},
		{"no at sign", file("users: [{userPrincipalName: ada}]"), `t.yaml:3: userPrincipalName "ada" has no @`},
		{"text for a flag", file("users: [{userPrincipalName: a@b, accountEnabled: 'no'}]"), "t.yaml:3: accountEnabled must be true or false"},
		{"a flag for text", file("users: [{userPrincipalName: a@b, department: true}]"), "t.yaml:3: department must be text"},
		{"a country's name", file("users: [{userPrincipalName: a@b, usageLocation: Norway}]"),
			`t.yaml:3: usageLocation must be two capital letters, not "Norway"`},
		{"no time", file("users: [{userPrincipalName: a@b, createdDateTime: yesterday}]"),
			"t.yaml:3: createdDateTime must be a time such as 2026-01-31T08:00:00Z"},
		{"an unknown word", file("users: [{userPrincipalName: a@b, userType: Alien}]"),
			`t.yaml:3: userType must be one of Member, Guest, not "Alien"`},
		{"the same user principal name in another case", file("users:\n- {userPrincipalName: a@b}\n- {userPrincipalName: A@B}"),
			`t.yaml:5: userPrincipalName "a@b" is listed twice`},
		{"the same id", file("users:\n- {userPrincipalName: a@b, id: " + ada + "}\n- {userPrincipalName: c@d, id: " + ada + "}"),
			`t.yaml:5: id "` + ada + `" is listed twice`},
		{"negative seats", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: E3, prepaidUnits: {enabled: -1}}]"),
			"t.yaml:3: enabled must be a whole number from 0"},
		{"consumedUnits", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: E3, consumedUnits: 4}]"),
			"t.yaml:3: consumedUnits is computed from the users who hold E3; seats of users not listed here are otherConsumedUnits"},
		{"a SKU twice", file("subscribedSkus:\n- {skuId: " + e3 + ", skuPartNumber: A}\n- {skuId: " + e3 + ", skuPartNumber: B}"),
			"t.yaml:5: skuId " + e3 + " is listed twice"},
		{"a foreign subscribedSku id", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: A, id: x}]"),
			`t.yaml:3: id must be "` + org + "_" + e3 + `", or left out`},
		{"an unknown SKU", file(oneSKU + "users: [{userPrincipalName: a@b, assignedLicenses: [SPE_E4]}]"),
			`t.yaml:7: no subscribedSku "SPE_E4", did you mean "SPE_E3"?`},
		{"a license twice", file(oneSKU + "users: [{userPrincipalName: a@b, assignedLicenses: [SPE_E3, {skuId: " + e3 + "}]}]"),
			"t.yaml:7: SPE_E3 is listed twice"},
		{"an unknown plan", file(oneSKU + "users: [{userPrincipalName: a@b, assignedLicenses: [{sku: SPE_E3, disabledPlans: [SWAI]}]}]"),
			`t.yaml:7: no service plan "SWAI" in SPE_E3, did you mean "SWAY"?`},
		{"an unknown member", file("users: [{userPrincipalName: ada@b}]\ngroups: [{displayName: G, members: [adam@b]}]"),
			`t.yaml:4: no user "adam@b", did you mean "ada@b"?`},
		{"a member twice", file("users: [{userPrincipalName: ada@b}]\ngroups: [{displayName: G, members: [ada@b, ADA@B]}]"),
			`t.yaml:4: member "ADA@B" is listed twice`},
		{"a distribution list with licenses (Entra: only security groups)",
			file(oneSKU + "groups: [{displayName: G, securityEnabled: false, assignedLicenses: [SPE_E3]}]"),
			`t.yaml:7: group "G" is not securityEnabled: it cannot hold licenses`},
		{"a direct path among the states", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, state: Active}]}]"),
			"t.yaml:7: a path without assignedByGroup is direct: write it in assignedLicenses"},
		{"an error path without an error", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, assignedByGroup: G, state: Error}]}]\ngroups: [{displayName: G}]"),
			"t.yaml:7: a path in state Error needs error"},
		{"an unknown group", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, assignedByGroup: H}]}]\ngroups: [{displayName: G}]"),
			`t.yaml:7: no group "H", did you mean "G"?`},
		{"a path without trouble has an error", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, assignedByGroup: G, error: Other}]}]\ngroups: [{displayName: G}]"),
			"t.yaml:7: a path in state Active has no error"},
		{"a path twice", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, assignedByGroup: G}, {sku: SPE_E3, assignedByGroup: G}]}]\ngroups: [{displayName: G}]"),
			"t.yaml:7: the path of SPE_E3 by this group is listed twice"},
		{"a group's name that two have", file(oneSKU + "users: [{userPrincipalName: a@b, licenseAssignmentStates: [{sku: SPE_E3, assignedByGroup: G}]}]\ngroups:\n- {displayName: G}\n- {displayName: G, id: " + group + "}"),
			`t.yaml:7: several groups are named "G": write the id`},
		{"two groups of one name without ids", file("groups:\n- {displayName: G}\n- {displayName: G}"),
			`t.yaml:5: the id 53e7a323-d1a2-8cb2-afda-18946e34ec35 of group "G" is in use already`},
		{"a SKU's name that two have", file("subscribedSkus:\n- {skuId: " + e3 + ", skuPartNumber: A}\n- {skuId: " + e5 + ", skuPartNumber: A}\nusers: [{userPrincipalName: a@b, assignedLicenses: [A]}]"),
			`t.yaml:6: several subscribedSkus are named "A": write the skuId`},
		{"sku and skuId", file(oneSKU + "users: [{userPrincipalName: a@b, assignedLicenses: [{sku: SPE_E3, skuId: " + e3 + "}]}]"),
			"t.yaml:7: write either sku or skuId"},
		{"a service plan twice", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: A, servicePlans: [{servicePlanId: " + sway + ", servicePlanName: SWAY}, {servicePlanId: " + sway + ", servicePlanName: S}]}]"),
			"t.yaml:3: service plan S is listed twice in A"},
		{"a place that is no country", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: A, servicePlans: [{servicePlanId: " + sway + ", servicePlanName: SWAY, prohibitedIn: [China]}]}]"),
			`t.yaml:3: prohibitedIn must hold country codes of two capital letters, not "China"`},
		{"an unknown extension attribute", file("users: [{userPrincipalName: a@b, onPremisesExtensionAttributes: {extensionAttribute16: x}}]"),
			`t.yaml:3: unknown key "extensionAttribute16" in onPremisesExtensionAttributes, did you mean "extensionAttribute1"?`},
		{"an unknown group inside a group", file("groups: [{displayName: G, members: [{group: H}]}]"),
			`t.yaml:3: no group "H", did you mean "G"?`},
		{"a group inside twice", file("groups: [{displayName: G, id: " + group + ", members: [{group: G}, " + group + "]}]"),
			`t.yaml:3: member "` + group + `" is listed twice`},
		{"a member that is neither", file("groups: [{displayName: G, members: [{user: ada}]}]"),
			`t.yaml:3: unknown key "user" in a member
t.yaml:3: a member is a user, or {group: NAME}`},
		{"a SKU without its id", file("subscribedSkus: [{skuPartNumber: A}]"), "t.yaml:3: a subscribedSku needs skuId"},
		{"another account's SKU", file("subscribedSkus: [{skuId: " + e3 + ", skuPartNumber: A, accountId: " + e3 + "}]"),
			"t.yaml:3: accountId must be the organization's id, or left out"},
		{"long words are cut", file("users: [{userPrincipalName: " + strings.Repeat("x", 80) + "}]"),
			`t.yaml:3: userPrincipalName "` + strings.Repeat("x", 64) + `..." has no @`},
		{"JSON has numbers and depths", `{"organization": {"id": 1.5}, "users": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}",
			"t.yaml:1: nested deeper than 32 levels"},
		{"JSON has lines too", "{\n\t\"organization\": {\"id\": \"" + org + "\"},\n\t\"user\": []\n}",
			`t.yaml:3: unknown key "user" in the tenant file, did you mean "users"?`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := sandbox.Parse("t.yaml", []byte(test.file))
			var bad *strict.ParseError
			if !errors.As(err, &bad) {
				t.Fatalf("Parse fails with %T (%v), want *ParseError", err, err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseReportsAllProblemsUpToALimit(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	for range 60 {
		users.WriteString("  - {userPrincipalName: missing}\n")
	}
	_, err := sandbox.Parse("t.yaml", []byte(file("users:\n"+users.String())))
	var bad *strict.ParseError
	if !errors.As(err, &bad) {
		t.Fatalf("Parse fails with %T, want *ParseError", err)
	}
	// One for each missing @, and one for each repetition but the first.
	if len(bad.Problems) != 50 || bad.Omitted != 60+59-50 {
		t.Errorf("%d problems and %d omitted, want 50 and 69", len(bad.Problems), bad.Omitted)
	}
}

func TestParseTakesJSONAndYAMLAlike(t *testing.T) {
	t.Parallel()
	yaml := newClient(t, file("users: [{userPrincipalName: \"m\\u00fcller@contoso.com\", department: \"\\U0001F600\"}]"), sandbox.Options{})
	json := newClient(t, "\ufeff{\n\t\"organization\": {\"id\": \""+org+"\", \"displayName\": \"Contoso\"},\n"+
		"\t\"users\": [{\"userPrincipalName\": \"m\u00fcller@contoso.com\", \"mail\": null, \"department\": \"\\ud83d\\ude00\"}]}", sandbox.Options{})
	const path = "/users?$select=id,userPrincipalName,department,mail"
	if diff := cmp.Diff(yaml.get(path).raw, json.get(path).raw); diff != "" {
		t.Errorf("YAML and JSON differ (-yaml +json):\n%s", diff)
	}
	if !strings.Contains(json.get(path).raw, "\U0001F600") {
		t.Errorf("the surrogate pair is lost: %s", json.get(path).raw)
	}
}

func TestParseDerivesStableDistinctIDs(t *testing.T) {
	t.Parallel()
	ids := func(names ...string) []any {
		var users strings.Builder
		for _, n := range names {
			fmt.Fprintf(&users, "  - {userPrincipalName: %s}\n", n)
		}
		c := newClient(t, file("users:\n"+users.String()), sandbox.Options{})
		var out []any
		for _, n := range names {
			out = append(out, c.get("/users/" + n).body["id"])
		}
		return out
	}
	first := ids("a@b", "c@d")
	second := ids("C@D", "a@b")
	if first[0] != second[1] || first[1] != second[0] || first[0] == first[1] {
		t.Errorf("ids are %v and in another order %v", first, second)
	}
}

// An operator's file is right even where it breaks the rules for writes:
// tenants are overused, and hold pairs that can no longer be assigned.
func TestParseAcceptsAnOverusedTenant(t *testing.T) {
	t.Parallel()
	c := newClient(t, file(oneSKU+"users: [{userPrincipalName: a@b, assignedLicenses: [SPE_E3]}]"), sandbox.Options{})
	if got := c.tenant.Record().MinFree[e3]; got != -1 {
		t.Errorf("free seats are %d, want -1", got)
	}
}
