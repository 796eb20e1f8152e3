package ad_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/ad"
	"github.com/seatwright/seatwright/state/ad/adtest"
	"github.com/seatwright/seatwright/state/join"
)

// bulk is how many users are in OU=Bulk. -ad.users=50000 is a large company; Samba needs
// minutes to import them.
var bulk = flag.Int("ad.users", 2500, "users in OU=Bulk of the directories under test")

// TestDirectory is one table for the emulation and for a real domain controller.
func TestDirectory(t *testing.T) {
	t.Parallel()
	t.Run("look-alike", func(t *testing.T) {
		t.Parallel()
		lab, _ := adtest.Fake(t, *bulk)
		testDirectory(t, lab)
	})
	t.Run("samba", func(t *testing.T) {
		t.Parallel()
		testDirectory(t, adtest.Samba(t, "--users", fmt.Sprint(*bulk)).Lab)
	})
}

func testDirectory(t *testing.T, lab adtest.Lab) {
	t.Run("places", func(t *testing.T) { testPlaces(t, lab) })
	t.Run("places that do not exist", func(t *testing.T) { testNoPlaces(t, lab) })
	t.Run("accounts", func(t *testing.T) { testAccounts(t, lab) })
	t.Run("values", func(t *testing.T) { testValues(t, lab) })
	t.Run("unreadable places", func(t *testing.T) { testHidden(t, lab) })
	t.Run("trust", func(t *testing.T) { testTrust(t, lab) })
}

// options sign in to the lab with LDAPS as an account that may read everything.
func options(lab adtest.Lab) ad.Options {
	return ad.Options{Name: "corp", URLs: []string{lab.LDAPS}, CA: lab.CA, User: lab.User, Password: state.Secret(lab.Password)}
}

func reader(t testing.TB, o ad.Options) *ad.Reader {
	t.Helper()
	r, err := ad.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read reads one place of the lab.
func read(t testing.TB, o ad.Options, place state.Place) ([]state.DirectoryUser, error) {
	t.Helper()
	reads, err := ad.Read(t.Context(), []*ad.Reader{reader(t, o)}, []state.Place{place})
	if err != nil {
		if len(reads) > 0 {
			t.Errorf("an incomplete read returned places: %d", len(reads))
		}
		return nil, err
	}
	return reads[0].Places[0].Users, nil
}

func subtree(t testing.TB, dn string) state.Place {
	t.Helper()
	parsed, err := state.ParseDN(dn)
	if err != nil {
		t.Fatal(err)
	}
	return state.Place{DN: parsed, Subtree: true}
}

func one(t testing.TB, dn string) state.Place {
	t.Helper()
	place := subtree(t, dn)
	place.Subtree = false
	return place
}

// names returns the common names of users, sorted.
func names(users []state.DirectoryUser) string {
	var all []string
	for _, u := range users {
		dn, err := state.ParseDN(u.DN)
		if err != nil {
			return err.Error()
		}
		first, _, _ := strings.Cut(dn.Key(), ",ou=")
		all = append(all, strings.TrimPrefix(first, "cn="))
	}
	return strings.Join(slices.Sorted(slices.Values(all)), " | ")
}

func faultOf(err error) state.DirectoryFault {
	if trouble, ok := errors.AsType[*state.DirectoryError](err); ok {
		return trouble.Fault
	}
	return ""
}

func testPlaces(t *testing.T, lab adtest.Lab) {
	staff := "OU=Staff," + lab.Base
	inStaff := `alice archer | bob brown | disabled dave | inet org | müller\, jürg | no upn | other suffix | star * (paren) \\ back`
	guid, err := state.ParseObjectGUID(adtest.StaffGUID)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		place state.Place
		want  string
	}{
		{"one level returns its users, and no contact, computer, group or service account", one(t, staff), inStaff},
		{"in another spelling", one(t, " ou=STAFF, "+strings.ToLower(lab.Base)), inStaff},
		{"by objectGUID", state.Place{GUID: guid}, inStaff},
		{"an OU that is empty", subtree(t, "OU=Empty,"+staff), ""},
		{"below an OU with an umlaut", subtree(t, "OU=ZÜRICH,"+staff), "member of zürich | nested deep"},
		{"an OU in an OU", one(t, "OU=日本,OU=Zürich,"+staff), "nested deep"},
		{"an equals sign that is not escaped", one(t, "OU=a=b,"+staff), `member of a\=b`},
		{"hexadecimal escapes", one(t, `OU=Sales\2C Marketing,`+staff), `member of sales\, marketing`},
		{"a container that is not an OU", one(t, "CN=Users,"+lab.Base), names(must(read(t, options(lab), one(t, "CN=Users,"+lab.Base))))},
	} {
		t.Run(c.name, func(t *testing.T) {
			users, err := read(t, options(lab), c.place)
			if diff := cmp.Diff(c.want, names(users)); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, name := range adtest.OddNames() {
		t.Run("OU "+name, func(t *testing.T) {
			users, err := read(t, options(lab), one(t, adtest.OU(name, staff)))
			if err != nil || len(users) != 1 {
				t.Errorf("%d users, %v, want 1", len(users), err)
			}
		})
	}
	t.Run("more than a page", func(t *testing.T) {
		users, err := read(t, options(lab), subtree(t, "OU=Bulk,"+staff))
		if err != nil || len(users) != *bulk {
			t.Errorf("%d users, %v, want %d", len(users), err, *bulk)
		}
	})
	t.Run("a domain, without its partitions that hold no users", func(t *testing.T) {
		domain := state.Place{Domain: "contoso.test"}
		users, err := read(t, options(lab), domain)
		if err != nil || len(users) < *bulk+30 {
			t.Errorf("%d users, %v", len(users), err)
		}
		whole, err := read(t, options(lab), subtree(t, lab.Base))
		if err != nil || len(whole) != len(users) {
			t.Errorf("the root as an OU has %d users, %v, want %d", len(whole), err, len(users))
		}
	})
}

func must(users []state.DirectoryUser, err error) []state.DirectoryUser {
	if err != nil {
		panic(err)
	}
	return users
}

func testNoPlaces(t *testing.T, lab adtest.Lab) {
	for _, c := range []struct {
		name  string
		place state.Place
		want  state.DirectoryFault
	}{
		{"an OU that does not exist", subtree(t, "OU=Stuff,"+lab.Base), state.DirectoryNoPlace},
		{"a user", subtree(t, "CN=Alice Archer,OU=Staff,"+lab.Base), state.DirectoryNoContainer},
		{"a group", subtree(t, "CN=All Staff,OU=Staff,"+lab.Base), state.DirectoryNoContainer},
		{"another domain", subtree(t, "OU=Staff,DC=fabrikam,DC=test"), state.DirectoryElsewhere},
		{"another domain by its DNS name", state.Place{Domain: "fabrikam.test"}, state.DirectoryElsewhere},
		{"an objectGUID that no object has", state.Place{GUID: state.Anchor{1}}, state.DirectoryNoPlace},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := read(t, options(lab), c.place); faultOf(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func testAccounts(t *testing.T, lab adtest.Lab) {
	for _, c := range []struct {
		name, user, password string
		want                 state.DirectoryFault
	}{
		{"a wrong password", lab.User, "not the p@ss", state.DirectoryWrongPassword},
		{"an account that does not exist", lab.Account("unknown"), lab.Password, state.DirectoryWrongPassword},
		{"a disabled account", lab.Account("svc-disabled"), lab.Password, state.DirectoryDisabled},
		{"an expired account", lab.Account("svc-expired"), lab.Password, state.DirectoryExpired},
		{"a password that has to be changed", lab.Account("svc-pwmust"), lab.Password, state.DirectoryPasswordExpired},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(lab)
			o.User, o.Password = c.user, state.Secret(c.password)
			_, err := read(t, o, subtree(t, "OU=Staff,"+lab.Base))
			if faultOf(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), c.password) {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func testValues(t *testing.T, lab adtest.Lab) {
	users, err := read(t, options(lab), one(t, "OU=Staff,"+lab.Base))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]state.DirectoryUser{}
	for _, u := range users {
		byName[names([]state.DirectoryUser{u})] = u
	}
	alice, bob := byName["alice archer"], byName["bob brown"]
	if got := alice.ConsistencyGUID.ImmutableID(); got != "MyIRAFVEd2aImaq7zN3u/w==" {
		t.Errorf("alice's ms-DS-ConsistencyGuid is %s in base64", got)
	}
	if got := alice.ConsistencyGUID.String(); got != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Errorf("alice's ms-DS-ConsistencyGuid is shown as %s", got)
	}
	if !bob.ConsistencyGUID.IsZero() || bob.ObjectGUID.IsZero() || !strings.HasPrefix(bob.SID, "S-1-5-21-1111111111-2222222222-") {
		t.Errorf("bob reads back as %+v", bob)
	}
	if bob.UserPrincipalName != "bob@contoso.test" || bob.Disabled || !byName["disabled dave"].Disabled || byName["no upn"].UserPrincipalName != "" {
		t.Errorf("names or states read back wrong: %+v", users)
	}
}

func testHidden(t *testing.T, lab adtest.Lab) {
	o := options(lab)
	o.User = lab.Account("svc-limited")
	if _, err := read(t, o, subtree(t, "OU=Hidden,OU=Staff,"+lab.Base)); faultOf(err) != state.DirectoryUnreadable {
		t.Errorf("an OU that may not be read: %v", err)
	}
	place := subtree(t, "OU=NoGuid,OU=Staff,"+lab.Base)
	o.Anchors = []string{state.AnchorConsistencyGUID}
	reads, err := ad.Read(t.Context(), []*ad.Reader{reader(t, o)}, []state.Place{place})
	if err != nil || len(reads[0].Places[0].Users) != 3 {
		t.Fatalf("read: %v", err)
	}
	nobody, err := state.NewBuilder().Snapshot(state.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := join.Join(nobody, reads); faultOf(err) != state.DirectoryUnreadable {
		t.Errorf("the anchor may not be read, and the join returned %v", err)
	}
}

func testTrust(t *testing.T, lab adtest.Lab) {
	_, otherCA, err := adtest.Certificate(later(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	upgrade := func(o *ad.Options) { o.URLs, o.StartTLS = []string{lab.LDAP}, true }
	for _, c := range []struct {
		name   string
		change func(*ad.Options)
		want   state.DirectoryFault
	}{
		{"LDAPS", func(*ad.Options) {}, ""},
		{"StartTLS", upgrade, ""},
		{"LDAPS, a CA that is not trusted", func(o *ad.Options) { o.CA = otherCA }, state.DirectoryUntrusted},
		{"LDAPS, a CA that the system does not trust", func(o *ad.Options) { o.CA = nil }, state.DirectoryUntrusted},
		{"StartTLS, a CA that is not trusted", func(o *ad.Options) { upgrade(o); o.CA = otherCA }, state.DirectoryUntrusted},
		{"LDAPS at the LDAP port", func(o *ad.Options) { o.URLs = []string{"ldaps" + strings.TrimPrefix(lab.LDAP, "ldap")} }, state.DirectoryNoTLS},
		{"the second server is used if the first is unreachable", func(o *ad.Options) { o.URLs = []string{"ldaps://127.0.0.1:1", lab.LDAPS} }, ""},
		{"no server at the port", func(o *ad.Options) { o.URLs = []string{"ldaps://127.0.0.1:1"} }, state.DirectoryUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(lab)
			c.change(&o)
			if _, err := read(t, o, one(t, "OU=Staff,"+lab.Base)); faultOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
