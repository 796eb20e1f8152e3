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

// batchResult is the result of one request of a batch.
type batchResult struct {
	body  jsontext.Value
	err   error   // a [*refusal], a [*lostError], or the error of the whole batch
	tries int     // how often it was sent
	used  float64 // of the quota, if the answer has it
}

// retryPolicy decides which requests of a batch are sent again, and the pause where the
// service names none.
type retryPolicy struct {
	again func(*refusal) bool
	first time.Duration // of the pauses, which double
}

// exchange sends up to 20 requests in one batch. It sends those again that were refused
// and that the policy allows, after the longest time that the service named. The results
// are in the order of the requests.
func (c *Client) exchange(ctx context.Context, requests []batchRequest, how retryPolicy) []batchResult {
	outcomes := make([]batchResult, len(requests))
	pending := make([]int, len(requests))
	for i := range requests {
		requests[i].ID = strconv.Itoa(i)
		pending[i] = i
	}
	for attempt := 1; ; attempt++ {
		c.exchangeOnce(ctx, requests, pending, outcomes)
		var wait time.Duration
		pending, wait = how.selectRetries(attempt, pending, outcomes)
		if len(pending) == 0 || attempt == maxAttempts || pause(ctx, wait) != nil {
			return outcomes
		}
	}
}

// selectRetries returns the requests to send again, and how long to wait: the longest
// time that the service names, or the policy's own pause where it names none.
func (p retryPolicy) selectRetries(attempt int, pending []int, outcomes []batchResult) (again []int, wait time.Duration) {
	pause := backoff(attempt, p.first)
	for _, i := range pending {
		if no, ok := errors.AsType[*refusal](outcomes[i].err); ok && p.again(no) {
			again = append(again, i)
			wait = max(wait, cmp.Or(no.after, pause))
		}
	}
	return again, wait
}

// exchangeOnce sends the pending requests in one batch and fills in their results.
func (c *Client) exchangeOnce(ctx context.Context, requests []batchRequest, pending []int, outcomes []batchResult) {
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
			outcomes[i].body, outcomes[i].err = answer.result()
			outcomes[i].used = answer.quotaUsed()
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

// decodeBatch reads the answers by id. If an id comes twice, none of the answers can be
// trusted.
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

// result returns the body or the error of the request. The zero answer is one that did
// not come.
func (a batchAnswer) result() (jsontext.Value, error) {
	switch {
	case a.Status == 0:
		return nil, &lostError{errors.New("the batch has no answer to this request")}
	case a.Status >= 200 && a.Status < 300:
		return a.Body, nil
	}
	return nil, newRefusal(a.Status, a.header, a.Body)
}

// quotaUsed returns how much of the quota all applications together use. The service
// returns this fraction from 0.8 on ("Microsoft Graph throttling guidance").
func (a batchAnswer) quotaUsed() float64 {
	used, err := strconv.ParseFloat(a.header("x-ms-throttle-limit-percentage"), 64)
	if err != nil || !(used > 0 && used < 100) { // NaN fails too
		return 0
	}
	return used
}

// header returns a header by name in any case.
func (a batchAnswer) header(name string) string {
	for key, value := range a.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}
