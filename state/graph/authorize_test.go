package graph_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func TestAuthorizeSendsTheTokenToTheRoot(t *testing.T) {
	t.Parallel()
	f := &fake{answer: always(200, `{"value":[]}`)}
	if _, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{SKUs: true}); err != nil {
		t.Fatalf("Read: %v", err)
	}
	if got, want := f.requests()[0].Authorization, "Bearer "+canary; got != want {
		t.Errorf("Authorization is %q, want %q", got, want)
	}
}

// stranger returns a second listener, which must not be called, and must never see a
// token.
func stranger(t *testing.T) (address string, calls *atomic.Int32) {
	t.Helper()
	calls = &atomic.Int32{}
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = io.WriteString(w, `{"value":[]}`)
	})), calls
}

func TestClientNeverCallsASecondListener(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request, elsewhere string){
		"by a link to the next page": func(w http.ResponseWriter, _ *http.Request, elsewhere string) {
			_, _ = io.WriteString(w, pageJSON(elsewhere+"/users?$skiptoken=a", userJSON(1)))
		},
		"by a redirect": func(w http.ResponseWriter, r *http.Request, elsewhere string) {
			http.Redirect(w, r, elsewhere+"/users", http.StatusFound)
		},
		"by a redirect that keeps the method": func(w http.ResponseWriter, r *http.Request, elsewhere string) {
			http.Redirect(w, r, elsewhere+"/users", http.StatusTemporaryRedirect)
		},
		"by a redirect that looks like an answer": func(w http.ResponseWriter, _ *http.Request, elsewhere string) {
			w.Header().Set("Location", elsewhere+"/users")
			w.WriteHeader(http.StatusFound)
			_, _ = io.WriteString(w, pageJSON("", userJSON(1)))
		},
		"by a place to ask later": func(w http.ResponseWriter, _ *http.Request, elsewhere string) {
			w.Header().Set("Location", elsewhere+"/users")
			w.WriteHeader(http.StatusAccepted)
		},
		"by a link in a batch": func(w http.ResponseWriter, _ *http.Request, elsewhere string) {
			_, _ = fmt.Fprintf(w, `{"@odata.nextLink":"%s/$batch","responses":[{"id":"0","status":302,"headers":{"Location":"%s/users"},"body":{"@odata.nextLink":"%s/users"}}]}`, elsewhere, elsewhere, elsewhere)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere, calls := stranger(t)
			here := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, elsewhere) }))
			c, err := graph.NewAt(graph.Options{}, here, fixedToken{}, nil)
			if err != nil {
				t.Fatalf("make client: %v", err)
			}
			query := state.Query{AllUsers: true}
			if strings.Contains(name, "batch") {
				query = state.Query{Users: []state.UserID{userID(1)}}
			}
			if _, err := c.Read(t.Context(), query); err == nil {
				t.Error("Read did not fail")
			}
			if n := calls.Load(); n != 0 {
				t.Errorf("the second listener was called %d times", n)
			}
		})
	}
}

func TestSandboxClientSendsNoToken(t *testing.T) {
	t.Setenv("AZURE_CLIENT_ID", "id")
	t.Setenv("AZURE_CLIENT_SECRET", canary)
	var seen atomic.Value
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"value":[]}`)
	}))
	c := dial(t, address, graph.Options{Credential: graph.Credential{Kind: "environment"}, Tenant: "contoso.com"})
	if _, err := c.Read(t.Context(), state.Query{SKUs: true}); err != nil {
		t.Fatalf("Read: %v", err)
	}
	if seen.Load() != "" {
		t.Errorf("the sandbox saw Authorization %q", seen.Load())
	}
}

func TestSandboxRootRequiresALoopbackAddress(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"http://127.0.0.1:8080/v1.0":              true,
		"http://[::1]:8080/v1.0":                  true,
		"http://localhost:8080/v1.0":              false,
		"http://192.0.2.1:8080/v1.0":              false,
		"http://0.0.0.0:8080/v1.0":                false,
		"https://graph.microsoft.com/v1.0":        false,
		"https://127.0.0.1:8080/v1.0":             false,
		"http://127.0.0.1:8080/beta":              false,
		"http://127.0.0.1:8080/v1.0/":             false,
		"http://127.0.0.1:8080/v1.0?x=1":          false,
		"http://u@127.0.0.1:8080/v1.0":            false,
		"http://127.0.0.1:8080@evil.example/v1.0": false,
		"127.0.0.1:8080":                          false,
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			_, err := graph.New(graph.Options{Sandbox: address})
			if (err == nil) != fine || err != nil && !strings.HasPrefix(err.Error(), "sandbox address: ") {
				t.Errorf("New = %v, want it to be accepted: %t", err, fine)
			}
		})
	}
}

// noToken fails to sign in, or returns what it has.
type noToken struct {
	token string
	err   error
}

func (n noToken) GetAuthorizationToken(context.Context, *url.URL, map[string]any) (string, error) {
	return n.token, n.err
}

func TestAuthorizeSendsNothingWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, tokens := range map[string]noToken{
		"sign-in fails":        {err: errors.New("AADSTS7000215: Invalid client secret provided")},
		"the token is nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, `{}`)}
			c, err := graph.NewAt(graph.Options{Write: true}, address, tokens, f)
			if err != nil {
				t.Fatalf("make client: %v", err)
			}
			_, err = c.Read(t.Context(), state.Query{SKUs: true})
			if refusal := refusalOf(t, err); refusal.Reason != state.ReasonUnauthorized {
				t.Errorf("Read = %v, want reason %q", err, state.ReasonUnauthorized)
			}
			w, err := c.Writer()
			if err != nil {
				t.Fatalf("Writer: %v", err)
			}
			written := refusalOf(t, w.Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}})[0])
			if written.Reason != state.ReasonUnauthorized || written.MayHaveHappened() {
				t.Errorf("Write = %v, want reason %q", written, state.ReasonUnauthorized)
			}
			if n := len(f.requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestLimitsAcceptPackedAnswers(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	here := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer func() { _ = z.Close() }()
		_, _ = io.WriteString(z, pageJSON("", userJSON(1)))
	}))
	s, err := dial(t, here, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if err != nil || s.Len() != 1 {
		t.Fatalf("Read = %v, %v, want one user", s, err)
	}
	if asked.Load() != "gzip" {
		t.Errorf("Accept-Encoding was %q, want gzip", asked.Load())
	}
}

func TestLimitsRefuseADecompressionBomb(t *testing.T) {
	t.Parallel()
	var mebibyte bytes.Buffer // packed; a concatenation of packed texts is one text when unpacked
	z := gzip.NewWriter(&mebibyte)
	if _, err := io.CopyN(z, endless{}, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	here := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		for range graph.MaxPage>>20 + 1 {
			_, _ = w.Write(mebibyte.Bytes())
		}
	}))
	if _, err := dial(t, here, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true}); !errors.Is(err, graph.ErrTooLarge) {
		t.Errorf("Read = %v, want %v", err, graph.ErrTooLarge)
	}
}
