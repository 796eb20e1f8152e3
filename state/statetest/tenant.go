package statetest

import (
	_ "embed" // for tenant.yaml
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
)

//go:embed tenant.yaml
var tenantFile []byte

// TenantFile returns the little tenant as a sandbox tenant file, YAML.
func TenantFile() []byte { return append([]byte(nil), tenantFile...) }

// id returns an id of the little tenant. The ids differ in their last byte.
func id[Of any](last byte) state.ID[Of] {
	made := state.MustParseID[Of]("5eed0000-0000-4000-8000-000000000000")
	made[15] = last
	return made
}

// The users, in order of their ids.
func alice() state.UserID       { return id[state.User](0x11) } // synced; SPE_E3 directly, SWAY off
func bob() state.UserID         { return id[state.User](0x12) } // no usage location, nothing else
func carol() state.UserID       { return id[state.User](0x13) } // VISIOCLIENT directly, its only seat
func dave() state.UserID        { return id[state.User](0x14) } // POWER_BI_PRO from Analysts
func erin() state.UserID        { return id[state.User](0x15) } // a guest
func frank() state.UserID       { return id[state.User](0x16) } // disabled; POWER_BI_PRO directly and from Analysts
func grace() state.UserID       { return id[state.User](0x17) } // VISIOCLIENT from Draughtsmen fails: no seat
func heidi() state.UserID       { return id[state.User](0x18) } // an empty user with a location
func unknownUser() state.UserID { return id[state.User](0xff) } // does not exist

func analysts() state.GroupID    { return id[state.Group](0xa1) }
func draughtsmen() state.GroupID { return id[state.Group](0xa2) }

// The SKUs and plans, by their real ids.
func e3() state.SKUID    { return state.MustParseID[state.SKU]("05e9a617-0261-4cee-bb44-138d3ef5d965") }
func e5() state.SKUID    { return state.MustParseID[state.SKU]("06ebc4ee-1bb5-47dd-8120-11324bc54e06") }
func visio() state.SKUID { return state.MustParseID[state.SKU]("c5928f49-12ba-48f7-ada3-0d743a3601d5") } // full
func powerBI() state.SKUID {
	return state.MustParseID[state.SKU]("f8a1db68-be16-40ed-86d5-cb42ce701560")
}
func store() state.SKUID { return state.MustParseID[state.SKU]("6470687e-a428-4b7a-bef2-8a291ad947c9") } // Company
func foreign() state.SKUID {
	return state.MustParseID[state.SKU]("18181a46-0d4e-45cd-891e-60aabd171b4e")
} // not owned

func sway() state.PlanID {
	return state.MustParseID[state.ServicePlan]("a23b959c-7ce8-4e57-9140-b90eb88a9e97")
}
func exchange() state.PlanID {
	return state.MustParseID[state.ServicePlan]("efb87545-963c-4e0d-99df-69c6916d9eb0")
}
func phone() state.PlanID {
	return state.MustParseID[state.ServicePlan]("4828c8ec-dc2e-4779-b502-87ac9ce28ab7")
} // in SPE_E5 only

// Snapshot returns the little tenant as a full read returns it.
func Snapshot(t testing.TB) *state.Snapshot {
	t.Helper()
	b := state.NewBuilder()
	for _, r := range records(t) {
		if err := b.Add(r); err != nil {
			t.Fatalf("build the little tenant: %v", err)
		}
	}
	s, err := b.Snapshot(state.Header{
		Organization: state.Organization{
			ID: id[state.Organization](0x01), DisplayName: "Statetest", LastSync: time.Date(2026, 11, 24, 7, 30, 0, 0, time.UTC),
			Domains: []string{"statetest.example", "statetest.onmicrosoft.com"},
		},
		Complete: true,
		SKUs:     skus(),
		Groups: []state.Group{
			{ID: analysts(), DisplayName: "Analysts", Licenses: []state.License{{SKU: powerBI()}}, Members: []state.UserID{dave(), frank()}},
			{ID: draughtsmen(), DisplayName: "Draughtsmen"},
		},
	})
	if err != nil {
		t.Fatalf("build the little tenant: %v", err)
	}
	return s
}

func records(t testing.TB) []state.Record {
	dn, err := state.ParseDN(`CN=Alice,OU=Sales\, EMEA,DC=corp,DC=statetest,DC=example`)
	if err != nil {
		t.Fatalf("build the little tenant: %v", err)
	}
	return []state.Record{
		{ID: alice(), UserPrincipalName: "Alice@statetest.example", DisplayName: "Alice Ünlü", UsageLocation: "CH",
			Synced: true, DN: dn, Domain: "corp.statetest.example",
			ImmutableID: "MyIRAFVEd2aImaq7zN3u/w==", SID: "S-1-5-21-1-2-3-1104",
			Paths: []state.Path{{SKU: e3(), State: state.PathActive, Disabled: []state.PlanID{sway()}}}},
		{ID: bob(), UserPrincipalName: "bob@statetest.example", DisplayName: "Bob"},
		{ID: carol(), UserPrincipalName: "carol@statetest.example", DisplayName: "Carol", UsageLocation: "DE",
			Paths: []state.Path{{SKU: visio(), State: state.PathActive}}},
		{ID: dave(), UserPrincipalName: "dave@statetest.example", DisplayName: "Dave", UsageLocation: "US",
			Paths: []state.Path{{SKU: powerBI(), Group: analysts(), State: state.PathActive}}},
		{ID: erin(), UserPrincipalName: "erin_partner.example#EXT#@statetest.onmicrosoft.com", DisplayName: "Erin", Guest: true, UsageLocation: "FR"},
		{ID: frank(), UserPrincipalName: "frank@statetest.example", DisplayName: "Frank", Disabled: true, UsageLocation: "GB",
			Paths: []state.Path{{SKU: powerBI(), State: state.PathActive}, {SKU: powerBI(), Group: analysts(), State: state.PathActive}}},
		{ID: grace(), UserPrincipalName: "grace@statetest.example", DisplayName: "Grace", UsageLocation: "US",
			Paths: []state.Path{{SKU: visio(), Group: draughtsmen(), State: state.PathError, Error: "CountViolation"}}},
		{ID: heidi(), UserPrincipalName: "heidi@statetest.example", DisplayName: "Heidi", UsageLocation: "AT"},
	}
}

func skus() []state.SKU {
	plan := func(id state.PlanID, name string) state.ServicePlan {
		return state.ServicePlan{ID: id, Name: name, AppliesTo: state.ScopeUser, Status: "Success"}
	}
	sku := func(id state.SKUID, name string, enabled, consumed int, plans ...state.ServicePlan) state.SKU {
		return state.SKU{ID: id, PartNumber: name, Capability: state.CapabilityEnabled, AppliesTo: state.ScopeUser,
			Enabled: enabled, Consumed: consumed, Plans: plans}
	}
	mail, pages := plan(exchange(), "EXCHANGE_S_ENTERPRISE"), plan(sway(), "SWAY")
	big := sku(e5(), "SPE_E5", 10, 0, mail, pages, plan(phone(), "MCOEV"))
	big.Warning, big.Suspended = 2, 3
	shop := plan(state.MustParseID[state.ServicePlan]("a420f25f-a7b3-4ff5-a9d0-5d58f73b537d"), "WINDOWS_STORE")
	shop.AppliesTo = state.ScopeCompany
	company := sku(store(), "WINDOWS_STORE", 25, 0, shop)
	company.AppliesTo = state.ScopeCompany
	return []state.SKU{
		sku(e3(), "SPE_E3", 10, 1, mail, pages),
		big,
		company,
		sku(visio(), "VISIOCLIENT", 1, 1, plan(state.MustParseID[state.ServicePlan]("663a804f-1c30-4ff0-9915-9db84f0d1cea"), "VISIO_CLIENT_SUBSCRIPTION")),
		sku(powerBI(), "POWER_BI_PRO", 5, 2, plan(state.MustParseID[state.ServicePlan]("70d33638-9c74-4d01-bfd3-562de28bd4ba"), "BI_AZURE_P2")),
	}
}
