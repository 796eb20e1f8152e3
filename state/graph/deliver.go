package graph

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// deliver sends writes. It sends those again that were refused temporarily and therefore
// not done. A write that it could not send has a result that reports this.
func (c *Client) deliver(ctx context.Context, requests []batchRequest) []batchResult {
	outcomes := make([]batchResult, len(requests))
	pending := make([]int, len(requests))
	for i := range requests {
		pending[i] = i
	}
	began := time.Now()
	for attempt := 1; ; attempt++ {
		var wait time.Duration
		pending, wait = c.deliverOnce(ctx, attempt, requests, pending, outcomes)
		if len(pending) == 0 || time.Since(began)+wait > maxRefusal || pause(ctx, wait) != nil {
			return outcomes
		}
	}
}

// deliverOnce sends the pending writes once, in as many batches as the pacer allows. It
// returns those to send again, and the longest time to wait.
func (c *Client) deliverOnce(ctx context.Context, attempt int, requests []batchRequest, pending []int, outcomes []batchResult) (again []int, wait time.Duration) {
	for len(pending) > 0 {
		f, err := c.pacer.admit(ctx, len(pending))
		if err != nil {
			for _, i := range pending {
				if outcomes[i].tries == 0 { // otherwise the refusal has more information
					outcomes[i].err = &withheldError{err}
				}
			}
			return nil, 0
		}
		c.exchangeOnce(ctx, requests, pending[:f.writes], outcomes)
		v := feedbackOf(outcomes, pending[:f.writes])
		c.pacer.release(f, v)
		refused, longest := retryRefused.selectRetries(attempt, pending[:f.writes], outcomes)
		again, wait = append(again, refused...), max(wait, longest)
		pending = pending[f.writes:]
	}
	return again, wait
}

// retryRefused repeats writes that were refused temporarily and therefore not done.
var retryRefused = retryPolicy{again: (*refusal).refusedForNow, first: writePause}

// withheldError reports why a write was not sent.
type withheldError struct{ cause error }

func (e *withheldError) Error() string { return "nothing was sent: " + e.cause.Error() }

func (e *withheldError) Unwrap() error { return e.cause }

// feedbackOf returns what the pacer learns from the results of a flight.
func feedbackOf(outcomes []batchResult, flight []int) feedback {
	var v feedback
	for _, i := range flight {
		v.used = max(v.used, outcomes[i].used)
		no, refused := errors.AsType[*refusal](outcomes[i].err)
		switch {
		case refused && (no.refusedForNow() || isTemporary(no.status)):
			v.refused++
			if no.status == http.StatusTooManyRequests {
				v.wait = max(v.wait, no.after, writePause/4)
			}
		case refused || outcomes[i].err == nil:
			v.accepted++
		}
	}
	return v
}
