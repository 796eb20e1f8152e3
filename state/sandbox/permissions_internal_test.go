package sandbox

import "testing"

// A route without a row is closed to every token that names roles.
func TestEveryRouteSaysWhoMayUseIt(t *testing.T) {
	t.Parallel()
	for _, name := range routeNames() {
		if _, has := permissions[name]; !has {
			t.Errorf("%s has no row in the table of permissions: add the permissions of its page in Microsoft's reference", name)
		}
	}
}
