package graph

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// deliver sends writes and those again that were refused for the moment and thus
// not done. What it could not send has an outcome that says so.
func (c *Client) deliver(ctx context.Context, requests []batchRequest) []outcome {
	outcomes := make([]outcome, len(requests))
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

// deliverOnce sends the pending writes once, in as many batches as the pacer makes
// of them. It returns those to be sent again, and the longest time to wait.
func (c *Client) deliverOnce(ctx context.Context, attempt int, requests []batchRequest, pending []int, outcomes []outcome) (again []int, wait time.Duration) {
	for len(pending) > 0 {
		f, err := c.pacer.admit(ctx, len(pending))
		if err != nil {
			for _, i := range pending {
				if outcomes[i].tries == 0 { // else the refusal tells more
					outcomes[i].err = &withheldError{err}
				}
			}
			return nil, 0
		}
		c.exchangeOnce(ctx, requests, pending[:f.writes], outcomes)
		v := verdictOn(outcomes, pending[:f.writes])
		c.pacer.land(f, v)
		refused, longest := forNow.refused(attempt, pending[:f.writes], outcomes)
		again, wait = append(again, refused...), max(wait, longest)
		pending = pending[f.writes:]
	}
	return again, wait
}

// forNow repeats what was refused and thus not done.
var forNow = persistence{again: (*refusal).refusedForNow, first: writePause}

// withheldError says why a write was not sent.
type withheldError struct{ cause error }

func (e *withheldError) Error() string { return "nothing was sent: " + e.cause.Error() }

func (e *withheldError) Unwrap() error { return e.cause }

// verdictOn draws together what the pacer learns from the outcomes of a flight.
func verdictOn(outcomes []outcome, flight []int) verdict {
	var v verdict
	for _, i := range flight {
		v.used = max(v.used, outcomes[i].used)
		no, refused := errors.AsType[*refusal](outcomes[i].err)
		switch {
		case refused && (no.refusedForNow() || momentary(no.status)):
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
