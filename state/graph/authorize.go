package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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

// RoundTrip implements [http.RoundTripper].
func (a authorize) RoundTrip(req *http.Request) (*http.Response, error) {
	if !a.root.holds(req.URL) {
		return nil, fmt.Errorf("%w: host %q", ErrForeignAddress, cut(req.URL.Host))
	}
	if a.tokens == nil {
		return a.next.RoundTrip(req)
	}
	token, err := a.token(req)
	if err != nil {
		return nil, err
	}
	signed := req.Clone(req.Context())
	signed.Header.Set("Authorization", "Bearer "+token.reveal())
	return a.next.RoundTrip(signed)
}

func (a authorize) token(req *http.Request) (secret, error) {
	token, err := a.tokens.GetAuthorizationToken(req.Context(), req.URL, nil)
	switch {
	case err != nil && req.Context().Err() != nil:
		return "", req.Context().Err()
	case err != nil:
		return "", &signInError{err}
	case token == "": // the SDK's provider says so where it does not trust the host
		return "", &signInError{errors.New("the credential gave an empty token")}
	}
	return secret(token), nil
}
