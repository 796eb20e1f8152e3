package sandbox

import "testing"

// A route without a row refuses every token that names roles.
func TestPermissionsOfEveryRoute(t *testing.T) {
	t.Parallel()
	for _, r := range routes(nil) {
		if r.permissions() == nil && r.pattern != "$batch" {
			t.Errorf("%s has no row in the table of permissions: add the permissions of its page in Microsoft's reference", r.name())
		}
	}
}
