package graph

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"

	"github.com/seatwright/seatwright/state/wire"
)

// refusal is a negative answer, from the service itself or for one request of a batch.
type refusal struct {
	status    int
	code      string
	message   string
	requestID string
	after     time.Duration // how long the service asks to wait
	whole     bool          // it refused a request as a whole, not an item of a batch
}

// Error returns status and code. The message is foreign text, which only [state.Error]
// has.
func (r *refusal) Error() string { return fmt.Sprintf("refused with status %d %s", r.status, r.code) }

// refusing turns every answer that is not a success into a *refusal, so that the adapter
// never sees one. The adapter loses the status of answers that are not JSON. Its error
// type panics on an empty object, and so does its reading of a claims challenge without
// quotes.
type refusing struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := r.next.RoundTrip(req)
	if err != nil || answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody))
	if err != nil {
		return nil, &lostError{err}
	}
	no := newRefusal(answer.StatusCode, answer.Header.Get, body)
	no.whole = true
	return nil, no
}

// maxErrorBody limits what is decoded of an error; real ones are below 1 KiB.
const maxErrorBody = 64 << 10

// newRefusal reads the body of an error in any form: Graph's envelope, an empty object,
// or a gateway's page.
func newRefusal(status int, header func(string) string, body []byte) *refusal {
	no := &refusal{status: status, requestID: shorten(header("request-id")), after: retryAfter(header("Retry-After"))}
	no.readEnvelope(body)
	if no.code == "" && no.message == "" {
		no.message = shorten(plainBody(body))
	}
	return no
}

// plainBody returns a body that is not Graph's: a page of a gateway, which in a batch is
// a string in base64.
func plainBody(body []byte) string {
	var quoted []byte // which JSON has in base64
	if err := json.Unmarshal(body, &quoted); err == nil {
		return string(quoted)
	}
	return string(body)
}

// readEnvelope reads code and message from {"error": {...}}, as far as they exist.
func (r *refusal) readEnvelope(body []byte) {
	main := decodeEnvelope(body)
	if main == nil {
		return
	}
	r.code = shorten(deref(main.GetCode()))
	r.message = shorten(deref(main.GetMessage()))
	if inner := main.GetInnerError(); inner != nil {
		r.requestID = cmp.Or(r.requestID, shorten(deref(inner.GetRequestId())))
	}
}

func decodeEnvelope(body []byte) odataerrors.MainErrorable {
	if len(body) > maxErrorBody {
		return nil
	}
	node, err := jsonserialization.NewJsonParseNode(body)
	if err != nil || node == nil {
		return nil
	}
	value, err := node.GetObjectValue(odataerrors.CreateODataErrorFromDiscriminatorValue)
	if err != nil {
		return nil
	}
	if envelope, ok := value.(*odataerrors.ODataError); ok {
		return envelope.GetErrorEscaped()
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// shorten returns foreign text at a size that can be reported, in valid UTF-8.
func shorten(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(wire.Cut(s, 1<<10), string(utf8.RuneError)))
}
