package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

// batchPath and batchSize are those of "Combine multiple HTTP requests using JSON
// batching".
const (
	batchPath = "/$batch"
	batchSize = state.MaxWrites
)

// batchRequest is one request of a batch. The url is relative to the root.
type batchRequest struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// batchAnswer is one answer of a batch; they come in any order.
type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    jsontext.Value    `json:"body"`
}

// outcome is how one request of a batch ended.
type outcome struct {
	body  jsontext.Value
	err   error   // a [*refusal], a [*lostError], or what befell the whole batch
	tries int     // how often it was sent
	used  float64 // of the quota, as far as the answer tells
}

// persistence says which requests of a batch are sent again, and after which
// pause where the service names none.
type persistence struct {
	again func(*refusal) bool
	first time.Duration // of the pauses, which double
}

// exchange sends up to 20 requests side by side, and those again that were refused
// in a way that how allows, after the longest time the service asked for. The
// outcomes are in the order of the requests.
func (c *Client) exchange(ctx context.Context, requests []batchRequest, how persistence) []outcome {
	outcomes := make([]outcome, len(requests))
	pending := make([]int, len(requests))
	for i := range requests {
		requests[i].ID = strconv.Itoa(i)
		pending[i] = i
	}
	for attempt := 1; ; attempt++ {
		c.exchangeOnce(ctx, requests, pending, outcomes)
		var wait time.Duration
		pending, wait = how.refused(attempt, pending, outcomes)
		if len(pending) == 0 || attempt == maxAttempts || pause(ctx, wait) != nil {
			return outcomes
		}
	}
}

// refused picks the requests to be sent again, and how long to wait: the longest
// time that the service asks for, or that we take where it asks for none.
func (p persistence) refused(attempt int, pending []int, outcomes []outcome) (again []int, wait time.Duration) {
	pause := backoff(attempt, p.first)
	for _, i := range pending {
		if no, ok := errors.AsType[*refusal](outcomes[i].err); ok && p.again(no) {
			again = append(again, i)
			wait = max(wait, cmp.Or(no.after, pause))
		}
	}
	return again, wait
}

// exchangeOnce sends the pending requests in one batch and settles their outcomes.
func (c *Client) exchangeOnce(ctx context.Context, requests []batchRequest, pending []int, outcomes []outcome) {
	chosen := make([]batchRequest, len(pending))
	for n, i := range pending {
		chosen[n] = requests[i]
		outcomes[i].tries++
	}
	answers, err := c.sendBatch(ctx, chosen)
	for _, i := range pending {
		outcomes[i].body, outcomes[i].err = nil, err
		if err == nil {
			answer := answers[requests[i].ID]
			outcomes[i].body, outcomes[i].err = answer.settle()
			outcomes[i].used = answer.used()
		}
	}
}

func (c *Client) sendBatch(ctx context.Context, requests []batchRequest) (map[string]batchAnswer, error) {
	body, err := json.Marshal(map[string][]batchRequest{"requests": requests}, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("write batch: %w", err)
	}
	raw, err := c.post(ctx, c.root.to(batchPath, ""), body)
	if err != nil {
		return nil, err
	}
	return decodeBatch(raw)
}

// decodeBatch reads the answers by id. An id that comes twice makes all of them
// doubtful.
func decodeBatch(raw []byte) (map[string]batchAnswer, error) {
	var batch struct {
		Responses []batchAnswer `json:"responses"`
	}
	if err := json.Unmarshal(raw, &batch); err != nil {
		return nil, &lostError{fmt.Errorf("read batch: %w", err)}
	}
	answers := make(map[string]batchAnswer, len(batch.Responses))
	for _, answer := range batch.Responses {
		if _, twice := answers[answer.ID]; twice {
			return nil, &lostError{fmt.Errorf("read batch: two answers to request %q", cut(answer.ID))}
		}
		answers[answer.ID] = answer
	}
	return answers, nil
}

// settle says how the request ended. The zero answer is one that did not come.
func (a batchAnswer) settle() (jsontext.Value, error) {
	switch {
	case a.Status == 0:
		return nil, &lostError{errors.New("the batch holds no answer to this request")}
	case a.Status >= 200 && a.Status < 300:
		return a.Body, nil
	}
	return nil, newRefusal(a.Status, a.header, a.Body)
}

// used returns how much of the quota is used by all who draw from it, a fraction that the
// service gives from 0.8 on ("Microsoft Graph throttling guidance").
func (a batchAnswer) used() float64 {
	used, err := strconv.ParseFloat(a.header("x-ms-throttle-limit-percentage"), 64)
	if err != nil || !(used > 0 && used < 100) { // also not a number
		return 0
	}
	return used
}

// header finds a header by name in any case.
func (a batchAnswer) header(name string) string {
	for key, value := range a.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
