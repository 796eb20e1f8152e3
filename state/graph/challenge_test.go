package graph_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// claimed returns another token for each set of claims that it is asked to prove.
type claimed struct{ asked []string }

func (c *claimed) GetAuthorizationToken(_ context.Context, _ *url.URL, more map[string]any) (string, error) {
	claims, _ := more["claims"].(string)
	decoded, err := base64.StdEncoding.DecodeString(claims)
	c.asked = append(c.asked, string(decoded))
	return "token for " + string(decoded), err
}

const claims = `{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}>>??`

func TestClaimsChallenges(t *testing.T) {
	t.Parallel()
	const prefix = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="`
	for name, c := range map[string]struct {
		header string
		want   []string // the claims that were requested of tokens
	}{
		"in base64":                    {prefix + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`, []string{"", claims}},
		"without padding":              {prefix + base64.RawStdEncoding.EncodeToString([]byte(claims)) + `"`, []string{"", claims}},
		"in the alphabet of URLs":      {prefix + base64.URLEncoding.EncodeToString([]byte(claims)) + `"`, []string{"", claims}},
		"a 401 that asks for nothing":  {`Bearer error="invalid_token"`, []string{"", ""}},
		"claims that are no base64":    {prefix + `====="`, []string{"", ""}},
		"claims without quotes":        {`Bearer error="insufficient_claims", claims=e30=`, []string{"", ""}},
		"claims of some other refusal": {`Bearer error="invalid_token", claims="e30="`, []string{"", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens := &claimed{}
			f := &fake{answer: inTurn(reply(401, `{"error":{"code":"InvalidAuthenticationToken"}}`, "WWW-Authenticate", c.header), reply(200, `{"value":[]}`))}
			client, err := graph.NewAt(graph.Options{}, address, tokens, f)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Read(t.Context(), state.Query{SKUs: true})
			if diff := cmp.Diff(c.want, tokens.asked); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			if answered := c.want[1] != ""; answered != (err == nil) || !answered && refusalOf(t, err).Reason != state.ReasonUnauthorized {
				t.Errorf("Read = %v", err)
			}
			if got := f.requests(); c.want[1] != "" && (len(got) != 2 || got[1].Authorization != "Bearer token for "+claims) {
				t.Errorf("requests are %+v, want a second one with the better token", got)
			}
		})
	}
}

// A 401 means that nothing was done, so a write is sent once more, with its body.
func TestClaimsChallengeRepeatsAWrite(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.answer = func(n int, r sent) (*scripted, error) {
		if n%2 == 1 {
			return reply(401, `{}`, "WWW-Authenticate", `Bearer error="insufficient_claims", claims="e30="`), nil
		}
		return answerItems(t, r, func(item) string { return accepted }), nil
	}
	client, err := graph.NewAt(graph.Options{Write: true}, address, &claimed{}, f)
	if err != nil {
		t.Fatal(err)
	}
	w, err := client.Writer()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(t.Context(), locations(1, 2))...); err != nil {
		t.Errorf("Write: %v", err)
	}
	if got := f.requests(); len(got) != 2 || got[0].Body != got[1].Body || got[0].Body == "" {
		t.Errorf("requests are %+v, want the same twice", got)
	}
}

func TestClaimsChallengeIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	f := &fake{answer: always(401, `{}`, "WWW-Authenticate", `Bearer error="insufficient_claims", claims="e30="`)}
	client, err := graph.NewAt(graph.Options{}, address, &claimed{}, f)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Read(t.Context(), state.Query{SKUs: true})
	if refusalOf(t, err).Reason != state.ReasonUnauthorized || len(f.requests()) != 2 {
		t.Errorf("Read = %v after %d requests, want a refusal after 2", err, len(f.requests()))
	}
}

func TestRetryRepeatsAWriteWithoutConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for broken, want := range map[int]state.Reason{1: "", 4: "", 5: state.ReasonUnknown} {
			f := &fake{}
			f.answer = func(n int, r sent) (*scripted, error) {
				if n <= broken {
					return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
				}
				return answerItems(t, r, func(item) string { return accepted }), nil
			}
			err := writerOf(t, f).Write(t.Context(), locations(1, 1))[0]
			if got := state.ReasonOf(err); got != want {
				t.Errorf("after %d refused connections Write = %v, want reason %q", broken, err, want)
			}
			if err != nil && refusalOf(t, err).MayHaveHappened() {
				t.Errorf("Write = %v, which leaves open whether it happened", err)
			}
		}
	})
}

func TestIdentifyNamesRequestsByRunAndStep(t *testing.T) {
	t.Parallel()
	var outer []string
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		return answerItems(t, r, func(i item) string {
			if got, want := i.Headers["client-request-id"], graph.RequestID("run-7", "sha256:"+i.ID); got != want {
				t.Errorf("item %s is named %q, want %q", i.ID, got, want)
			}
			return accepted
		}), nil
	}
	watch := roundTripper(func(req *http.Request) (*http.Response, error) {
		outer = append(outer, req.Header.Get("client-request-id"))
		return f.RoundTrip(req)
	})
	client, err := graph.NewAt(graph.Options{Write: true, Run: "run-7"}, address, fixedToken{}, watch)
	if err != nil {
		t.Fatal(err)
	}
	w, err := client.Writer()
	if err != nil {
		t.Fatal(err)
	}
	changes := locations(1, 2)
	changes[0].Step, changes[1].Step = "sha256:0", "sha256:1"
	for range 2 {
		if err := errors.Join(w.Write(t.Context(), changes)...); err != nil {
			t.Fatalf("Write: %v", err)
		}
	}
	if len(outer) != 2 || outer[0] == outer[1] || !state.IsGUID(outer[0]) || !strings.HasPrefix(outer[1], graph.RequestID("run-7", "")[:13]) {
		t.Errorf("batches are named %q, want UUIDs that begin alike and differ", outer)
	}
	if a, b := graph.RequestID("run-7", "sha256:0"), graph.RequestID("run-8", "sha256:0"); a[:13] == b[:13] || a[14:] != b[14:] {
		t.Errorf("one step of two runs is named %s and %s, want other beginnings and the same ends", a, b)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }
