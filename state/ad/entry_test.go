package ad

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// entry returns a complete user, with changes: a name and its value in turn.
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

func TestWhatAnEntryHasToHave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		entry *ldap.Entry
		want  state.DirectoryFault
	}{
		{"all of it, in whatever case", entry(), ""},
		{"a contact", entry("sAMAccountType", ""), state.DirectoryBroken},
		{"a computer", entry("sAMAccountType", "805306369"), state.DirectoryBroken},
		{"an objectGUID that is none", entry("OBJECTGUID", "short"), state.DirectoryBroken},
		{"an objectSid that is none", entry("objectSid", "S-1-5"), state.DirectoryBroken},
		{"a userAccountControl that is none", entry("userAccountControl", "0x200"), state.DirectoryBroken},
		{"a mailbox type that is none", entry("msExchRecipientTypeDetails", "?"), ""},
	} {
		if _, fault, _ := decode(c.entry); fault != c.want {
			t.Errorf("%s: got %q, want %q", c.name, fault, c.want)
		}
	}
}

func TestWhatIsReadOfAnEntry(t *testing.T) {
	t.Parallel()
	shared, _, _ := decode(entry("userAccountControl", "66050", "MSEXCHRECIPIENTTYPEDETAILS", "34359738368", "mS-DS-ConsistencyGuid", "fedcba9876543210"))
	if !shared.Disabled || !shared.Impersonal() || shared.SID != "S-1-5-21-1-2-3-1104" || shared.ConsistencyGUID != state.Anchor([]byte("fedcba9876543210")) || shared.OddAnchor {
		t.Errorf("read %+v", shared)
	}
	odd, _, _ := decode(entry("mS-DS-ConsistencyGuid", "employee 12345"))
	if !odd.OddAnchor || !odd.ConsistencyGUID.IsZero() || odd.Disabled || odd.Impersonal() {
		t.Errorf("read %+v", odd)
	}
}

// FuzzDecode holds what comes off the wire to its promise: a user with identifiers, or
// a fault and no more.
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
