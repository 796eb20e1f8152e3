package state_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state"
)

func dn(t *testing.T, text string) state.DN {
	t.Helper()
	parsed, err := state.ParseDN(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestDNEqualInEverySpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, a, b string
		equal      bool
	}{
		{"case of types and values", "OU=Staff,DC=Contoso,DC=com", "ou=STAFF,dc=contoso,dc=COM", true},
		{"blanks around separators", "OU=Staff, DC=contoso , DC=com", "OU=Staff,DC=contoso,DC=com", true},
		{"blanks inside a value", "OU=Sales  and   Service,DC=c", "OU=sales and service,DC=c", true},
		{"an escaped comma and its hex form", `OU=Sales\, EMEA,DC=c`, `OU=Sales\2C EMEA,DC=c`, true},
		{"an umlaut and its hex form", `OU=Zürich,DC=c`, `OU=Z\C3\BCrich,DC=c`, true},
		{"the parts of a multi-valued RDN in any order", "CN=a+OU=b,DC=c", "ou=B + cn=A,DC=c", true},
		{"a comma in a value is no separator", `OU=Sales\, EMEA,DC=c`, "OU=Sales,OU=EMEA,DC=c", false},
		{"an escaped plus is no second part", `OU=a\+b=c,DC=c`, "OU=a+b=c,DC=c", false},
		{"another value", "OU=Staff,DC=c", "OU=Stuff,DC=c", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := dn(t, c.a).Equal(dn(t, c.b)); got != c.equal {
				t.Errorf("%q equal to %q: got %v, want %v", c.a, c.b, got, c.equal)
			}
		})
	}
}

func TestDNUnderComparesContainersNotText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, of, base string
		under          bool
	}{
		{"an OU is under itself", "OU=Staff,DC=c", "OU=Staff,DC=c", true},
		{"a user is under their OU", "CN=Anna,OU=Staff,DC=c", "OU=Staff,DC=c", true},
		{"a nested OU is under the upper one", "OU=Bern,OU=Staff,DC=c", "OU=staff,DC=C", true},
		{"the upper one is not under the nested one", "OU=Staff,DC=c", "OU=Bern,OU=Staff,DC=c", false},
		{"a name that ends in the same text does not", "OU=NoStaff,DC=c", "OU=Staff,DC=c", false},
		{"an escaped comma does not make a container", `CN=Anna\,OU=Staff,DC=c`, "OU=Staff,DC=c", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := dn(t, c.of).Under(dn(t, c.base)); got != c.under {
				t.Errorf("got %v, want %v", got, c.under)
			}
		})
	}
}

func TestDNParentAndDomain(t *testing.T) {
	t.Parallel()
	user := dn(t, `CN=Meier\, Anna,OU=Zürich,DC=Corp,DC=contoso,DC=com`)
	if got, want := user.Parent().String(), "OU=Zürich,DC=Corp,DC=contoso,DC=com"; got != want {
		t.Errorf("parent: got %q, want %q", got, want)
	}
	if !user.Parent().Equal(dn(t, "ou=zürich,dc=corp,dc=contoso,dc=com")) {
		t.Errorf("the parent does not equal its other spelling")
	}
	if got, want := user.Domain(), "corp.contoso.com"; got != want {
		t.Errorf("domain: got %q, want %q", got, want)
	}
	if parent := dn(t, "DC=com").Parent(); !parent.IsZero() {
		t.Errorf("the parent of a one-part name is %q, want the root", parent)
	}
}

func TestParseDNRefusesMalformedNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "it is empty",
		"Staff":                            "has no '='",
		"OU=Staff,":                        "it ends in a comma",
		"OU=Staff,DC":                      "has no '='",
		"O U=Staff":                        "is not an attribute type",
		"=Staff":                           "is not an attribute type",
		`OU=Staff\`:                        "it ends in a backslash",
		`OU=Staff\z1`:                      "two hex digits",
		`OU="Staff"`:                       "must be escaped",
		"OU=\xff":                          "not UTF-8",
		"OU=" + strings.Repeat("x", 1<<15): "the most is",
	} {
		_, err := state.ParseDN(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseDN(%.40q): got %v, want an error with %q", text, err, want)
		}
	}
}

func FuzzDN(f *testing.F) {
	for _, seed := range []string{"OU=Staff,DC=c", `CN=a\,b+OU=c;DC=d`, `CN=\20 x\ ,DC=\C3\BC`, "a=,b=", ",", "=", `\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := state.ParseDN(text)
		if err != nil {
			return
		}
		if same := parsed; !parsed.Under(same) || !parsed.Under(parsed.Parent()) || !parsed.Equal(same) {
			t.Errorf("%q does not lie under itself and its parent", text)
		}
		if again, err := state.ParseDN(parsed.String()); err != nil || again.Key() != parsed.Key() {
			t.Errorf("%q does not survive its own text: %v", text, err)
		}
		if parent := parsed.Parent(); !parent.IsZero() {
			if again, err := state.ParseDN(parent.String()); err != nil || again.Key() != parent.Key() {
				t.Errorf("the parent of %q is %q, which reads as %q: %v", text, parent.Key(), again.Key(), err)
			}
		}
	})
}

// TestDNReaderAgreesWithParseDN: reading many names with one reader gives the same result
// as reading each name alone.
func TestDNReaderAgreesWithParseDN(t *testing.T) {
	t.Parallel()
	parts := rapid.SampledFrom([]string{"OU=Staff", "OU=staff", `CN=Ada\, B`, "DC=contoso", "DC=com", "CN=a+OU=b", "", "nonsense", `CN=\`, " OU = x ", "CN=<"})
	rapid.Check(t, func(t *rapid.T) {
		var r state.DNReader
		for range 5 {
			text := strings.Join(rapid.SliceOfN(parts, 0, 5).Draw(t, "parts"), ",")
			want, wantErr := state.ParseDN(text)
			got, gotErr := r.Read(text)
			if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() || got.Key() != want.Key() || got.String() != want.String() {
				t.Fatalf("%q: got %q, %v, want %q, %v", text, got.Key(), gotErr, want.Key(), wantErr)
			}
		}
	})
}

// FuzzDNSpellings checks that every spelling of a name that can be read gives the same name.
func FuzzDNSpellings(f *testing.F) {
	for _, seed := range []string{`CN=Ada\, B,OU=Staff,DC=contoso,DC=com`, `ou=a+cn=b`, `CN=\23x\20`, `CN=a\`, "OU=\xff", `=`, `CN=a;OU=b`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dn, err := state.ParseDN(text)
		var r state.DNReader
		again, againErr := r.Read(text)
		if (err == nil) != (againErr == nil) || dn.Key() != again.Key() {
			t.Fatalf("%q is %q (%v), by a reader %q (%v)", text, dn.Key(), err, again.Key(), againErr)
		}
		if err != nil {
			return
		}
		if !dn.Under(dn.Parent()) || dn.String() != text {
			t.Errorf("%q is not under %q, or is written %q", text, dn.Parent(), dn.String())
		}
	})
}
