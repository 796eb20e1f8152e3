package graph

import (
	"net/http"
	"sync"
	"time"
)

// serverClock measures how far this machine's clock is from the service's clock, by the
// Date of answers. Tokens, assertions and the age of plans depend on it.
type serverClock struct {
	mu    sync.Mutex
	known bool
	skew  time.Duration
}

// note compares the clocks by an answer and the time of its request.
func (c *serverClock) note(asked time.Time, answer *http.Response) {
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return
	}
	took := time.Since(asked)
	c.mu.Lock()
	defer c.mu.Unlock()
	// Date has whole seconds, truncated; the answer was written somewhere in between.
	c.known, c.skew = true, asked.Add(took/2).Sub(date.Add(time.Second/2))
}

// Skew returns how far this machine's clock is ahead of the service's, to about a second.
// It returns false before the first answer, and if answers have no date.
func (c *Client) Skew() (time.Duration, bool) {
	c.clock.mu.Lock()
	defer c.clock.mu.Unlock()
	return c.clock.skew.Round(time.Second), c.clock.known
}
