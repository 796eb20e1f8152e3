package sandbox

import (
	"fmt"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// quotaLayer throttles by the limits of a quota.
type quotaLayer struct {
	meter    *faults.Meter
	words    throttleWords
	tenantID string
}

// around returns the layer of quotas. A batch costs what its items cost.
func (q quotaLayer) around(r route, c *call, next func() response) response {
	if r.pattern == "$batch" {
		return next()
	}
	app := c.exchange.app()
	seen := q.meter.Take(app, cost(r.cost, c), r.writes(), c.now())
	if seen.Wait == 0 {
		a := next()
		if seen.Used > 0.8 {
			a.set("x-ms-throttle-limit-percentage", faults.Percentage(seen.Used))
		}
		return a
	}
	if r.writes() && q.meter.ThrottledTakesEffect() {
		next()
	}
	return q.throttled(c, app, seen)
}

func (q quotaLayer) throttled(c *call, app string, seen faults.Reading) response {
	after := ""
	if !q.meter.NoRetryAfter {
		after = faults.RetryAfter(seen.Wait, q.meter.Fractional || c.batched)
	}
	a := q.words.tooMany(c, app, after)
	a.set("x-ms-throttle-limit-percentage", faults.Percentage(max(seen.Used, 1)))
	a.set("x-ms-throttle-information", seen.Reason())
	a.set("x-ms-throttle-scope", seen.ScopeOf(appID(app), q.tenantID))
	return a
}

// appID returns the id of an application, or a placeholder for a request without a token.
func appID(app string) string {
	if app == "" {
		return "00000000-0000-0000-0000-000000000000"
	}
	return app
}

// throttleWords selects the wording of a 429.
type throttleWords struct {
	directory bool // in the words of the directory instead of the gateway
	users     int  // of the tenant, because the directory names its size
}

// tooMany returns a 429 in the words of the gateway, whose inner error has a code too, or
// of the directory.
func (t throttleWords) tooMany(c *call, app, after string) response {
	refused := &refusal.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "Please retry again later."}
	if t.directory {
		refused.Message = fmt.Sprintf("Too many requests from Identifier:%s under category:aadgraph.app.tenant_%s. Please try again later.",
			appID(app), t.category())
	} else {
		refused.Inner = ordered.Object{{"code", "429"}, {"message", "Please retry after"}, {"status", "429"}}
	}
	a := c.refuse(refused)
	a.set("Retry-After", after)
	return a
}

// category returns the tenant's size in the words of the throttling limits.
func (t throttleWords) category() string {
	switch {
	case t.users < 50:
		return "small"
	case t.users <= 500:
		return "medium"
	}
	return "large"
}
