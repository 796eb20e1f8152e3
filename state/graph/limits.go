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
	// attemptTime limits one attempt. A batch may take 30 s, and a gateway ends it
	// earlier than this limit.
	attemptTime = 100 * time.Second
)

// ErrTooLarge reports an answer that is larger than any page can be.
var ErrTooLarge = errors.New("the answer is too large")

// lostError reports that no answer came, or not all of it. For a write, the result is
// unknown.
type lostError struct{ cause error }

func (e *lostError) Error() string { return "no answer: " + e.cause.Error() }

func (e *lostError) Unwrap() error { return e.cause }

// unsentError reports that no connection was made, so the request has not happened.
type unsentError struct{ cause error }

func (e *unsentError) Error() string { return "no connection: " + e.cause.Error() }

func (e *unsentError) Unwrap() error { return e.cause }

// lost returns the transport's error as one that reports what is unknown.
func lost(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return &unsentError{err}
	}
	return &lostError{err}
}

// limits bounds an answer in size (unpacked) and time, and reads it completely. So
// connections are free again, and an incomplete answer is detected before it is used.
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
