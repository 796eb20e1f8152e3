package ad

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state"
)

func TestPlainName(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"OU=a=b,DC=x":             `OU=a\=b,DC=x`,
		` ou = a\=b , dc = x`:     `ou=a\=b ,dc=x`,
		`OU=Sales\, EMEA+L=x,O=y`: `OU=Sales\, EMEA+L=x,O=y`,
		`OU=\ lead ing;DC=x`:      `OU=\ lead ing;DC=x`,
		`OU=日本,DC=x`:              `OU=日本,DC=x`,
	} {
		if got := plainName(written); got != want {
			t.Errorf("%q becomes %q, want %q", written, got, want)
		}
	}
}

// TestPlainNameKeepsTheName checks that for every name that can be parsed.
func TestPlainNameKeepsTheName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.StringMatching(`( ?(OU|cn|DC) ?= ?([a-c=# ]|\\[,+=\\# ]|\\2C){0,6}[,+;]){1,4}DC=x`).Draw(t, "name")
		dn, err := state.ParseDN(written)
		if err != nil {
			t.Skip("no name")
		}
		plain, err := state.ParseDN(plainName(written))
		if err != nil || !plain.Equal(dn) {
			t.Fatalf("%q becomes %q: %v", written, plainName(written), err)
		}
	})
}
