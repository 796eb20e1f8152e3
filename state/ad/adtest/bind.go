package adtest

import (
	"fmt"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// bind signs an account in, with the texts of a domain controller.
func (c *conn) bind(id int64, op *ber.Packet) bool {
	c.account = nil
	c.s.mu.Lock()
	c.s.binds++
	c.s.mu.Unlock()
	answer := func(code uint16, message string) bool {
		return c.send(id, result(ldap.ApplicationBindResponse, code, "", message))
	}
	if len(op.Children) < 3 || op.Children[2].Tag != 0 {
		return answer(7, "00002027: LdapErr: DSID-0C090589, comment: Unsupported authentication method\x00")
	}
	name, password := op.Children[1].Data.String(), op.Children[2].Data.String()
	switch {
	case name == "" && password == "":
		return answer(0, "") // anonymous: it succeeds, and sees nothing
	case !c.tls:
		return answer(8, "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v4563\x00")
	}
	account, known := c.s.Accounts[strings.ToLower(name)]
	trouble := account.Trouble
	if !known || account.Password != password {
		trouble = "52e"
	}
	if trouble != "" {
		return answer(49, fmt.Sprintf("80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data %s, v4563\x00", trouble))
	}
	c.account = &account
	return answer(0, "")
}
