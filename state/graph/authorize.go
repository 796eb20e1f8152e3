package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/seatwright/seatwright/state"
)

// ErrForeignAddress says that a request was about to go to an address that is not
// the configured Graph. Nothing was sent.
var ErrForeignAddress = errors.New("the address is not that of the configured Graph")

// authorize puts the token on. It compares the address itself, whatever other
// links have done: a link to the next page, a redirect or a batch is foreign text.
type authorize struct {
	next   http.RoundTripper
	root   root
	tokens tokenSource // nil: none is sent
}

// tokenSource is what is needed of the SDK's AccessTokenProvider.
type tokenSource interface {
	GetAuthorizationToken(ctx context.Context, address *url.URL, more map[string]any) (string, error)
}

// signInError says that no token could be had.
type signInError struct{ cause error }

func (e *signInError) Error() string { return "sign in: " + shorten(e.cause.Error()) }

func (e *signInError) Unwrap() error { return e.cause }

// RoundTrip implements [http.RoundTripper]. An answer of 401 means that nothing was
// done, so that even a write is sent once more where a better token can be had.
func (a authorize) RoundTrip(req *http.Request) (*http.Response, error) {
	if !a.root.holds(req.URL) {
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
	case better == token: // the service does not want it, and there is no other
		return answer, nil
	}
	return a.sign(req, better)
}

func (a authorize) sign(req *http.Request, token state.Secret) (*http.Response, error) {
	signed, err := rewound(req)
	if err != nil {
		return nil, err
	}
	signed.Header.Set("Authorization", "Bearer "+token.Reveal())
	return a.next.RoundTrip(signed)
}

// token asks for a token, which proves the claims, if there are any.
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
	case token == "": // the SDK's provider says so where it does not trust the host
		return "", &signInError{errors.New("the credential gave an empty token")}
	}
	return state.Secret(token), nil
}
