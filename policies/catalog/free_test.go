package catalog_test

import (
	"testing"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

func TestFree(t *testing.T) {
	t.Parallel()
	offline := catalog.Builtin()
	id := func(name string) string {
		found, err := offline.SKU(name)
		if err != nil {
			t.Fatal(err)
		}
		return found.String()
	}
	for _, test := range []struct {
		sentence   string
		id         string
		partNumber string
		enabled    int
		warning    int
		want       bool
	}{
		{"a suite is bought", idE5, "SPE_E5", 500, 0, false},
		{"a suite is bought in any number", idE5, "SPE_E5", 10_000, 0, false},
		{"a student benefit of a million seats is wanted", id("M365EDU_A3_STUUSEBNFT"), "M365EDU_A3_STUUSEBNFT", 1_000_000, 0, false},
		{"Fabric is free", id("Power BI (free)"), "POWER_BI_STANDARD", 1_000_000, 0, true},
		{"a free SKU is free in any number", id("FLOW_FREE"), "FLOW_FREE", 3, 0, true},
		{"a viral trial is one", id("POWERAPPS_VIRAL"), "POWERAPPS_VIRAL", 10_000, 0, true},
		{"self-service Visio is the user's own", idVisioDept, "VISIO_PLAN2_DEPT", 4, 0, true},
		{"bought Visio is not", idVisio, "VISIOCLIENT", 4, 0, false},
		{"a stranger of usual size is bought", idStranger, "Brand_New", 12_345, 0, false},
		{"a stranger with the size of a grant is free", idStranger, "Brand_New", 10_000, 0, true},
		{"a grant that has run out is free", idStranger, "Brand_New", 0, 500_000, true},
		{"a stranger without seats is bought", idStranger, "Brand_New", 0, 0, false},
		{"a stranger that is marked as viral is free", idStranger, "Brand_New_Viral_Trial", 25, 0, true},
		{"a stranger that is marked as a department's is free", idStranger, "BRAND_NEW_DEPT", 25, 0, true},
		{"a mark counts at the end only", idStranger, "STANDARDWOFFPACK_IW_GUEST", 25, 0, false},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			sku := state.SKU{ID: state.MustParseID[state.SKU](test.id), PartNumber: test.partNumber, Enabled: test.enabled, Warning: test.warning}
			if got := offline.Free(sku); got != test.want {
				t.Errorf("Free(%s) = %t, want %t", test.partNumber, got, test.want)
			}
		})
	}
}
