package graph_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// now returns the time inside a bubble of synctest, or outside.
func now() time.Time { return time.Now() }

func TestRetryRepeatsTemporarilyRefusedReads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		after    string
		min, max time.Duration
	}{
		"429 with a fraction of seconds": {429, "2.128", 2128 * time.Millisecond, 2128 * time.Millisecond},
		"429 with whole seconds":         {429, "10", 10 * time.Second, 10 * time.Second},
		"503 with an HTTP date":          {503, "Sat, 01 Jan 2000 00:00:30 GMT", 30 * time.Second, 30 * time.Second},
		"503 with an HTTP date far off":  {503, "Sat, 01 Jan 2000 01:00:00 GMT", 5 * time.Minute, 5 * time.Minute},
		"429 without a time":             {429, "", 750 * time.Millisecond, 1250 * time.Millisecond},
		"429 with nonsense":              {429, "soon", 750 * time.Millisecond, 1250 * time.Millisecond},
		"429 with a time in the past":    {429, "-5", 750 * time.Millisecond, 1250 * time.Millisecond},
		"429 with far too long a time":   {429, "1e300", 5 * time.Minute, 5 * time.Minute},
		"502":                            {502, "", 750 * time.Millisecond, 1250 * time.Millisecond},
		"504":                            {504, "", 750 * time.Millisecond, 1250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01
				f := &fake{answer: inTurn(reply(c.status, `{}`, "Retry-After", c.after), reply(200, `{"value":[]}`))}
				began := now()
				if _, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true}); err != nil {
					t.Fatalf("Read: %v", err)
				}
				if waited := now().Sub(began); waited < c.min || waited > c.max {
					t.Errorf("waited %v, want %v to %v", waited, c.min, c.max)
				}
			})
		})
	}
}

func TestRetryEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(int, sent) (*scripted, error)
		reason state.Reason
		times  int
	}{
		"throttled":               {always(429, `{}`), state.ReasonThrottled, graph.MaxAttempts},
		"not available":           {always(503, `<html>`), state.ReasonUnavailable, graph.MaxAttempts},
		"a 500":                   {always(500, `{}`), state.ReasonUnavailable, 5},
		"a 501 is not momentary":  {always(501, `{}`), state.ReasonUnavailable, 1},
		"a 400 is not momentary":  {always(400, `{}`), state.ReasonUnknown, 1},
		"no answer":               {func(int, sent) (*scripted, error) { return nil, io.ErrUnexpectedEOF }, state.ReasonUnavailable, 5},
		"an answer that is cut":   {func(int, sent) (*scripted, error) { return cutReply(), nil }, state.ReasonUnavailable, 5},
		"signed out is no moment": {always(401, `{}`, "WWW-Authenticate", "Bearer claims=unquoted"), state.ReasonUnauthorized, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: c.answer}
				_, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true})
				if refusal := refusalOf(t, err); refusal.Reason != c.reason {
					t.Errorf("Read = %v, want reason %q", err, c.reason)
				}
				if n := len(f.requests()); n != c.times {
					t.Errorf("%d requests, want %d", n, c.times)
				}
			})
		})
	}
}

func TestRetryRepeatsARefusedReadBatchOnlyOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: always(503, `{}`)}
		_, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: []state.UserID{userID(1)}})
		if refusal := refusalOf(t, err); refusal.Reason != state.ReasonUnavailable {
			t.Errorf("Read = %v, want reason %q", err, state.ReasonUnavailable)
		}
		if n := len(f.requests()); n != graph.MaxAttempts {
			t.Errorf("%d requests, want %d", n, graph.MaxAttempts)
		}
	})
}

func cutReply() *scripted {
	r := reply(200, ``)
	r.body = io.MultiReader(strings.NewReader(`{"value":[`), iotest.ErrReader(io.ErrUnexpectedEOF))
	return r
}

func TestRetryRepeatsAReadBatchWithItsBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(n int, r sent) (*scripted, error) {
			if n == 1 {
				return reply(503, ``), nil
			}
			return answerItems(t, r, func(item) string { return `"status":200,"body":` + userJSON(1) }), nil
		}
		if _, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{Users: []state.UserID{userID(1)}}); err != nil {
			t.Fatalf("Read: %v", err)
		}
		if got := f.requests(); len(got) != 2 || got[0].Body != got[1].Body || got[0].Body == "" {
			t.Errorf("requests are %+v, want the same twice", got)
		}
	})
}

func TestLimitsRefuseALargeAnswerWithoutRetry(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(int, sent) (*scripted, error) {
		r := reply(200, ``)
		r.body = io.LimitReader(endless{}, graph.MaxPage+100)
		return r, nil
	}}
	_, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true})
	if !errors.Is(err, graph.ErrTooLarge) || len(f.requests()) != 1 {
		t.Errorf("Read = %v after %d requests, want %v after 1", err, len(f.requests()), graph.ErrTooLarge)
	}
}

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLimitsEndAHangingAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &hanging{}
		c, err := graph.NewAt(graph.Options{}, address, nil, f)
		if err != nil {
			t.Fatalf("make client: %v", err)
		}
		began := now()
		_, err = c.Read(t.Context(), state.Query{SKUs: true})
		if refusal := refusalOf(t, err); refusal.Reason != state.ReasonUnavailable {
			t.Errorf("Read = %v, want reason %q", err, state.ReasonUnavailable)
		}
		if took := now().Sub(began); took < 400*time.Second || took > 410*time.Second {
			t.Errorf("gave up after %v, want four times 100 s and pauses", took)
		}
	})
}

// hanging answers only after the caller has stopped waiting.
type hanging struct{}

func (*hanging) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}
