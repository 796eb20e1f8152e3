package policies_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
)

func TestLoadAcceptedReadsTheItemsOfTheTenant(t *testing.T) {
	t.Parallel()
	settings := tenant()
	settings.Among = []string{"contoso", "lab"}
	accepted, err := policies.LoadAccepted(files("accept.yaml", read(t, "testdata/ok/accept-keys.yaml")), settings)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, a := range accepted {
		keys = append(keys, a.Key)
	}
	const anna = "6a1fc0de-0000-4000-8000-000000000001"
	if diff := cmp.Diff([]string{anna + ":SPE_E3:missing", anna + ":location", anna + ":location:blocked:location_conflict"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if none, err := policies.LoadAccepted(fstest.MapFS{}, settings); len(none) > 0 || err != nil {
		t.Errorf("without a file: %v, %v", none, err)
	}
	if none, err := policies.LoadAccepted(files("accept.yaml", "accepted: []"), settings); len(none) > 0 || err != nil {
		t.Errorf("an empty list: %v, %v", none, err)
	}
}

func TestAcceptanceInForce(t *testing.T) {
	t.Parallel()
	a := policies.Acceptance{Expires: time.Date(2027, 5, 23, 0, 0, 0, 0, time.UTC)}
	for _, test := range []struct {
		name string
		now  time.Time
		want string
	}{
		{"180 days before its last day", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), ""},
		{"one more", time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC), "it expires on 2027-05-22, more than 180 days from now: 2027-05-21 is the latest"},
		{"on its last day", time.Date(2027, 5, 22, 23, 0, 0, 0, time.UTC), ""},
		{"the day after", time.Date(2027, 5, 23, 0, 0, 0, 0, time.UTC), "it expired on 2027-05-22"},
	} {
		if ok, why := a.InForce(test.now); ok != (test.want == "") || why != test.want {
			t.Errorf("%s: got %v, %q, want %q", test.name, ok, why, test.want)
		}
	}
}
