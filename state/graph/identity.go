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

// Identity is what an access token says of whoever signed in ("Access tokens in the
// Microsoft identity platform"). It is not verified, which is for Graph to do: it may
// spare a refusal, and explain one.
type Identity struct {
	Tenant      state.TenantID
	App         string       // application id
	AppName     string       // "" where the token does not say
	User        state.UserID // whom the application acts for; zero for an application by itself
	UserName    string
	Permissions []string // application permissions, or those delegated by the user, sorted
	Expires     time.Time
}

// Delegated reports whether a user signed in: what he may do himself limits the
// application.
func (i Identity) Delegated() bool { return !i.User.IsZero() }

// ErrOpaque says that nothing can be read in the access token.
var ErrOpaque = errors.New("the access token cannot be read")

// Identity signs in and reads the token. It asks nothing of Graph. It fails with
// [ErrOpaque] where there is no token, or one that is not for us to read.
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

// tokenClaims are those of the claims of an access token that are used.
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
	id.Tenant, _ = state.ParseID[state.Organization](claims.Tenant) // zero: not told
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

// unsigned is a token that proves nothing, for a sandbox alone.
type unsigned string

func newUnsigned(roles []string) (tokenSource, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"roles": roles, "idtyp": "app", "appid": "sandbox"}).
		SignedString(jwt.UnsafeAllowNoneSignatureType)
	return unsigned(token), err
}

func (u unsigned) GetAuthorizationToken(context.Context, *url.URL, map[string]any) (string, error) {
	return string(u), nil
}
