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

// How often and how long. A tenant that has refused for minutes will go on doing so.
const (
	maxAttempts     = 8 // of a request that was refused
	maxLostAttempts = 5 // of a read whose answer did not come, or was an error of the service's own
	readPause       = time.Second
	writePause      = 4 * time.Second // license writes are taken one at a time per tenant
	maxPause        = time.Minute     // of our own making
	maxRetryAfter   = 5 * time.Minute // of the service's
	patience        = 6 * time.Minute // with one request and its repetitions, the pauses included
)

// retry repeats reads that were refused for the moment, or whose answer was lost,
// and anything that never reached the service. It never repeats a write that may
// have happened: that is for [writer] to say, which knows each change.
type retry struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r retry) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	for attempt := 1; ; attempt++ {
		again, err := rewound(req)
		if err != nil {
			return nil, err
		}
		answer, err := r.next.RoundTrip(again)
		wait, worthIt := worthAnother(onlyReads(req.Context()), attempt, answer, err)
		if !worthIt || time.Since(began)+wait > patience || pause(req.Context(), wait) != nil {
			return answer, err
		}
	}
}

// rewound returns the request with its body from the start.
func rewound(req *http.Request) (*http.Request, error) {
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

// worthAnother reports whether a request should be repeated, and after which time.
func worthAnother(reads bool, attempt int, answer *http.Response, err error) (time.Duration, bool) {
	if err != nil {
		_, lost := errors.AsType[*lostError](err)
		_, unsent := errors.AsType[*unsentError](err)
		return backoff(attempt, readPause), (unsent || lost && reads) && attempt < maxLostAttempts
	}
	switch {
	case !reads:
		return 0, false
	case answer.StatusCode == http.StatusInternalServerError: // reading does no harm
		return backoff(attempt, readPause), attempt < maxLostAttempts
	case !momentary(answer.StatusCode):
		return 0, false
	}
	return max(retryAfter(answer.Header.Get("Retry-After")), backoff(attempt, readPause)), attempt < maxAttempts
}

// momentary reports whether a status means "not now" ("Microsoft Graph throttling
// guidance"; 502 and 504 come from the gateways before it).
func momentary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// backoff doubles with every attempt, up to maxPause, and is spread over a quarter
// to both sides, so that programs that were refused together part ways.
func backoff(attempt int, first time.Duration) time.Duration {
	d := min(first<<min(attempt-1, 20), maxPause)
	return d*3/4 + rand.N(d/2) //nolint:gosec // it need not be unforeseeable
}

// retryAfter reads the header of that name, which is seconds, with a fraction at
// times, or an HTTP date. What makes no sense is no time; at most maxRetryAfter.
func retryAfter(header string) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		if !(seconds > 0) { // also not a number
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

// pause waits, or fails with the context's error.
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
