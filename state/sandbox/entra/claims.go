package entra

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Caller is who a token says is asking, and what for.
type Caller struct {
	App     string   // appid
	limited bool     // roles say all that is allowed
	roles   []string // of the application, or the scopes of a user's token
}

// May tells whether any of the permissions is held.
func (c Caller) May(anyOf ...string) bool {
	return !c.limited || slices.ContainsFunc(anyOf, func(p string) bool { return slices.Contains(c.roles, p) })
}

// Names tells whether a permission is held by name. A token that limits nothing
// names none.
func (c Caller) Names(permission string) bool { return slices.Contains(c.roles, permission) }

// TokenExpired is what Graph answers to a token that is too old or too new.
const TokenExpired = "Access token has expired or is not yet valid."

// Claims are those of an access token that the sandbox looks at.
type Claims struct {
	AppID  string    `json:"appid"`
	AZP    string    `json:"azp"` // the application in tokens of version 2.0
	Issuer string    `json:"iss"`
	Roles  *[]string `json:"roles"`
	Scopes *string   `json:"scp"`
}

// Caller is what the claims come to. A token with neither roles nor scopes limits
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

// ReadClaims reads a token without asking who signed it. What is no JWT, or
// claims something else, claims nothing.
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

// microsoft are the hosts of Microsoft's authorities. A token of theirs is real:
// somebody is sending it to the wrong place.
var microsoft = []string{
	"sts.windows.net", "login.windows.net", "login.microsoftonline.com", "login.microsoftonline.us", "sts.microsoftonline.us",
	"login.chinacloudapi.cn", "sts.chinacloudapi.cn", "login.partner.microsoftonline.cn",
}

// FromMicrosoft tells whether a token claims to be Microsoft's.
func (c Claims) FromMicrosoft() bool {
	issuer, err := url.Parse(c.Issuer)
	return err == nil && slices.Contains(microsoft, strings.ToLower(issuer.Hostname()))
}
