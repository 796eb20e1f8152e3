package graph_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func sku(n byte) state.SKUID {
	id := state.MustParseID[state.SKU]("00000000-0000-4000-9000-000000000000")
	id[15] = n
	return id
}

func TestWriteRequests(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		return answerItems(t, r, func(item) string { return `"status":204` }), nil
	}
	plan := state.MustParseID[state.ServicePlan]("00000000-0000-4000-a000-000000000001")
	errs := writerOf(t, f).Write(t.Context(), []state.Change{
		{User: userID(1), Add: []state.License{{SKU: sku(1), Disabled: []state.PlanID{plan}}, {SKU: sku(2)}}, Remove: []state.SKUID{sku(3)}},
		{User: userID(2), Add: []state.License{{SKU: sku(1)}}},
		{User: userID(3), Remove: []state.SKUID{sku(1)}},
		{User: userID(4), Location: "CH"},
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("Write: %v", err)
	}
	const headers = `"headers":{"Content-Type":"application/json","x-ms-throttle-priority":"Low"},`
	want := []string{
		`{"requests":[{"id":"0","method":"POST","url":"/users/00000000-0000-4000-8000-000000000001/assignLicense",` + headers + `"body":{"addLicenses":[{"skuId":"00000000-0000-4000-9000-000000000001","disabledPlans":["00000000-0000-4000-a000-000000000001"]},{"skuId":"00000000-0000-4000-9000-000000000002","disabledPlans":[]}],"removeLicenses":["00000000-0000-4000-9000-000000000003"]}},` +
			`{"id":"1","method":"POST","url":"/users/00000000-0000-4000-8000-000000000002/assignLicense",` + headers + `"body":{"addLicenses":[{"skuId":"00000000-0000-4000-9000-000000000001","disabledPlans":[]}],"removeLicenses":[]}}]}`,
		`{"requests":[{"id":"2","method":"POST","url":"/users/00000000-0000-4000-8000-000000000003/assignLicense",` + headers + `"body":{"addLicenses":[],"removeLicenses":["00000000-0000-4000-9000-000000000001"]}},` +
			`{"id":"3","method":"PATCH","url":"/users/00000000-0000-4000-8000-000000000004",` + headers + `"body":{"usageLocation":"CH"}}]}`,
	}
	var got []string
	for _, r := range f.requests() {
		if r.Method != http.MethodPost || r.URL != address+"/$batch" {
			t.Errorf("request %s %s, want a batch", r.Method, r.URL)
		}
		got = append(got, r.Body)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
}

func TestWriteRefusesInvalidChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change state.Change
		want   string
	}{
		"an empty change":         {state.Change{User: userID(1)}, "an empty change"},
		"no user":                 {state.Change{Location: "CH"}, "no id"},
		"location and licenses":   {state.Change{User: userID(1), Location: "CH", Remove: []state.SKUID{sku(1)}}, "a location and licenses"},
		"a location that is none": {state.Change{User: userID(1), Location: "ch"}, "two capital letters"},
		"a SKU added and removed": {state.Change{User: userID(1), Add: []state.License{{SKU: sku(1)}}, Remove: []state.SKUID{sku(1)}}, "listed twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			errs := writerOf(t, f).Write(t.Context(), []state.Change{c.change, {User: userID(2), Location: "CH"}})
			for _, err := range errs {
				if refusal := refusalOf(t, err); refusal.MayHaveHappened() || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Write = %v, want %q", err, c.want)
				}
			}
			if len(f.requests()) != 0 {
				t.Error("something was sent")
			}
		})
	}
}

func TestWriteRepeatsTemporarilyRefusedChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(n int, r sent) (*scripted, error) {
			return answerItems(t, r, func(i item) string {
				switch {
				case n == 1 && strings.Contains(i.URL, userID(2).String()):
					return throttled
				case n <= 2 && strings.Contains(i.URL, userID(3).String()):
					return concurrent
				}
				return `"status":200,"body":{}`
			}), nil
		}
		began := now()
		errs := writerOf(t, f).Write(t.Context(), []state.Change{
			{User: userID(1), Location: "CH"}, {User: userID(2), Location: "CH"}, {User: userID(3), Location: "CH"},
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("Write: %v", err)
		}
		var sizes []int
		for _, r := range f.requests() {
			sizes = append(sizes, len(items(t, r.Body)))
		}
		if diff := cmp.Diff([]int{2, 1, 1, 1}, sizes); diff != "" {
			t.Errorf("sizes of batches (-want +got):\n%s", diff)
		}
		// 7.5 s asked for before anything more is sent, and once more before those two
		// are sent again, the width being 1 by then.
		if waited := now().Sub(began); waited < 13500*time.Millisecond || waited > 17500*time.Millisecond {
			t.Errorf("waited %v, want about 15 s", waited)
		}
	})
}

func TestWriteStopsRepeating(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   state.Reason
	}{
		"throttled": {throttled, state.ReasonThrottled},
		"409":       {concurrent, state.ReasonConcurrency},
		"the same text with status 400": {
			`"status":400,"body":{"error":{"code":"Request_BadRequest","message":"Error due to concurrent requests being made to the tenant. Please wait briefly and retry."}}`, state.ReasonConcurrency},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{}
				f.answer = func(_ int, r sent) (*scripted, error) {
					return answerItems(t, r, func(item) string { return c.answer }), nil
				}
				began := now()
				errs := writerOf(t, f).Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}})
				refusal := refusalOf(t, errs[0])
				if n := len(f.requests()); refusal.Reason != c.want || refusal.MayHaveHappened() || n < 5 || n > 45 {
					t.Errorf("Write = %v after %d requests, want reason %q after 5 to 45", refusal, n, c.want)
				}
				if took := now().Sub(began); took < 3*time.Minute || took > 5*time.Minute {
					t.Errorf("it took %v, want 3 to 5 minutes", took)
				}
			})
		})
	}
}

func TestWriteNeverRepeatsWhatMayHaveHappened(t *testing.T) {
	t.Parallel()
	itemWith := func(answer string) func(int, sent) (*scripted, error) {
		return func(int, sent) (*scripted, error) {
			return reply(200, `{"responses":[{"id":"0",`+answer+`}]}`), nil
		}
	}
	for name, c := range map[string]struct {
		answer func(int, sent) (*scripted, error)
		want   state.Reason
	}{
		"503 for the item":          {itemWith(`"status":503,"headers":{"Retry-After":"1"},"body":{}`), state.ReasonUnavailable},
		"504 for the item":          {itemWith(`"status":504,"body":"gateway"`), state.ReasonUnavailable},
		"500 for the item":          {itemWith(`"status":500,"body":null`), state.ReasonUnavailable},
		"503 for the batch":         {always(503, `<html>`), state.ReasonUnavailable},
		"502 for the batch":         {always(502, `<html>`), state.ReasonUnavailable},
		"a reset":                   {func(int, sent) (*scripted, error) { return nil, errors.New("connection reset by peer") }, state.ReasonLostAnswer},
		"an answer that is cut":     {func(int, sent) (*scripted, error) { return cutReply(), nil }, state.ReasonLostAnswer},
		"an answer that is no JSON": {always(200, `{"responses":[`), state.ReasonLostAnswer},
		"an empty answer":           {always(200, ``), state.ReasonLostAnswer},
		"no content":                {always(204, ``), state.ReasonLostAnswer},
		"no answer to the item":     {always(200, `{"responses":[]}`), state.ReasonLostAnswer},
		"two answers to the item":   {always(200, `{"responses":[{"id":"0","status":200},{"id":"0","status":400}]}`), state.ReasonLostAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: c.answer}
				errs := writerOf(t, f).Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}})
				if refusal := refusalOf(t, errs[0]); refusal.Reason != c.want || !refusal.MayHaveHappened() {
					t.Errorf("Write = %v, want reason %q", refusal, c.want)
				}
				if n := len(f.requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}

func TestWriteNotHeldAfterThrottlingMayHaveHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const notHeld = `"status":400,"body":{"error":{"code":"Request_BadRequest","message":"User does not have a corresponding license."}}`
		f := &fake{}
		f.answer = func(n int, r sent) (*scripted, error) {
			return answerItems(t, r, func(item) string {
				if n == 1 {
					return throttled
				}
				return notHeld
			}), nil
		}
		errs := writerOf(t, f).Write(t.Context(), []state.Change{{User: userID(1), Remove: []state.SKUID{sku(1)}}})
		if refusal := refusalOf(t, errs[0]); refusal.Reason != state.ReasonLostAnswer {
			t.Errorf("Write = %v, want reason %q", refusal, state.ReasonLostAnswer)
		}
	})
}

func TestWriteBatchRefusalIsEveryChangesError(t *testing.T) {
	t.Parallel()
	f := &fake{answer: always(403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`)}
	errs := writerOf(t, f).Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}, {User: userID(2), Remove: []state.SKUID{sku(1)}}})
	want := []string{
		"set usage location: forbidden (403 Authorization_RequestDenied): Insufficient privileges to complete the operation. [request req-1]",
		"assign licenses: forbidden (403 Authorization_RequestDenied): Insufficient privileges to complete the operation. [request req-1]",
	}
	if diff := cmp.Diff(want, []string{errs[0].Error(), errs[1].Error()}); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestWriteCanceledInFlightMayHaveHappened(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{answer: func(int, sent) (*scripted, error) {
		cancel()
		return nil, context.Canceled
	}}
	err := writerOf(t, f).Write(ctx, []state.Change{{User: userID(1), Location: "CH"}})[0]
	if refusal := refusalOf(t, err); refusal.Reason != state.ReasonLostAnswer || !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want reason %q and %v", err, state.ReasonLostAnswer, context.Canceled)
	}
}

func TestWriteCanceledInAPauseReturnsTheRefusal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		defer cancel()
		return answerItems(t, r, func(item) string { return throttled }), nil
	}
	err := writerOf(t, f).Write(ctx, []state.Change{{User: userID(1), Location: "CH"}})[0]
	if refusal := refusalOf(t, err); refusal.Reason != state.ReasonThrottled || len(f.requests()) != 1 {
		t.Errorf("Write = %v after %d requests, want reason %q after 1", err, len(f.requests()), state.ReasonThrottled)
	}
}

// The server accepts the batch and closes the connection without an answer. net/http must
// not send the batch again over another connection either.
func TestWriteIsNotSentTwiceOverARealConnection(t *testing.T) {
	t.Parallel()
	var batches atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go hangUpOnBatches(conn, &batches)
		}
	}()
	c := dial(t, "http://"+listener.Addr().String()+"/v1.0", graph.Options{Write: true})
	if _, err := c.Read(t.Context(), state.Query{SKUs: true}); err != nil { // so that the connection is a used one
		t.Fatalf("Read: %v", err)
	}
	w, err := c.Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	errs := w.Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}})
	if refusal := refusalOf(t, errs[0]); refusal.Reason != state.ReasonLostAnswer {
		t.Errorf("Write = %v, want reason %q", errs[0], state.ReasonLostAnswer)
	}
	if n := batches.Load(); n != 1 {
		t.Errorf("the batch was sent %d times", n)
	}
}

func hangUpOnBatches(conn net.Conn, batches *atomic.Int32) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if req.Method == http.MethodPost {
			batches.Add(1)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"+`{"value":[]}`)
	}
}
