package graph

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"sync/atomic"
)

// identify gives every request a client-request-id, which Microsoft keeps in its logs
// ("Best practices for working with Microsoft Graph"). It also marks how urgent the
// request is.
type identify struct {
	next http.RoundTripper
	run  *numbering
}

// RoundTrip implements [http.RoundTripper].
func (i identify) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set(headerRequestID, i.run.next())
	req.Header.Set("return-client-request-id", "true")
	if marked, _ := req.Context().Value(bulkKey{}).(bool); marked {
		req.Header.Set(headerPriority, priorityLow)
	}
	return i.next.RoundTrip(req)
}

const (
	headerRequestID = "client-request-id"
	// headerPriority decides which requests are dropped first if the service is
	// overloaded ("Microsoft Entra service limits and throttling"). The limits are the
	// same.
	headerPriority = "x-ms-throttle-priority"
	priorityLow    = "Low"
)

type bulkKey struct{}

// bulk marks the requests of a context as many requests that can wait. Sign-ins and reads
// of single users go before them.
func bulk(ctx context.Context) context.Context { return context.WithValue(ctx, bulkKey{}, true) }

// numbering numbers the requests of a run.
type numbering struct {
	run  string
	last atomic.Uint64
}

// newNumbering numbers the requests of the run; for "" it makes up a random run.
func newNumbering(run string) *numbering {
	if run == "" {
		run = rand.Text()
	}
	return &numbering{run: run}
}

func (n *numbering) next() string {
	var number [10]byte
	binary.BigEndian.PutUint64(number[2:], n.last.Add(1))
	return requestID(n.run, number)
}

// RequestID returns the client-request-id under which a step of a run is sent. It is a
// UUID (version 8 of RFC 9562). Its first 12 digits are the same for the whole run, the
// others are those of the step. A reader of the journal finds both in Microsoft's logs;
// other readers of the logs learn nothing from the id.
func RequestID(run, step string) string {
	sum := sha256.Sum256([]byte(step))
	return requestID(run, [10]byte(sum[:10]))
}

func requestID(run string, rest [10]byte) string {
	sum := sha256.Sum256([]byte(run))
	id := [16]byte{}
	copy(id[:6], sum[:])
	copy(id[6:], rest[:])
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
