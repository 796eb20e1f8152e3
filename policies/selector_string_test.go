package policies_test

import (
	"fmt"
	"testing"
)

func TestSelectorString(t *testing.T) {
	t.Parallel()
	text := `policies: [{name: a, licenses: [E5], users: [%s]}]`
	for written, want := range map[string]string{
		"{all: true, domain: Corp.example.com}":       "all: true, domain: corp.example.com",
		"{search: anna}":                              "search: anna",
		"{ou: ['OU=A,DC=x', 'OU=B, DC=x']}":           "ou: OU=A,DC=x; OU=B, DC=x",
		"{list: l.txt}":                               "list: l.txt",
		"{upns: [a@b.ch, c@b.ch]}":                    "upns: 2 listed",
		"{ids: [" + guid + "], domain: example.com }": "ids: 1 listed, domain: example.com",
	} {
		set := mustLoad(t, files("policies/a.yaml", fmt.Sprintf(text, written), "l.txt", "a@b.ch"))
		if got := set.Policies[0].Users[0].String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
