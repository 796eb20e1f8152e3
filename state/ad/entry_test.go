package ad

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// entry returns a complete user, with changes: a name and its value alternately.
func entry(changes ...string) *ldap.Entry {
	const sid = "\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x50\x04\x00\x00"
	values := map[string][]string{
		"OBJECTGUID": {"0123456789abcdef"}, "objectSid": {sid}, "userAccountControl": {"512"}, "sAMAccountType": {"805306368"}, "userPrincipalName": {"anna@contoso.com"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		values[changes[i]] = []string{changes[i+1]}
	}
	return ldap.NewEntry("CN=Anna,DC=contoso,DC=com", values)
}

func TestDecodeRequiresIdentifiers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		entry *ldap.Entry
		want  state.DirectoryFault
	}{
		{"all attributes, in any case", entry(), ""},
		{"a contact", entry("sAMAccountType", ""), state.DirectoryBroken},
		{"a computer", entry("sAMAccountType", "805306369"), state.DirectoryBroken},
		{"an invalid objectGUID", entry("OBJECTGUID", "short"), state.DirectoryBroken},
		{"an invalid objectSid", entry("objectSid", "S-1-5"), state.DirectoryBroken},
		{"an invalid userAccountControl", entry("userAccountControl", "0x200"), state.DirectoryBroken},
		{"an invalid mailbox type", entry("msExchRecipientTypeDetails", "?"), ""},
	} {
		if _, fault, _ := decode(c.entry); fault != c.want {
			t.Errorf("%s: got %q, want %q", c.name, fault, c.want)
		}
	}
}

func TestDecodeReadsValues(t *testing.T) {
	t.Parallel()
	shared, _, _ := decode(entry("userAccountControl", "66050", "MSEXCHRECIPIENTTYPEDETAILS", "34359738368", "mS-DS-ConsistencyGuid", "fedcba9876543210"))
	if !shared.Disabled || !shared.Impersonal() || shared.SID != "S-1-5-21-1-2-3-1104" || shared.ConsistencyGUID != state.Anchor([]byte("fedcba9876543210")) || shared.InvalidAnchor {
		t.Errorf("read %+v", shared)
	}
	odd, _, _ := decode(entry("mS-DS-ConsistencyGuid", "employee 12345"))
	if !odd.InvalidAnchor || !odd.ConsistencyGUID.IsZero() || odd.Disabled || odd.Impersonal() {
		t.Errorf("read %+v", odd)
	}
}

// FuzzDecode checks that every entry from the network gives either a user with
// identifiers, or a fault.
func FuzzDecode(f *testing.F) {
	f.Add("CN=Anna", []byte("0123456789abcdef"), []byte("\x01\x00"), []byte("512"), []byte("x"))
	f.Fuzz(func(t *testing.T, dn string, guid, sid, control, consistency []byte) {
		user, fault, why := decode(entryOf(dn, guid, sid, control, consistency))
		if (fault == "") != (why == "") || fault == "" && (user.SID == "" || user.DN != dn) {
			t.Errorf("got %+v, %q, %q", user, fault, why)
		}
	})
}

func entryOf(dn string, guid, sid, control, consistency []byte) *ldap.Entry {
	e := entry("OBJECTGUID", string(guid), "objectSid", string(sid), "userAccountControl", string(control), "mS-DS-ConsistencyGuid", string(consistency))
	e.DN = dn
	return e
}
