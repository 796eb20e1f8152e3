package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// The life of a delta query (Graph: "Use delta query to track changes", "user:
// delta").
const deltaLife = 7 * 24 * time.Hour // of a token

// deltaToken is the position of a delta query. It has the options of the first request,
// because links repeat none of them.
type deltaToken struct {
	Began    string    `json:"b"` // of the handler that made it
	Issued   time.Time `json:"t"`
	Since    int       `json:"s"` // changes that are known; -1 asks for everything
	Upto     int       `json:"u"` // changes there were when this round began
	After    string    `json:"a"` // id of the last object of the page before
	Selected []string  `json:"p"` // nil for the default set
	IDs      []string  `json:"i"` // that $filter names, nil for all
}

func (t deltaToken) encode() string { return base64.RawURLEncoding.EncodeToString(ordered.Encode(t)) }

// delta answers GET users/delta: first all users page by page, then the changes. Changes of
// licenseAssignmentStates are not tracked (Graph: "user: delta").
func (svc *service) delta(c *call) response {
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	token, refused := svc.readDeltaToken(c)
	if refused != nil {
		a := c.refuse(refused)
		if refused.Status == http.StatusGone {
			a.set("Location", c.Base+"/users/delta?$deltatoken=")
		}
		return a
	}
	round := &deltaRound{svc, token}
	o := query.Options{Selected: token.Selected, Top: query.DefaultTop, After: token.After}
	value := []ordered.Object{}
	for _, u := range svc.tenant.Users {
		if !round.isPending(u) {
			continue
		}
		if len(value) == svc.pages.SizeFor(o) {
			break
		}
		round.token.After = u.ID
		value = append(value, round.show(c, u))
	}
	link, next, name := "@odata.nextLink", round.token.encode(), "$skiptoken"
	if !slices.ContainsFunc(svc.tenant.Users, round.isPending) {
		round.token.Since, round.token.After = round.token.Upto, ""
		link, next, name = "@odata.deltaLink", round.token.encode(), "$deltatoken"
	}
	return ok(ordered.Object{
		{"@odata.context", c.Context("users", o)},
		{link, c.Base + "/users/delta?" + name + "=" + next},
		{"value", value},
	})
}

// deltaRound is one round of a delta query: all of its pages.
type deltaRound struct {
	service *service
	token   deltaToken
}

// isPending reports whether a user belongs on a page that is still to come.
func (r *deltaRound) isPending(u *directory.User) bool { return u.ID > r.token.After && r.includes(u) }

// includes reports whether a round of a query includes a user.
func (r *deltaRound) includes(u *directory.User) bool {
	if r.token.IDs != nil && !slices.Contains(r.token.IDs, u.ID) {
		return false
	}
	return r.token.Since < 0 || len(r.changedProperties(u)) > 0
}

// changedProperties returns the selected properties that changed and are tracked.
func (r *deltaRound) changedProperties(u *directory.User) []string {
	var out []string
	selected := func(name string) bool { return r.token.Selected == nil || slices.Contains(r.token.Selected, name) }
	if r.service.tenant.History.LastChanges.Location[u] > r.token.Since && selected("usageLocation") {
		out = append(out, "usageLocation")
	}
	if r.service.variants.Has(variant.DeltaLicenses) && r.service.tenant.History.LastChanges.Licenses[u] > r.token.Since && selected("assignedLicenses") {
		out = append(out, "assignedLicenses")
	}
	return out
}

// show renders a user as delta does: an unset property is absent.
func (r *deltaRound) show(c *call, u *directory.User) ordered.Object {
	o := query.Options{Selected: r.token.Selected}
	if r.token.Since >= 0 && strings.Contains(strings.ToLower(c.Header.Get("Prefer")), "return=minimal") {
		o.Selected = r.changedProperties(u)
	}
	shown := r.service.project(u, o)
	if o.Selected != nil && !slices.Contains(o.Selected, "id") {
		shown = append(shown, ordered.Member{"id", u.ID})
	}
	return slices.DeleteFunc(shown, func(m ordered.Member) bool { return m.Value == nil })
}

// readDeltaToken reads the position of a request.
func (svc *service) readDeltaToken(c *call) (deltaToken, *refusal.Error) {
	asked := c.Request
	asked.Query = query.Without(query.Without(c.Query, "top"), "skiptoken") // delta ignores $top
	o, refused := query.Parse(asked, userShape.typeName, userShape.names(), "select", "filter", "deltatoken")
	if refused != nil {
		return deltaToken{}, refused
	}
	raw := query.Raw(c.Query)
	word := cmp.Or(raw.Get("skiptoken"), raw.Get("deltatoken"))
	start := deltaToken{Began: svc.began, Issued: svc.now(), Since: -1, Upto: svc.tenant.History.LastChanges.Last, Selected: o.Selected}
	if word != "" && word != "latest" {
		return svc.parseDeltaToken(word, raw.Has("deltatoken"))
	}
	if start.IDs, refused = query.ParseIDs(o.Filter); word == "latest" {
		start.Since = start.Upto
	}
	return start, refused
}

func (svc *service) parseDeltaToken(word string, newRound bool) (deltaToken, *refusal.Error) {
	var token deltaToken
	data, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil || json.Unmarshal(data, &token) != nil {
		return token, query.InvalidToken()
	}
	if svc.now().Sub(token.Issued) > deltaLife {
		return token, &refusal.Error{Status: http.StatusBadRequest, Code: "syncStateNotFound",
			Message: "The sync state is not found: the token is older than 7 days. Start again without it."}
	}
	if token.Began != svc.began {
		return token, &refusal.Error{Status: http.StatusGone, Code: "resyncRequired",
			Message: "The token is of another time of this tenant. Start again at the Location."}
	}
	if newRound {
		token.Upto, token.Issued = svc.tenant.History.LastChanges.Last, svc.now()
	}
	return token, nil
}
