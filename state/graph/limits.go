package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// maxPage is far above a page of 999 users (about 1 MB, "List users").
	maxPage = 64 << 20
	// attemptTime is the patience with one attempt; a batch may take 30 s, and a
	// gateway gives up on it before this.
	attemptTime = 100 * time.Second
)

// ErrTooLarge says that an answer was larger than any page can be.
var ErrTooLarge = errors.New("the answer is too large")

// lostError says that no answer came, or not all of it: for a write it means that
// nobody knows.
type lostError struct{ cause error }

func (e *lostError) Error() string { return "no answer: " + e.cause.Error() }

func (e *lostError) Unwrap() error { return e.cause }

// unsentError says that no connection came about: whatever was asked for has not
// happened.
type unsentError struct{ cause error }

func (e *unsentError) Error() string { return "no connection: " + e.cause.Error() }

func (e *unsentError) Unwrap() error { return e.cause }

// lost says what the transport's error leaves open.
func lost(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return &unsentError{err}
	}
	return &lostError{err}
}

// limits bounds an answer in size (unpacked) and time, and reads it whole, so that
// connections are free again and a cut answer is known before anyone acts on it.
type limits struct {
	next     http.RoundTripper
	most     int64
	patience time.Duration
	clock    *serverClock
}

// RoundTrip implements [http.RoundTripper].
func (l limits) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), l.patience)
	defer cancel()
	asked := time.Now()
	answer, err := l.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, lost(err)
	}
	l.clock.note(asked, answer)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, l.most+1))
	switch {
	case err != nil:
		return nil, &lostError{fmt.Errorf("status %d, body cut: %w", answer.StatusCode, err)}
	case int64(len(body)) > l.most:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.most)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	return answer, nil
}
