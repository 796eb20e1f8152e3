// Package sdkdecode measures how Microsoft's SDK decodes a page of users, to compare
// with BenchmarkPage of state/graph:
//
//	cd state/graph/testdata/sdkdecode && go test -bench . -benchtime 20x
//
// The first build takes several minutes and about 5 GB of memory.
package sdkdecode

import (
	"fmt"
	"strings"
	"testing"

	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// page is the same as fullPage of state/graph.
func page() []byte {
	const plans = `"0feaeb32-d00e-4d66-bd5a-43b5b83db82c","a23b959c-7ce8-4e57-9140-b90eb88a9e97"`
	users := make([]string, 999)
	for i := range users {
		users[i] = fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","userPrincipalName":"given.surname%d@contoso.com","displayName":"Surname %d, Given","accountEnabled":true,`+
			`"userType":"Member","usageLocation":"CH","country":"Switzerland","onPremisesSyncEnabled":true,`+
			`"onPremisesDistinguishedName":"CN=Surname\\, Given %d,OU=Staff,OU=Zurich,DC=corp,DC=contoso,DC=com","onPremisesDomainName":"corp.contoso.com",`+
			`"assignedLicenses":[{"disabledPlans":[%s],"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06"},{"disabledPlans":[],"skuId":"f8a1db68-be16-40ed-86d5-cb42ce701560"}],`+
			`"licenseAssignmentStates":[{"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06","disabledPlans":[%s],"assignedByGroup":"1b0f4f1c-7a2c-4b5c-9b59-7f6d3f0e2c11","state":"Active","error":"None","lastUpdatedDateTime":"2026-03-0%dT10:11:12Z"},`+
			`{"skuId":"f8a1db68-be16-40ed-86d5-cb42ce701560","disabledPlans":[],"assignedByGroup":null,"state":"Active","error":"None","lastUpdatedDateTime":"2026-03-01T10:11:12Z"}]}`,
			i+1, i, i, i, plans, plans, i%9+1)
	}
	const root = "https://graph.microsoft.com/v1.0"
	return []byte(`{"@odata.context":"` + root + `/$metadata#users","@odata.nextLink":"` + root + `/users?$skiptoken=abc","value":[` + strings.Join(users, ",") + `]}`)
}

func BenchmarkPage(b *testing.B) {
	raw := page()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		node, err := jsonserialization.NewJsonParseNode(raw)
		if err != nil {
			b.Fatal(err)
		}
		value, err := node.GetObjectValue(models.CreateUserCollectionResponseFromDiscriminatorValue)
		if err != nil {
			b.Fatal(err)
		}
		if got := len(value.(models.UserCollectionResponseable).GetValue()); got != 999 {
			b.Fatalf("%d users", got)
		}
	}
}
