package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/seatwright/seatwright/state"
)

// ErrForeignAddress reports that a request had an address that is not the configured
// Graph. Nothing was sent.
var ErrForeignAddress = errors.New("the address is not that of the configured Graph")

// authorize adds the token. It compares the address itself, whatever other links of the
// chain have done: a link to the next page, a redirect or a batch is foreign text.
type authorize struct {
	next   http.RoundTripper
	root   root
	tokens tokenSource // nil: none is sent
}

// tokenSource is the part of the SDK's AccessTokenProvider that is needed.
type tokenSource interface {
	GetAuthorizationToken(ctx context.Context, address *url.URL, more map[string]any) (string, error)
}

// signInError reports that no token was obtained.
type signInError struct{ cause error }

func (e *signInError) Error() string { return "sign in: " + shorten(e.cause.Error()) }

func (e *signInError) Unwrap() error { return e.cause }

// RoundTrip implements [http.RoundTripper]. An answer of 401 means that nothing was done,
// so even a write is sent once more if a better token is available.
func (a authorize) RoundTrip(req *http.Request) (*http.Response, error) {
	if !a.root.contains(req.URL) {
		return nil, fmt.Errorf("%w: host %q", ErrForeignAddress, cut(req.URL.Host))
	}
	if a.tokens == nil {
		return a.next.RoundTrip(req)
	}
	token, err := a.token(req, "")
	if err != nil {
		return nil, err
	}
	answer, err := a.sign(req, token)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	better, err := a.token(req, challenged(answer))
	switch {
	case err != nil:
		return nil, err
	case better == token: // the service refuses the token, and there is no other
		return answer, nil
	}
	return a.sign(req, better)
}

func (a authorize) sign(req *http.Request, token state.Secret) (*http.Response, error) {
	signed, err := rewind(req)
	if err != nil {
		return nil, err
	}
	signed.Header.Set("Authorization", "Bearer "+token.Reveal())
	return a.next.RoundTrip(signed)
}

// token requests a token, which proves the claims, if there are any.
func (a authorize) token(req *http.Request, claims string) (state.Secret, error) {
	var more map[string]any
	if claims != "" {
		more = map[string]any{"claims": claims}
	}
	token, err := a.tokens.GetAuthorizationToken(req.Context(), req.URL, more)
	switch {
	case err != nil && req.Context().Err() != nil:
		return "", req.Context().Err()
	case err != nil:
		return "", &signInError{err}
	case token == "": // the SDK's provider returns "" where it does not trust the host
		return "", &signInError{errors.New("the credential returned an empty token")}
	}
	return state.Secret(token), nil
}
