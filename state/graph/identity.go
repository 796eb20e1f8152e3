package graph

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/state"
)

// Identity is the signed-in identity by its access token ("Access tokens in the Microsoft
// identity platform"). The token is not verified, which is Graph's task. It may avoid a
// refusal in advance, and explain one.
type Identity struct {
	Tenant      state.TenantID
	App         string       // application id
	AppName     string       // "" where the token does not have it
	User        state.UserID // the user that the application acts for; zero for an application by itself
	UserName    string
	Permissions []string // application permissions, or those delegated by the user, sorted
	Expires     time.Time
}

// Delegated reports whether a user signed in. The user's own rights then limit the
// application.
func (i Identity) Delegated() bool { return !i.User.IsZero() }

// ErrOpaque reports that the access token cannot be read.
var ErrOpaque = errors.New("the access token cannot be read")

// Identity signs in and reads the token. It sends nothing to Graph. It fails with
// [ErrOpaque] if there is no token, or one in another format.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	if c.tokens == nil {
		return Identity{}, fmt.Errorf("%w: none is sent to this tenant", ErrOpaque)
	}
	token, err := c.tokens.GetAuthorizationToken(ctx, c.root.to("/organization", ""), nil)
	switch {
	case ctx.Err() != nil:
		return Identity{}, ctx.Err()
	case err != nil:
		return Identity{}, &state.Error{Op: "sign in", Reason: state.ReasonUnauthorized, Err: err}
	}
	return readIdentity(token)
}

// tokenClaims has the claims of an access token that are used.
type tokenClaims struct {
	jwt.RegisteredClaims

	Tenant   string   `json:"tid"`
	App      string   `json:"appid"`
	AppName  string   `json:"app_displayname"`
	Type     string   `json:"idtyp"` // "app" or "user"; missing in older tokens
	Object   string   `json:"oid"`
	UserName string   `json:"upn"`
	Roles    []string `json:"roles"`
	Scopes   string   `json:"scp"`
}

func readIdentity(token string) (Identity, error) {
	var claims tokenClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return Identity{}, ErrOpaque // its text may hold parts of the token
	}
	id := Identity{App: cut(claims.App), AppName: cut(claims.AppName), Permissions: claims.Roles}
	id.Tenant, _ = state.ParseID[state.Organization](claims.Tenant) // zero: not known
	if claims.ExpiresAt != nil {
		id.Expires = claims.ExpiresAt.UTC()
	}
	if claims.Type == "user" || claims.Type == "" && claims.Scopes != "" {
		id.User, _ = state.ParseID[state.User](claims.Object)
		id.UserName = cut(claims.UserName)
		id.Permissions = strings.Fields(claims.Scopes)
	}
	slices.Sort(id.Permissions)
	return id, nil
}

// unsigned is a token that proves nothing, only for a sandbox.
type unsigned string

func newUnsigned(roles []string) (tokenSource, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"roles": roles, "idtyp": "app", "appid": "sandbox"}).
		SignedString(jwt.UnsafeAllowNoneSignatureType)
	return unsigned(token), err
}

func (u unsigned) GetAuthorizationToken(context.Context, *url.URL, map[string]any) (string, error) {
	return string(u), nil
}
