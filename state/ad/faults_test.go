package ad_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/ad"
	"github.com/seatwright/seatwright/state/ad/adtest"
)

// later returns the time when the certificates of tests end.
func later() time.Time { return time.Now().Add(time.Hour) }

// onSearch returns a fault for the nth search of every connection: 1 is the search for
// the place, 2 the first page, 3 the second.
func onSearch(n int, f adtest.Fault) func(int, int) *adtest.Fault {
	return func(_, search int) *adtest.Fault {
		if search != n {
			return nil
		}
		return &f
	}
}

// TestReadFailsWhole breaks the read of 2,500 users, three pages, in every possible way.
func TestReadFailsWhole(t *testing.T) {
	t.Parallel()
	stranger := &adtest.Entry{DN: "CN=Stranger,OU=Leavers,DC=contoso,DC=test", Attributes: map[string][]string{"sAMAccountType": {"805306368"}}}
	contact := &adtest.Entry{DN: "CN=Contact,OU=Bulk,OU=Staff,DC=contoso,DC=test", Attributes: map[string][]string{"objectClass": {"contact"}}}
	bare := &adtest.Entry{DN: "CN=Bare,OU=Bulk,OU=Staff,DC=contoso,DC=test", Attributes: map[string][]string{"sAMAccountType": {"805306368"}}}
	for _, c := range []struct {
		name  string
		fault func(int, int) *adtest.Fault
		want  state.DirectoryFault
	}{
		{"the server closes the connection between two pages", onSearch(3, adtest.Fault{Close: true}), state.DirectoryLost},
		{"the connection is cut inside of an answer", onSearch(3, adtest.Fault{After: 500, Cut: true}), state.DirectoryLost},
		{"the server stalls in the middle of a page", onSearch(3, adtest.Fault{After: 500, Stall: time.Hour}), state.DirectoryTimeout},
		{"a page comes without the paging control", onSearch(3, adtest.Fault{NoPaging: true}), state.DirectoryBroken},
		{"the first page comes without the paging control", onSearch(2, adtest.Fault{NoPaging: true}), state.DirectoryBroken},
		{"the server cuts the answer off", onSearch(3, adtest.Fault{After: 10, Code: 4}), state.DirectorySizeLimit},
		{"the server reports its own time limit", onSearch(2, adtest.Fault{Code: 3}), state.DirectorySizeLimit},
		{"a part is on another server", onSearch(4, adtest.Fault{Referral: "ldap://emea.contoso.test/OU=Far,OU=Bulk,OU=Staff,DC=contoso,DC=test"}), state.DirectoryReferral},
		{"a referral that cannot be parsed", onSearch(4, adtest.Fault{Referral: "ldap://%"}), state.DirectoryReferral},
		{"no permission", onSearch(2, adtest.Fault{Code: 50, Text: "00002098: SecErr"}), state.DirectoryForbidden},
		{"busy", onSearch(2, adtest.Fault{Code: 51}), state.DirectoryBusy},
		{"the cookie is refused", onSearch(3, adtest.Fault{Code: 53}), state.DirectoryBroken},
		{"an unknown result code", onSearch(2, adtest.Fault{Code: 80, Text: "00000000\x00"}), state.DirectoryUnknown},
		{"a user of another place", onSearch(3, adtest.Fault{Misplaced: stranger}), state.DirectoryBroken},
		{"an entry that is not a user", onSearch(3, adtest.Fault{Misplaced: contact}), state.DirectoryBroken},
		{"a user whose attributes may not be read", onSearch(3, adtest.Fault{Misplaced: bare}), state.DirectoryUnreadable},
		{"the place cannot be read", onSearch(1, adtest.Fault{Code: 52}), state.DirectoryBusy},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lab, server := adtest.Fake(t, 2500)
			server.Misbehave(c.fault)
			o := options(lab)
			if c.want == state.DirectoryTimeout {
				o.Timeout = 2 * time.Second
			}
			_, err := read(t, o, subtree(t, "OU=Bulk,OU=Staff,"+lab.Base))
			if faultOf(err) != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if trouble, _ := errors.AsType[*state.DirectoryError](err); c.want != state.DirectoryUnknown && trouble.Hint() == "" || strings.ContainsRune(err.Error(), 0) {
				t.Errorf("no hint, or a NUL in it: %v", err)
			}
		})
	}
}

// TestReadStartsAgainAtTheNextServer loses the first server in the middle. Every user
// must come once, from the second.
func TestReadStartsAgainAtTheNextServer(t *testing.T) {
	t.Parallel()
	lab, first := adtest.Fake(t, 1500)
	first.Misbehave(onSearch(3, adtest.Fault{After: 100, Close: true}))
	other, _ := adtest.Fake(t, 1500)
	o := options(lab)
	o.URLs, o.CA = []string{lab.LDAPS, other.LDAPS}, slices.Concat(lab.CA, other.CA)
	users, err := read(t, o, subtree(t, "OU=Bulk,OU=Staff,"+lab.Base))
	if err != nil || len(users) != 1500 {
		t.Errorf("%d users, %v, want 1500 once", len(users), err)
	}
}

func TestReadNamesAllServersThatFail(t *testing.T) {
	t.Parallel()
	lab, server := adtest.Fake(t, 10)
	server.Misbehave(onSearch(2, adtest.Fault{Close: true}))
	o := options(lab)
	o.URLs = []string{"ldaps://127.0.0.1:1", lab.LDAPS}
	_, err := read(t, o, subtree(t, "OU=Bulk,OU=Staff,"+lab.Base))
	if faultOf(err) != state.DirectoryUnreachable || !strings.Contains(err.Error(), "none of 2 servers") || !strings.Contains(err.Error(), "connection lost") {
		t.Errorf("got %v", err)
	}
}

// TestReadTriesAWrongPasswordOnce counts the attempts over all servers: three of them
// lock an account in many domains.
func TestReadTriesAWrongPasswordOnce(t *testing.T) {
	t.Parallel()
	lab, first := adtest.Fake(t, 0)
	other, second := adtest.Fake(t, 0)
	for name, call := range map[string]func(*ad.Reader) error{
		"read": func(r *ad.Reader) error {
			_, err := ad.Read(t.Context(), []*ad.Reader{r}, []state.Place{subtree(t, "OU=Staff,"+lab.Base)})
			return err
		},
		"check": func(r *ad.Reader) error { return r.Check(t.Context())[0].Err },
	} {
		before := first.Binds()
		o := options(lab)
		o.URLs, o.CA, o.Password = []string{lab.LDAPS, other.LDAPS}, slices.Concat(lab.CA, other.CA), "wrong"
		if err := call(reader(t, o)); faultOf(err) != state.DirectoryWrongPassword {
			t.Errorf("%s: got %v", name, err)
		}
		if first.Binds() != before+1 || second.Binds() != 0 {
			t.Errorf("%s: the password was tried %d and %d times", name, first.Binds()-before, second.Binds())
		}
	}
}

func TestReadWithALockedAccount(t *testing.T) {
	t.Parallel()
	lab, _ := adtest.Fake(t, 0)
	o := options(lab)
	o.User = lab.Account("svc-locked")
	if _, err := read(t, o, subtree(t, "OU=Staff,"+lab.Base)); faultOf(err) != state.DirectoryLocked {
		t.Errorf("got %v", err)
	}
}

func TestReadRefusesWrongAndExpiredCertificates(t *testing.T) {
	t.Parallel()
	tree, err := adtest.NewTree("DC=contoso,DC=test", "S-1-5-21-1-2-3")
	if err != nil {
		t.Fatal(err)
	}
	lab, _ := adtest.Serve(t, tree, nil, "dc1.contoso.test")
	for _, startTLS := range []bool{false, true} {
		o := options(lab)
		if startTLS {
			o.URLs, o.StartTLS = []string{lab.LDAP}, true
		}
		if _, err := read(t, o, subtree(t, lab.Base)); faultOf(err) != state.DirectoryWrongName {
			t.Errorf("a certificate for another name, StartTLS %v: %v", startTLS, err)
		}
	}
	expired, ca, err := adtest.Certificate(time.Now().Add(-time.Minute), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	old, server := adtest.Serve(t, tree, nil, "127.0.0.1")
	server.Present(expired)
	o := options(old)
	o.CA = ca
	if _, err := read(t, o, subtree(t, lab.Base)); faultOf(err) != state.DirectoryBadCertificate {
		t.Errorf("an expired certificate: %v", err)
	}
}

func TestReadFromAServerWithoutTLS(t *testing.T) {
	t.Parallel()
	lab, server := adtest.Fake(t, 0)
	server.Present(nil)
	for name, change := range map[string]func(*ad.Options){
		"StartTLS at a server without TLS":   func(o *ad.Options) { o.URLs, o.StartTLS = []string{lab.LDAP}, true },
		"LDAPS at a port that sends nothing": func(o *ad.Options) { o.URLs = []string{"ldaps" + strings.TrimPrefix(lab.LDAP, "ldap")} },
	} {
		o := options(lab)
		o.Timeout = 2 * time.Second
		change(&o)
		_, err := read(t, o, subtree(t, lab.Base))
		if fault := faultOf(err); fault != state.DirectoryNoTLS && fault != state.DirectoryTimeout {
			t.Errorf("%s: %v", name, err)
		}
		if server.Binds() != 0 {
			t.Errorf("%s: the password was sent without TLS", name)
		}
	}
}

// TestReadEndsWithItsContext cancels while the server stalls.
func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	lab, server := adtest.Fake(t, 100)
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("a signal")
	server.Misbehave(func(_, search int) *adtest.Fault {
		if search == 2 {
			cancel(stopped)
			return &adtest.Fault{Stall: time.Hour}
		}
		return nil
	})
	_, err := ad.Read(ctx, []*ad.Reader{reader(t, options(lab))}, []state.Place{subtree(t, "OU=Bulk,OU=Staff,"+lab.Base)})
	if !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause of the end", err)
	}
}

func TestNewRefusesOptions(t *testing.T) {
	t.Parallel()
	good := ad.Options{Name: "corp", URLs: []string{"ldaps://dc1.contoso.test"}, User: "reader@contoso.test", Password: "secret-word"}
	for _, c := range []struct {
		want   string
		change func(*ad.Options)
	}{
		{"with TLS only", func(o *ad.Options) { o.URLs = []string{"ldap://dc1.contoso.test"} }},
		{"with TLS only", func(o *ad.Options) { o.StartTLS = true }},
		{"with TLS only", func(o *ad.Options) { o.URLs = []string{"ldapi://socket"} }},
		{"does not have the form", func(o *ad.Options) { o.URLs = []string{"ldaps://user:secret-word@dc1.contoso.test"} }},
		{"does not have the form", func(o *ad.Options) { o.URLs = []string{"ldaps:///DC=contoso"} }},
		{"cannot be read", func(o *ad.Options) { o.URLs = []string{"ldaps://[secret-word"} }},
		{"has no server", func(o *ad.Options) { o.URLs = nil }},
		{"is empty", func(o *ad.Options) { o.Password = "" }},
		{"is empty", func(o *ad.Options) { o.User = "" }},
		{"no certificate in PEM", func(o *ad.Options) { o.CA = []byte("no") }},
	} {
		o := good
		c.change(&o)
		_, err := ad.New(o)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("got %v, want %q and no secret", err, c.want)
		}
	}
}

func TestOptionsNeverShowThePassword(t *testing.T) {
	t.Parallel()
	o := ad.Options{Password: "hunter2"}
	text, err := o.Password.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %s", o, o, o, o.Password, o.Password, o.Password, text)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", o.Password)
	if strings.Contains(shown+log.String(), "hunter2") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret is in %s %s", shown, log.String())
	}
}

func TestCheckTriesEveryServer(t *testing.T) {
	t.Parallel()
	lab, _ := adtest.Fake(t, 0)
	o := options(lab)
	o.URLs = []string{"ldaps://127.0.0.1:1", lab.LDAPS}
	findings := reader(t, o).Check(t.Context())
	if len(findings) != 2 || faultOf(findings[0].Err) != state.DirectoryUnreachable || findings[1].Err != nil || findings[1].Domain != "contoso.test" {
		t.Errorf("found %+v", findings)
	}
}

// TestReadOfSeveralDirectories assigns each place to the directory of its domain.
func TestReadOfSeveralDirectories(t *testing.T) {
	t.Parallel()
	lab, _ := adtest.Fake(t, 5)
	tree, err := adtest.NewTree("DC=emea,DC=contoso,DC=test", "S-1-5-21-4-5-6")
	if err == nil {
		err = tree.LoadLDIF("dn: OU=Far,DC=emea,DC=contoso,DC=test\nobjectClass: organizationalUnit\nobjectGUID: 00112233-4455-6677-8899-aabbccddeeff\n\n" +
			"dn: CN=Eve,OU=Far,DC=emea,DC=contoso,DC=test\nobjectClass: user\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	child, _ := adtest.Serve(t, tree, map[string]adtest.Account{"svc-ldap@contoso.test": {Password: lab.Password}}, "127.0.0.1")
	childOptions := options(child)
	childOptions.Name = "emea"
	guid, err := state.ParseObjectGUID("00112233-4455-6677-8899-aabbccddeeff")
	if err != nil {
		t.Fatal(err)
	}
	reads, err := ad.Read(t.Context(), []*ad.Reader{reader(t, options(lab)), reader(t, childOptions)}, []state.Place{
		one(t, "OU=Bulk,OU=Staff,"+lab.Base), one(t, "OU=Far,"+child.Base), {Domain: "emea.contoso.test"}, {GUID: guid},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reads) != 2 || len(reads[0].Places) != 1 || len(reads[0].Places[0].Users) != 5 || len(reads[1].Places) != 3 {
		t.Fatalf("read %+v", reads)
	}
	for _, place := range reads[1].Places {
		if names(place.Users) != "eve" {
			t.Errorf("%s has %q", place.Place, names(place.Users))
		}
	}
}

// BenchmarkRead measures the cost of a large OU; see the bytes that are kept, too.
func BenchmarkRead(b *testing.B) {
	lab, _ := adtest.Fake(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		if users, err := read(b, options(lab), subtree(b, "OU=Bulk,OU=Staff,"+lab.Base)); err != nil || len(users) != 20_000 {
			b.Fatal(len(users), err)
		}
	}
}
