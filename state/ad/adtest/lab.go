package adtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Lab is a domain CONTOSO.TEST that tests can read, on any server. Its tree is that of
// samba-ad.sh: OU=Staff with OUs of difficult names and users of every kind, and OU=Bulk
// in it with the requested number of users.
type Lab struct {
	LDAPS, LDAP string // URLs
	CA          []byte // PEM
	Base        string
	User        string // may read everything
	Password    string // of all accounts
}

// Account returns the user principal name of one of the lab's accounts: svc-limited (sees
// nothing below OU=Hidden and no ms-DS-ConsistencyGuid below OU=NoGuid), svc-disabled,
// svc-expired, svc-pwmust.
func (l Lab) Account(name string) string {
	_, domain, _ := strings.Cut(l.User, "@")
	return name + "@" + domain
}

// StaffGUID is the objectGUID of OU=Staff, in every lab.
const StaffGUID = "e58f4816-0350-523b-9615-a09f36f281db"

// OddNames returns the OUs below OU=Staff whose names are difficult, each with one user
// in it (and OU=Zürich with another one below it).
func OddNames() []string {
	return []string{
		"Sales, Marketing", "R+D", `"Quoted"`, "#Temp", " Leading", "Trailing ", "a=b", "semi;colon", "lt<gt>",
		`back\slash`, "slash/here", "paren (x) * star", "Zürich", "日本", `sub,#mix +"x" `, "O'Brien & Söhne",
	}
}

const (
	labBase     = "DC=contoso,DC=test"
	labDomain   = "contoso.test"
	labPassword = "Svc-Passw0rd!"
	aliceAnchor = "00112233-4455-6677-8899-aabbccddeeff"
)

// Fake returns the lab in this process, and its server for setting faults.
func Fake(tb testing.TB, bulk int) (Lab, *Server) {
	tb.Helper()
	tree, err := NewTree(labBase, "S-1-5-21-1111111111-2222222222-3333333333")
	if err == nil {
		err = tree.Add(labEntries(bulk)...)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return Serve(tb, tree, labAccounts(), "127.0.0.1", "localhost")
}

// Serve listens for a tree of the test, with a certificate for the hosts.
func Serve(tb testing.TB, tree *Tree, accounts map[string]Account, hosts ...string) (Lab, *Server) {
	tb.Helper()
	config, ca, err := Certificate(time.Now().Add(time.Hour), hosts...)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Tree: tree, Accounts: accounts, tls: config, Partitions: []string{
		"ldap://" + labDomain + "/CN=Configuration," + tree.base, "ldap://DomainDnsZones." + labDomain + "/DC=DomainDnsZones," + tree.base,
	}}
	tb.Cleanup(s.Close)
	ldaps, err := s.Listen(true)
	if err != nil {
		tb.Fatal(err)
	}
	plain, err := s.Listen(false)
	if err != nil {
		tb.Fatal(err)
	}
	return Lab{LDAPS: "ldaps://" + ldaps, LDAP: "ldap://" + plain, CA: ca, Base: tree.base, User: "svc-ldap@" + labDomain, Password: labPassword}, s
}

func labAccounts() map[string]Account {
	accounts := map[string]Account{
		"svc-limited": {
			Hides: func(e *Entry) bool { return strings.Contains(e.DN, ",OU=Hidden,") },
			Conceals: func(e *Entry, name string) bool {
				return strings.HasPrefix(e.DN, "OU=Hidden,") || strings.Contains(e.DN, ",OU=NoGuid,") && strings.EqualFold(name, "mS-DS-ConsistencyGuid")
			},
		},
		"svc-ldap": {}, "svc-disabled": {Trouble: "533"}, "svc-expired": {Trouble: "701"}, "svc-pwmust": {Trouble: "773"}, "svc-locked": {Trouble: "775"},
	}
	byUPN := map[string]Account{}
	for name, account := range accounts {
		account.Password = labPassword
		byUPN[name+"@"+labDomain] = account
	}
	return byUPN
}

// escape writes a value of a name as Active Directory does (RFC 4514, 2.4).
func escape(value string) string {
	var b strings.Builder
	for i, c := range value {
		if strings.ContainsRune(`,+"\<>;=`, c) || i == 0 && (c == '#' || c == ' ') || i == len(value)-1 && c == ' ' {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// OU returns the distinguished name of an OU below another.
func OU(name, parent string) string { return "OU=" + escape(name) + "," + parent }

func ou(name, parent string) *Entry {
	return &Entry{DN: OU(name, parent), Attributes: map[string][]string{"objectClass": {"top", "organizationalUnit"}}}
}

// person returns a user; more has attributes and their values alternately.
func person(cn, sam, parent string, more ...string) *Entry {
	e := &Entry{DN: "CN=" + escape(cn) + "," + parent, Attributes: map[string][]string{
		"objectClass": {"top", "person", "organizationalPerson", "user"}, "sAMAccountName": {sam}, "userPrincipalName": {sam + "@" + labDomain},
	}}
	for pair := range slices.Chunk(more, 2) {
		e.Attributes[pair[0]] = pair[1:]
		if pair[1] == "" {
			delete(e.Attributes, pair[0])
		}
	}
	return e
}

func object(cn, parent string, classes ...string) *Entry {
	return &Entry{DN: "CN=" + cn + "," + parent, Attributes: map[string][]string{"objectClass": append([]string{"top"}, classes...)}}
}

// labEntries returns the tree that the seed of samba-ad.sh makes.
func labEntries(bulk int) []*Entry {
	const consistency = "mS-DS-ConsistencyGuid"
	staffGUID, _ := guidOctets(StaffGUID)
	anchor, _ := guidOctets(aliceAnchor)
	staffOU := ou("Staff", labBase)
	staffOU.Attributes["objectGUID"] = []string{staffGUID}
	staff := staffOU.DN
	entries := []*Entry{staffOU, object("Users", labBase, "container"), ou("Leavers", labBase), ou("Empty", staff)}
	for i, name := range OddNames() {
		odd := ou(name, staff)
		entries = append(entries, odd, person("Member of "+strings.TrimSpace(name), fmt.Sprintf("odd%02d", i+1), odd.DN))
	}
	nested := ou("日本", OU("Zürich", staff))
	entries = append(entries, nested, person("Nested Deep", "deep", nested.DN),
		person("Alice Archer", "alice", staff, consistency, anchor),
		person("Bob Brown", "bob", staff),
		person("Müller, Jürg", "jmueller", staff),
		person("No Upn", "noupn", staff, "userPrincipalName", ""),
		person("Other Suffix", "suffix", staff, "userPrincipalName", "other.suffix@contoso.com"),
		person("Disabled Dave", "dave", staff, "userAccountControl", "514"),
		person(`Star * (paren) \ back`, "star", staff),
		object("Inet Org", staff, "person", "organizationalPerson", "user", "inetOrgPerson"),
		person("Leaver Lou", "lou", "OU=Leavers,"+labBase, "userAccountControl", "514", consistency, "an old forest GUID"[:16]),
		object("Contact Carla", staff, "person", "organizationalPerson", "contact"), object("PC001", staff, "person", "organizationalPerson", "user", "computer"),
		object("gmsa1", staff, "person", "organizationalPerson", "user", "computer", "msDS-GroupManagedServiceAccount"), object("All Staff", staff, "group"))
	for _, name := range []string{"Hidden", "NoGuid"} {
		entries = append(entries, ou(name, staff))
		for i := range 3 {
			entries = append(entries, person(fmt.Sprintf("%s %d", name, i), fmt.Sprintf("%s%d", strings.ToLower(name), i), OU(name, staff), consistency, fmt.Sprintf("%s-%010d", name[:5], i)))
		}
	}
	return append(entries, bulkEntries(bulk, staff)...)
}

// bulkEntries returns many users. Every third has an anchor, every fiftieth is disabled.
func bulkEntries(n int, staff string) []*Entry {
	bulk := ou("Bulk", staff)
	entries := []*Entry{bulk}
	for i := range n {
		e := person(fmt.Sprintf("User %05d", i), fmt.Sprintf("bulk%05d", i), bulk.DN)
		if i%3 == 0 {
			e.Attributes["mS-DS-ConsistencyGuid"] = []string{fmt.Sprintf("bulk%012d", i)}
		}
		if i%50 == 0 {
			e.Attributes["userAccountControl"] = []string{"514"}
		}
		entries = append(entries, e)
	}
	return entries
}
