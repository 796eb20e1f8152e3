package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// caller is who a token says is asking, and what for.
type caller struct {
	app     string   // appid
	limited bool     // roles say all that is allowed
	roles   []string // of the application, or the scopes of a user's token
}

// may tells whether any of the permissions is held.
func (c caller) may(anyOf ...string) bool {
	return !c.limited || slices.ContainsFunc(anyOf, func(p string) bool { return slices.Contains(c.roles, p) })
}

// names tells whether a permission is held by name. A token that limits nothing
// names none.
func (c caller) names(permission string) bool { return slices.Contains(c.roles, permission) }

const tokenExpired = "Access token has expired or is not yet valid."

// claims are those of an access token that the sandbox looks at.
type claims struct {
	AppID  string    `json:"appid"`
	AZP    string    `json:"azp"` // the application in tokens of version 2.0
	Issuer string    `json:"iss"`
	Roles  *[]string `json:"roles"`
	Scopes *string   `json:"scp"`
}

// caller is what the claims come to. A token with neither roles nor scopes limits
// nothing.
func (c claims) caller() caller {
	out := caller{app: echoed(cmp.Or(c.AppID, c.AZP))}
	if c.Roles != nil {
		out.limited, out.roles = true, *c.Roles
	}
	if c.Scopes != nil {
		out.limited, out.roles = true, append(slices.Clone(out.roles), strings.Fields(*c.Scopes)...)
	}
	return out
}

// readClaims reads a token without asking who signed it. What is no JWT, or
// claims something else, claims nothing.
func readClaims(token string) claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var out claims
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return claims{}
	}
	return out
}

// microsoft are the hosts of Microsoft's authorities. A token of theirs is real:
// somebody is sending it to the wrong place.
var microsoft = []string{
	"sts.windows.net", "login.windows.net", "login.microsoftonline.com", "login.microsoftonline.us", "sts.microsoftonline.us",
	"login.chinacloudapi.cn", "sts.chinacloudapi.cn", "login.partner.microsoftonline.cn",
}

// real tells whether a token claims to be Microsoft's.
func (c claims) real() bool {
	issuer, err := url.Parse(c.Issuer)
	return err == nil && slices.Contains(microsoft, strings.ToLower(issuer.Hostname()))
}
