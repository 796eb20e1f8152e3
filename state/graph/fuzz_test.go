package graph_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seatwright/seatwright/state/graph"
)

func FuzzErrorBodies(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"error":{}}`, `{"error":{"code":"a","message":"b","innerError":{"request-id":"c"}}}`,
		`{"error":{"details":[{"code":null}],"innerError":[]}}`, `[[[[]]]]`, `{"error":[null]}`, `<html>`} {
		f.Add(400, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := graph.ReasonOfAnswer(status, body)
		if got.Status != status || got.Reason == "" || len(got.Error()) > 4<<10 || !utf8.ValidString(got.Error()) {
			t.Errorf("status %d, body %q: %v", status, body, got)
		}
	})
}

func FuzzBatchAnswers(f *testing.F) {
	f.Add([]byte(`{"responses":[{"id":"0","status":200,"headers":{"Retry-After":"1"},"body":{}}]}`))
	f.Add([]byte(`{"responses":[{"id":"0","status":429,"headers":null,"body":"x"}]}`))
	f.Add([]byte(`{"responses":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		// Without a status of 2xx somewhere in it, no answer is a success.
		if body, err := graph.DecodeBatch(raw, "0"); err == nil && !bytes.Contains(raw, []byte("2")) {
			t.Errorf("success with %q out of %q", body, raw)
		}
	})
}

func FuzzPages(f *testing.F) {
	f.Add([]byte(pageJSON(address+"/users?$skiptoken=a", userJSON(1))))
	f.Add([]byte(pageJSON("", userJSON(1, assignedOnly...), userJSON(2))))
	f.Add([]byte(`{"value":[null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		records, err := graph.DecodePage(raw)
		if err != nil {
			if !errors.Is(err, graph.ErrIncomplete) {
				t.Errorf("error %v is of no known kind", err)
			}
			return
		}
		for _, r := range records {
			if r.ID.IsZero() {
				t.Error("a user without id")
			}
		}
	})
}

// FuzzLinks holds that a link that is followed, once it has been written out and
// read again as the transport does, still leads under the root.
func FuzzLinks(f *testing.F) {
	for _, seed := range []string{address + "/users?$skiptoken=a", "https://graph.microsoft.com/v1.0/%2e%2e/x", "https://graph.microsoft.com:443/v1.0//x",
		"https://graph.microsoft.com\\@evil/v1.0/", "HTTPS://GRAPH.MICROSOFT.COM/v1.0/users#x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		next, err := graph.Follow(address, link)
		if err != nil {
			return
		}
		again, err := url.Parse(next.String())
		if err != nil || again.Scheme != "https" || !strings.EqualFold(again.Hostname(), "graph.microsoft.com") ||
			again.Port() != "" && again.Port() != "443" || !strings.HasPrefix(again.Path, "/v1.0/") || strings.Contains(again.Path, "/../") {
			t.Errorf("link %q leads to %s (%v)", link, next, err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "1", "2.128", "-1", "NaN", "Inf", "1e400", "Sat, 01 Jan 2000 00:00:30 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := graph.RetryAfter(header); got < 0 || got > 5*time.Minute {
			t.Errorf("Retry-After %q is %v", header, got)
		}
	})
}
