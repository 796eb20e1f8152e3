package graph_test

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state/graph"
)

// fullPage returns a page of 999 users with the selected attributes. Each user has two
// licenses, one of them from a group, like users of an enterprise.
func fullPage() []byte {
	const plans = `"0feaeb32-d00e-4d66-bd5a-43b5b83db82c","a23b959c-7ce8-4e57-9140-b90eb88a9e97"`
	users := make([]string, 999)
	for i := range users {
		users[i] = fmt.Sprintf(`{"id":"%s","userPrincipalName":"given.surname%d@contoso.com","displayName":"Surname %d, Given","accountEnabled":true,`+
			`"userType":"Member","usageLocation":"CH","country":"Switzerland","onPremisesSyncEnabled":true,`+
			`"onPremisesDistinguishedName":"CN=Surname\\, Given %d,OU=Staff,OU=Zurich,DC=corp,DC=contoso,DC=com","onPremisesDomainName":"corp.contoso.com",`+
			`"onPremisesImmutableId":"MyIRAFVEd2aImaq7zN3u/w==","onPremisesSecurityIdentifier":"S-1-5-21-1-2-3-1104",`+
			`"assignedLicenses":[{"disabledPlans":[%s],"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06"},{"disabledPlans":[],"skuId":"f8a1db68-be16-40ed-86d5-cb42ce701560"}],`+
			`"licenseAssignmentStates":[{"skuId":"06ebc4ee-1bb5-47dd-8120-11324bc54e06","disabledPlans":[%s],"assignedByGroup":"1b0f4f1c-7a2c-4b5c-9b59-7f6d3f0e2c11","state":"Active","error":"None","lastUpdatedDateTime":"2026-03-0%dT10:11:12Z"},`+
			`{"skuId":"f8a1db68-be16-40ed-86d5-cb42ce701560","disabledPlans":[],"assignedByGroup":null,"state":"Active","error":"None","lastUpdatedDateTime":"2026-03-01T10:11:12Z"}]}`,
			userID(i+1), i, i, i, plans, plans, i%9+1)
	}
	return []byte(`{"@odata.context":"` + address + `/$metadata#users","@odata.nextLink":"` + address + `/users?$skiptoken=abc","value":[` + strings.Join(users, ",") + `]}`)
}

// BenchmarkPage measures the cost of a page of users. The client's own decoding should
// take at most 2.2 times as long as reading the tokens only.
func BenchmarkPage(b *testing.B) {
	raw := fullPage()
	run := func(name string, decode func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("tokens", func() error {
		for d := jsontext.NewDecoder(bytes.NewBuffer(raw)); ; {
			if _, err := d.ReadToken(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
	run("client", func() error {
		records, _, err := graph.DecodePage(raw)
		if err == nil && len(records) != 999 {
			err = fmt.Errorf("%d users", len(records))
		}
		return err
	})
	run("encoding-json", func() error { return stdjson.Unmarshal(raw, new(plainPage)) })
}

// plainPage is the usual code for encoding/json.
type plainPage struct {
	Next  string `json:"@odata.nextLink"`
	Value []struct {
		ID, UserPrincipalName, DisplayName string
		AccountEnabled                     *bool
		UserType, UsageLocation, Country   *string
		OnPremisesSyncEnabled              *bool
		OnPremisesDistinguishedName        *string
		OnPremisesDomainName               *string
		AssignedLicenses                   []struct {
			SKUID         string   `json:"skuId"`
			DisabledPlans []string `json:"disabledPlans"`
		}
		LicenseAssignmentStates []struct {
			SKUID           string   `json:"skuId"`
			DisabledPlans   []string `json:"disabledPlans"`
			AssignedByGroup *string
			State, Error    string
		}
	}
}
