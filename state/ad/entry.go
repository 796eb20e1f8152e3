package ad

import (
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// The attributes that are read, in lower case except for those that have a name in
// [state]. Servers return names of attributes in any case.
const (
	attrSID     = "objectsid"
	attrUPN     = "userprincipalname"
	attrControl = "useraccountcontrol"
	attrType    = "samaccounttype"
	attrMailbox = "msexchrecipienttypedetails"
)

func userAttributes() []string {
	return []string{"objectGUID", "mS-DS-ConsistencyGuid", "objectSid", "userPrincipalName", "userAccountControl", "sAMAccountType", "msExchRecipientTypeDetails"}
}

const (
	// userType is SAM_USER_OBJECT (sAMAccountType).
	userType = "805306368"
	// accountDisable is the bit ACCOUNTDISABLE of userAccountControl.
	accountDisable = 2
)

// decode returns the user of an entry, or what is wrong with it. Every user has an
// objectGUID, an objectSid and a userAccountControl. If one is missing, the account may
// not read it, and other attributes could be hidden too.
func decode(entry *ldap.Entry) (user state.DirectoryUser, fault state.DirectoryFault, why string) {
	values := map[string][]byte{}
	for _, attribute := range entry.Attributes {
		if len(attribute.ByteValues) > 0 {
			values[strings.ToLower(attribute.Name)] = attribute.ByteValues[0]
		}
	}
	guid, sid, control := values[strings.ToLower(state.AnchorObjectGUID)], values[attrSID], values[attrControl]
	switch {
	case string(values[attrType]) != userType:
		return user, state.DirectoryBroken, "is not a user"
	case guid == nil || sid == nil || control == nil:
		return user, state.DirectoryUnreadable, "has no readable objectGUID, objectSid or userAccountControl"
	}
	return decodeValues(entry.DN, guid, sid, control, values)
}

func decodeValues(dn string, guid, sid, control []byte, values map[string][]byte) (user state.DirectoryUser, fault state.DirectoryFault, why string) {
	text, err := state.ParseSID(sid)
	flags, wrong := strconv.ParseInt(string(control), 10, 64)
	consistency := values["ms-ds-consistencyguid"]
	if err != nil || wrong != nil || len(guid) != len(state.Anchor{}) {
		return user, state.DirectoryBroken, "has an invalid objectGUID, objectSid or userAccountControl"
	}
	user = state.DirectoryUser{
		ObjectGUID: state.Anchor(guid), SID: text, UserPrincipalName: string(values[attrUPN]), DN: dn, Disabled: flags&accountDisable != 0,
	}
	switch len(consistency) {
	case 0:
	case len(state.Anchor{}):
		user.ConsistencyGUID = state.Anchor(consistency)
	default: // the attribute can have any value
		user.InvalidAnchor = true
	}
	user.Mailbox, _ = strconv.ParseInt(string(values[attrMailbox]), 10, 64) // absent without Exchange
	return user, "", ""
}
