package graph

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The number and the time of repetitions. A tenant that has refused for minutes will
// probably continue to refuse.
const (
	maxAttempts     = 8 // of a request that was refused
	maxLostAttempts = 5 // of a read without an answer, or with an error of the service's own
	readPause       = time.Second
	writePause      = 4 * time.Second // license writes are processed one at a time per tenant
	maxPause        = time.Minute     // chosen here
	maxRetryAfter   = 5 * time.Minute // named by the service
	patience        = 6 * time.Minute // for one request and its repetitions, including the pauses
)

// retry repeats reads that were refused temporarily or whose answer was lost, and all
// requests that never reached the service. It never repeats a write that may have
// happened: [writer] decides that, because it knows each change.
type retry struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r retry) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	for attempt := 1; ; attempt++ {
		again, err := rewind(req)
		if err != nil {
			return nil, err
		}
		answer, err := r.next.RoundTrip(again)
		wait, worthIt := shouldRetry(onlyReads(req.Context()), attempt, answer, err)
		if !worthIt || time.Since(began)+wait > patience || pause(req.Context(), wait) != nil {
			return answer, err
		}
	}
}

// rewind returns the request with its body from the start.
func rewind(req *http.Request) (*http.Request, error) {
	clone := req.Clone(req.Context())
	if req.GetBody == nil {
		return clone, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	clone.Body = body
	return clone, nil
}

// shouldRetry reports whether a request should be repeated, and after which time.
func shouldRetry(reads bool, attempt int, answer *http.Response, err error) (time.Duration, bool) {
	if err != nil {
		_, lost := errors.AsType[*lostError](err)
		_, unsent := errors.AsType[*unsentError](err)
		return backoff(attempt, readPause), (unsent || lost && reads) && attempt < maxLostAttempts
	}
	switch {
	case !reads:
		return 0, false
	case answer.StatusCode == http.StatusInternalServerError: // reading is safe
		return backoff(attempt, readPause), attempt < maxLostAttempts
	case !isTemporary(answer.StatusCode):
		return 0, false
	}
	return max(retryAfter(answer.Header.Get("Retry-After")), backoff(attempt, readPause)), attempt < maxAttempts
}

// isTemporary reports whether a status means "not now" ("Microsoft Graph throttling
// guidance"; 502 and 504 come from gateways).
func isTemporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// backoff returns a pause that doubles with every attempt, up to maxPause. It is spread
// by a quarter to both sides, so that programs that were refused together do not return
// together.
func backoff(attempt int, first time.Duration) time.Duration {
	d := min(first<<min(attempt-1, 20), maxPause)
	return d*3/4 + rand.N(d/2) //nolint:gosec // it need not be unforeseeable
}

// retryAfter returns the time in the header of that name: seconds, sometimes with a
// fraction, or an HTTP date. It returns zero for an invalid value, and at most
// maxRetryAfter.
func retryAfter(header string) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		if !(seconds > 0) { // NaN fails too
			return 0
		}
		return time.Duration(math.Ceil(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second)))
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), maxRetryAfter)
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
