package generate

import (
	_ "embed" // for products.tsv
	"strings"
)

//go:embed products.tsv
var generateTable string

// product is a SKU that a generated tenant can own.
type product struct {
	part, id string
	plans    []filePlan
}

// products returns the products of products.tsv, which is a part of the program.
func products() map[string]*product {
	plans, all := map[string]filePlan{}, map[string]*product{}
	for line := range strings.Lines(generateTable) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch fields[0] {
		case "plan":
			plans[fields[1]] = filePlan{ID: fields[2], Name: fields[1], AppliesTo: companyPlans[fields[1]]}
		case "sku":
			p := &product{part: fields[1], id: fields[2]}
			for name := range strings.SplitSeq(fields[3], "|") {
				p.plans = append(p.plans, plans[name])
			}
			all[p.part] = p
		}
	}
	return all
}

// companyPlans cannot be assigned to users ("EXCHANGE_S_FOUNDATION" is in most SKUs).
var companyPlans = map[string]string{"EXCHANGE_S_FOUNDATION": "Company", "WINDOWS_STORE": "Company"}

// freeUnits is how many units Microsoft gives of a SKU that costs nothing, if it is known
// from listings. It is 10,000 for other SKUs.
var freeUnits = map[string]int{
	"POWER_BI_STANDARD": 1_000_000, "STREAM": 1_000_000, "FORMS_PRO": 1_000_000, "MCOPSTNC": 10_000_000, "RIGHTSMANAGEMENT_ADHOC": 50_000,
	"STANDARDWOFFPACK_STUDENT": 1_000_000, "STANDARDWOFFPACK_FACULTY": 500_000, "STANDARDWOFFPACK_IW_STUDENT": 1_000_000,
	"STANDARDWOFFPACK_IW_FACULTY": 500_000, "OFFICESUBSCRIPTION_STUDENT": 1_000_000, "TEAMS_EXPLORATORY": 100_000,
}

// owned is a SKU of the tenant with its bought and used seats.
type owned struct {
	*product

	stock stock
	taken int
	offs  [][]string // the sets of service plans that assignments of it switch off
}

// stock is how much is bought of a SKU, compared with its use.
type stock string

const (
	stockSome      stock = ""          // more than is used: how much more depends on the SKU
	stockFree      stock = "free"      // as much as Microsoft gives
	stockIdle      stock = "idle"      // bought and not used
	stockFull      stock = "full"      // to the last seat
	stockOver      stock = "over"      // fewer than are used
	stockGrace     stock = "grace"     // every seat expired, and still usable
	stockTrial     stock = "trial"     // the same, of a trial: half a million
	stockSuspended stock = "suspended" // not usable any more
	stockNone      stock = "none"      // owned, with no seat at all
	stockCompany   stock = "company"   // not for users
)

// fileSKU returns the SKU as the tenant file has it.
func (s *owned) fileSKU() fileSKU {
	f := fileSKU{SKUID: s.id, SKUPartNumber: s.part, ServicePlans: s.plans}
	switch s.stock {
	case stockFree:
		f.PrepaidUnits.Enabled = 10_000
		if units := freeUnits[s.part]; units > 0 {
			f.PrepaidUnits.Enabled = units
		}
	case stockIdle:
		f.PrepaidUnits.Enabled = 25
	case stockFull:
		f.PrepaidUnits.Enabled = s.taken
	case stockOver:
		f.PrepaidUnits.Enabled = s.taken - max(1, s.taken*3/100)
	case stockGrace:
		f.CapabilityStatus, f.PrepaidUnits.Warning = "Warning", s.taken+s.taken/10+5
	case stockTrial:
		f.CapabilityStatus, f.PrepaidUnits.Warning = "Warning", 500_000
	case stockSuspended:
		f.CapabilityStatus, f.PrepaidUnits.Suspended = "Suspended", 25
	case stockCompany:
		f.AppliesTo, f.PrepaidUnits.Enabled = "Company", 25
	case stockNone:
	default: // 5 % to 80 % are left
		f.PrepaidUnits.Enabled = s.taken + s.taken*(5+len(s.part)*37%76)/100 + 2
	}
	return f
}
