package sandbox

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// maxBatch is how many requests one batch takes (Graph: JSON batching).
const maxBatch = 20

// batchItem is one request of a batch.
type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"` // relative to /v1.0
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batchAnswer is one response of a batch.
type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// batcher carries out batches. Each item is a call of its own.
type batcher struct{ handler *handler }

// batch answers POST $batch. The batch itself succeeds even if its items fail.
func (b batcher) batch(_ *service, c *call) response {
	if c.batched {
		return c.refuse(refusal.BadPayload("A batch cannot hold a batch."))
	}
	items, refused := b.parseBatch(c)
	if refused != nil {
		return c.refuse(refused)
	}
	order := b.order(c.body, len(items))
	c.exchange.parallel = !sequential(items)
	var answers []batchAnswer
	if sequential(items) {
		answers = shuffled(b.inOrder(c, items), order)
	} else {
		for _, i := range order {
			answers = append(answers, b.item(c, items[i]))
		}
	}
	return response{status: http.StatusOK, body: ordered.Object{{"responses", answers}}}
}

// order returns the order in which a parallel batch is carried out and any batch is
// answered. Graph promises no order, so clients must not rely on one. It depends only on
// the seed and the bytes of the batch.
func (b batcher) order(body []byte, n int) []int {
	h := fnv.New64a()
	_, _ = h.Write(body)                                            // a hash never fails
	return rand.New(rand.NewPCG(b.handler.seed, h.Sum64())).Perm(n) //nolint:gosec // an order that can be repeated, not a secret
}

func shuffled(answers []batchAnswer, order []int) []batchAnswer {
	out := make([]batchAnswer, 0, len(answers))
	for _, i := range order {
		out = append(out, answers[i])
	}
	return out
}

// parseBatch reads the items. It refuses the whole batch for the same reasons as Graph.
func (b batcher) parseBatch(c *call) ([]batchItem, *refusal.Error) {
	if _, refused := parseObject(c); refused != nil {
		return nil, refused
	}
	var payload struct {
		Requests []batchItem `json:"requests"`
	}
	if json.Unmarshal(c.body, &payload) != nil || len(payload.Requests) == 0 {
		return nil, refusal.BadPayload("Invalid batch payload format.")
	}
	if len(payload.Requests) > maxBatch {
		return nil, &refusal.Error{Status: http.StatusBadRequest, Code: "MaximumValueExceeded",
			Message: fmt.Sprintf("Number of batch request steps exceeds the maximum value of %d.", maxBatch)}
	}
	seen := map[string]bool{}
	for _, item := range payload.Requests {
		if refused := checkItem(item, seen); refused != nil {
			return nil, refused
		}
		seen[strings.ToLower(item.ID)] = true
	}
	if b.handler.service.variants.Has(variant.FanOut) && fansOut(payload.Requests) {
		return payload.Requests, nil
	}
	return payload.Requests, checkShape(payload.Requests)
}

// checkItem checks an item against those before it. Ids differ by more than
// case.
func checkItem(item batchItem, seen map[string]bool) *refusal.Error {
	writes := item.Method != http.MethodGet && item.Method != http.MethodDelete
	switch {
	case item.ID == "" || item.Method == "" || item.URL == "":
		return refusal.BadPayload("Invalid batch payload format.")
	case seen[strings.ToLower(item.ID)]:
		return refusal.BadPayload("Request Id '%s' is used more than once in the batch.", item.ID)
	case writes && (item.header().Get("Content-Type") == "" || isNullJSON(item.Body)):
		return refusal.BadPayload("Write request id : %s does not contain Content-Type header or body.", item.ID)
	}
	for _, parent := range item.DependsOn {
		if !seen[strings.ToLower(parent)] {
			return refusal.BadPayload("Invalid dependency for request Id: %s", item.ID)
		}
	}
	return nil
}

func isNullJSON(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }

// checkShape refuses a batch that is neither fully parallel nor fully sequential. In a
// sequence every item depends on the item before. Dependencies on earlier items add
// nothing.
func checkShape(items []batchItem) *refusal.Error {
	if !slices.ContainsFunc(items, func(i batchItem) bool { return len(i.DependsOn) > 0 }) {
		return nil
	}
	for i, item := range items[1:] {
		previous := func(id string) bool { return strings.EqualFold(id, items[i].ID) }
		if !slices.ContainsFunc(item.DependsOn, previous) {
			return refusal.BadPayload("Batch should be either fully sequential or fully parallel")
		}
	}
	return nil
}

// fansOut reports whether all items depend on the same item, the first.
func fansOut(items []batchItem) bool {
	return !slices.ContainsFunc(items[1:], func(i batchItem) bool {
		return len(i.DependsOn) != 1 || !strings.EqualFold(i.DependsOn[0], items[0].ID)
	})
}

// sequential reports whether the items of a checked batch depend on each other.
func sequential(items []batchItem) bool {
	return len(items[len(items)-1].DependsOn) > 0
}

// inOrder carries the items out in order. An item that depends on a failed item is not
// tried, and that counts as a failure too.
func (b batcher) inOrder(c *call, items []batchItem) []batchAnswer {
	var answers []batchAnswer
	failed := map[string]bool{}
	for _, item := range items {
		carryOut := b.item
		if slices.ContainsFunc(item.DependsOn, func(id string) bool { return failed[strings.ToLower(id)] }) {
			carryOut = b.failedDependency
		}
		a := carryOut(c, item)
		failed[strings.ToLower(item.ID)] = a.Status >= 400
		answers = append(answers, a)
	}
	return answers
}

func (b batcher) failedDependency(outer *call, item batchItem) batchAnswer {
	c := b.itemCall(outer, item)
	return b.answered(item, c, c.refuse(&refusal.Error{Status: http.StatusFailedDependency, Code: "FailedDependency",
		Message: "The request was not tried, since one that it depends on failed."}))
}

func (b batcher) item(outer *call, item batchItem) batchAnswer {
	c := b.itemCall(outer, item)
	return b.answered(item, c, b.handler.dispatch(c))
}

// itemCall returns the call of an item. It has its own headers: only the client's request
// id is inherited from the batch.
func (b batcher) itemCall(outer *call, item batchItem) *call {
	header := item.header()
	path, options, _ := strings.Cut(strings.TrimPrefix(item.URL, "/"), "?")
	c := &call{
		method:   strings.ToUpper(item.Method),
		Request:  query.Request{Base: outer.Base, Path: path, Query: options, Header: header},
		body:     item.Body,
		batched:  true,
		now:      outer.now,
		exchange: outer.exchange,
	}
	clientID := header.Get("client-request-id")
	if clientID == "" {
		clientID = outer.clientRequestID
	}
	b.handler.identify(c, clientID)
	return c
}

func (i batchItem) header() http.Header {
	h := http.Header{}
	for name, value := range i.Headers {
		h.Set(name, value)
	}
	return h
}

func (b batcher) answered(item batchItem, c *call, a response) batchAnswer {
	b.handler.log(c, a)
	return batchAnswer{ID: item.ID, Status: a.status, Headers: a.headers(c), Body: a.body}
}
