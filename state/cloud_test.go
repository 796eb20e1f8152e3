package state_test

import (
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state"
)

func TestCloudEndpoints(t *testing.T) {
	t.Parallel()
	public, err := state.Cloud("").Endpoints()
	if err != nil || public.Graph != "https://graph.microsoft.com" {
		t.Errorf("the empty cloud: %+v, %v, want the public one", public, err)
	}
	graphs := map[string]string{}
	for _, name := range state.Clouds() {
		e, err := state.Cloud(name).Endpoints()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if other, twice := graphs[e.Graph]; twice {
			t.Errorf("%s and %s have one address of Graph", name, other)
		}
		graphs[e.Graph] = name
		if !strings.HasPrefix(e.Authority, "https://login.") || !strings.HasPrefix(e.Blob, "blob.core.") || !strings.HasPrefix(e.Federated, "api://") {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if _, err := state.Cloud("moon").Endpoints(); err == nil || err.Error() != `cloud "moon": want public, usgov, usgov-dod or china` {
		t.Errorf("got %v", err)
	}
}
