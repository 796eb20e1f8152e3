package entra

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Caller is the identity and the permissions in a token.
type Caller struct {
	App     string   // appid
	limited bool     // only roles are allowed
	roles   []string // of the application, or the scopes of a user's token
}

// May reports whether the caller holds any of the permissions.
func (c Caller) May(anyOf ...string) bool {
	return !c.limited || slices.ContainsFunc(anyOf, func(p string) bool { return slices.Contains(c.roles, p) })
}

// Names reports whether the caller holds a permission by name. A token that limits nothing
// names none.
func (c Caller) Names(permission string) bool { return slices.Contains(c.roles, permission) }

// TokenExpired is the message of Graph for a token that is too old or too new.
const TokenExpired = "Access token has expired or is not yet valid."

// Claims are the claims of an access token that the sandbox uses.
type Claims struct {
	AppID  string    `json:"appid"`
	AZP    string    `json:"azp"` // the application in tokens of version 2.0
	Issuer string    `json:"iss"`
	Roles  *[]string `json:"roles"`
	Scopes *string   `json:"scp"`
}

// Caller returns the caller of the claims. A token with neither roles nor scopes limits
// nothing.
func (c Claims) Caller() Caller {
	out := Caller{App: echoed(cmp.Or(c.AppID, c.AZP))}
	if c.Roles != nil {
		out.limited, out.roles = true, *c.Roles
	}
	if c.Scopes != nil {
		out.limited, out.roles = true, append(slices.Clone(out.roles), strings.Fields(*c.Scopes)...)
	}
	return out
}

// ReadClaims returns the claims of a token without a check of its signature. They are empty
// for a text that is no JWT, or for a token with other claims.
func ReadClaims(token string) Claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Claims{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var out Claims
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return Claims{}
	}
	return out
}

// microsoft holds the hosts of Microsoft's authorities. A token of theirs is real, and it
// was sent to the wrong place.
var microsoft = []string{
	"sts.windows.net", "login.windows.net", "login.microsoftonline.com", "login.microsoftonline.us", "sts.microsoftonline.us",
	"login.chinacloudapi.cn", "sts.chinacloudapi.cn", "login.partner.microsoftonline.cn",
}

// FromMicrosoft reports whether the issuer of a token is Microsoft.
func (c Claims) FromMicrosoft() bool {
	issuer, err := url.Parse(c.Issuer)
	return err == nil && slices.Contains(microsoft, strings.ToLower(issuer.Hostname()))
}
