package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// address is the root of clients over a fake transport.
const address = "https://graph.microsoft.com/v1.0"

// canary is the token; it must be seen in Authorization headers only.
const canary = "CANARY-token-5f3d"

// fixedToken returns the canary to every caller: only the chain keeps it from other
// hosts.
type fixedToken struct{}

func (fixedToken) GetAuthorizationToken(context.Context, *url.URL, map[string]any) (string, error) {
	return canary, nil
}

// fake is a transport in memory that records what was sent.
type fake struct {
	answer func(n int, r sent) (*scripted, error) // n counts from 1
	count  int                                    // number of users, if Graph returns it; a request for it is not counted

	mu   sync.Mutex
	seen []sent
}

// sent is a request as it reached the transport.
type sent struct {
	Method, URL, Body, Authorization string
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	r := sent{Method: req.Method, URL: req.URL.String(), Authorization: req.Header.Get("Authorization")}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.Body = string(body)
	}
	if strings.HasSuffix(req.URL.Path, "/users/$count") {
		return f.counted(), nil
	}
	f.mu.Lock()
	f.seen = append(f.seen, r)
	n := len(f.seen)
	f.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	answer, err := f.answer(n, r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: answer.status, Header: answer.header, Body: io.NopCloser(answer.body)}, nil
}

func (f *fake) counted() *http.Response {
	if f.count == 0 {
		return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(strings.NewReader(`{"error":{"code":"Request_BadRequest","message":"$count is not currently supported."}}`))}
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(strings.NewReader("\ufeff" + strconv.Itoa(f.count)))}
}

func (f *fake) requests() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]sent(nil), f.seen...)
}

// scripted is the description of an answer.
type scripted struct {
	status int
	header http.Header
	body   io.Reader
}

// reply returns an answer; header has names and values alternately.
func reply(status int, body string, header ...string) *scripted {
	h := http.Header{"Content-Type": {"application/json"}, "Request-Id": {"req-1"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &scripted{status: status, header: h, body: strings.NewReader(body)}
}

// always gives every request the same answer.
func always(status int, body string, header ...string) func(int, sent) (*scripted, error) {
	return func(int, sent) (*scripted, error) { return reply(status, body, header...), nil }
}

// inTurn gives one answer after the other, and repeats the last one.
func inTurn(answers ...*scripted) func(int, sent) (*scripted, error) {
	return func(n int, _ sent) (*scripted, error) { return answers[min(n, len(answers))-1], nil }
}

func client(t testing.TB, f *fake, o graph.Options) *graph.Client {
	t.Helper()
	c, err := graph.NewAt(o, address, fixedToken{}, f)
	if err != nil {
		t.Fatalf("make client: %v", err)
	}
	return c
}

func writerOf(t testing.TB, f *fake) state.Writer {
	t.Helper()
	w, err := client(t, f, graph.Options{Write: true}).Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	return w
}

// userID returns ids of users.
func userID(n int) state.UserID {
	return state.MustParseID[state.User](fmt.Sprintf("00000000-0000-4000-8000-%012d", n))
}

const skuText = "05e9a617-0261-4cee-bb44-138d3ef5d965"

// userJSON returns a user with every attribute. The texts in replace change parts of it,
// old and new alternately.
func userJSON(n int, replace ...string) string {
	text := fmt.Sprintf(`{"id":"%s","userPrincipalName":"u%d@contoso.com","displayName":"User %d","accountEnabled":true,`+
		`"userType":"Member","usageLocation":"CH","country":null,"onPremisesSyncEnabled":null,"onPremisesDistinguishedName":null,`+
		`"onPremisesDomainName":null,"onPremisesImmutableId":null,"onPremisesSecurityIdentifier":null,"assignedLicenses":[],"licenseAssignmentStates":[]}`, userID(n), n, n)
	return strings.NewReplacer(replace...).Replace(text)
}

func pageJSON(next string, users ...string) string {
	link := ""
	if next != "" {
		link = `"@odata.nextLink":"` + next + `",`
	}
	return `{` + link + `"value":[` + strings.Join(users, ",") + `]}`
}

// item is a request inside a batch.
type item struct {
	ID, Method, URL string
	Headers         map[string]string
	Body            json.RawMessage
}

// items splits a batch.
func items(t testing.TB, body string) []item {
	t.Helper()
	var batch struct{ Requests []item }
	if err := json.Unmarshal([]byte(body), &batch); err != nil {
		t.Fatalf("a batch that is not JSON: %v", err)
	}
	return batch.Requests
}

// answerItems answers a batch item by item, in reverse order; an empty answer is left out.
func answerItems(t testing.TB, r sent, each func(item) string) *scripted {
	t.Helper()
	var answers []string
	for _, i := range items(t, r.Body) {
		if a := each(i); a != "" {
			answers = append([]string{fmt.Sprintf(`{"id":%q,%s}`, i.ID, a)}, answers...)
		}
	}
	return reply(200, `{"responses":[`+strings.Join(answers, ",")+`]}`)
}

const (
	notFound   = `"status":404,"body":{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist or one of its queried reference-property objects are not present."}}`
	throttled  = `"status":429,"headers":{"Retry-After":"7.5"},"body":{"error":{"code":"TooManyRequests","message":"Please retry again later."}}`
	concurrent = `"status":409,"body":{"error":{"code":"Directory_ConcurrencyViolation","message":"Error due to concurrent requests being made to the tenant. Please wait briefly and retry."}}`
)

func refusalOf(t testing.TB, err error) *state.Error {
	t.Helper()
	refusal, ok := errors.AsType[*state.Error](err)
	if !ok {
		t.Fatalf("error is %T %v, want a *state.Error", err, err)
	}
	return refusal
}

// later waits in the time of the test: that of its synctest bubble, or the real one.
func later(d time.Duration) { <-time.After(d) }
