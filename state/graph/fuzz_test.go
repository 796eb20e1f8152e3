package graph_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
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
		// Without a status of 2xx in it, no answer is a success.
		if body, err := graph.DecodeBatch(raw, "0"); err == nil && !bytes.Contains(raw, []byte("2")) {
			t.Errorf("success with %q out of %q", body, raw)
		}
	})
}

func FuzzPages(f *testing.F) {
	f.Add([]byte(pageJSON(address+"/users?$skiptoken=a", userJSON(1))))
	f.Add([]byte(pageJSON("", userJSON(1, assignedOnly...), userJSON(2))))
	f.Add([]byte(`{"value":[null]}`))
	f.Add([]byte(`{"value":[`))
	f.Add([]byte(`{"value":[{"id":`))
	f.Add([]byte(`{"value":[x`))
	f.Add([]byte(`{"value":[{"id":[[[{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		records, flaws, err := graph.DecodePage(raw)
		if err != nil {
			if !errors.Is(err, graph.ErrIncomplete) {
				t.Errorf("error %v is of no known kind", err)
			}
			return
		}
		for _, r := range records {
			if r.ID.IsZero() || r.UserPrincipalName == "" {
				t.Error("a user without id or name")
			}
		}
		for _, flaw := range flaws {
			if !errors.Is(flaw, graph.ErrIncomplete) {
				t.Errorf("flaw %v is of no known kind", flaw)
			}
		}
	})
}

// FuzzLinks checks that a link that is followed still leads under the root after it has
// been written out and read again, as the transport does.
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

// FuzzNames checks that a name becomes one segment of a path that means this name,
// however often it is unescaped on the way. The guard must not take it for anything else.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"ada@contoso.com", "x@y/../../groups/1", "a' or displayName ne '@x", "a%2fb@x", "a@b?$select=id", "a@b#c", "$me@x", "..@..", "A\u202e@x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, upn string) {
		segment, ok := graph.EscapeUPN(upn)
		if !ok {
			return
		}
		for _, c := range segment {
			if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-%", c) {
				t.Fatalf("%q becomes %q", upn, segment)
			}
		}
		u, err := url.Parse(address + "/users/" + segment + "?$select=id")
		if err != nil || u.Path != "/v1.0/users/"+upn || u.RawQuery != "$select=id" || u.Fragment != "" {
			t.Errorf("%q becomes %q, which leads to %v (%v)", upn, segment, u, err)
		}
		if !graph.GuardReads("/users/" + segment) {
			t.Errorf("the guard stops %q", segment)
		}
	})
}

// FuzzPrefixes checks that a shard's filter has any prefix as text.
func FuzzPrefixes(f *testing.F) {
	f.Add("o'", "a")
	f.Add("') or startsWith(displayName,'", "'")
	f.Fuzz(func(t *testing.T, one, other string) {
		filter := graph.ShardFilter(one, other)
		text := regexp.MustCompile(`'((?:[^']|'')*)'`).FindAllStringSubmatch(filter, -1)
		if len(text) != 2 || strings.ReplaceAll(text[0][1], "''", "'") != one || strings.ReplaceAll(text[1][1], "''", "'") != other {
			t.Errorf("%q and %q become %s", one, other, filter)
		}
	})
}

// FuzzChallenges checks that for any challenge of a 401, the returned claims are base64.
func FuzzChallenges(f *testing.F) {
	for _, seed := range []string{`Bearer error="insufficient_claims", claims="e30="`, `claims=""`, `insufficient_claims claims="a`, `insufficient_claims,claims="_-8"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		claims := graph.Challenged(header)
		if decoded, err := base64.StdEncoding.DecodeString(claims); err != nil || len(decoded) > 4<<10 {
			t.Errorf("%q asks for %q (%v)", header, claims, err)
		}
	})
}
