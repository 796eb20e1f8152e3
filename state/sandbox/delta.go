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

// deltaToken is where a delta query stands. The options of the first request are in
// it: links repeat none of them.
type deltaToken struct {
	Began    string    `json:"b"` // of the face that made it
	Issued   time.Time `json:"t"`
	Since    int       `json:"s"` // changes that are known; -1 asks for everything
	Upto     int       `json:"u"` // changes there were when this round began
	After    string    `json:"a"` // id of the last object of the page before
	Selected []string  `json:"p"` // nil for the default set
	IDs      []string  `json:"i"` // that $filter names, nil for all
}

func (t deltaToken) encode() string { return base64.RawURLEncoding.EncodeToString(ordered.Encode(t)) }

// delta answers GET users/delta: everything page by page, and then what changed.
// Changes of licenseAssignmentStates are not tracked (Graph: "user: delta").
func (f *face) delta(c *call) answer {
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	token, refused := f.deltaToken(c)
	if refused != nil {
		a := f.answerTo(c, refused)
		if refused.Status == http.StatusGone {
			a.set("Location", c.Base+"/users/delta?$deltatoken=")
		}
		return a
	}
	o := query.Options{Selected: token.Selected, Top: query.DefaultTop, After: token.After}
	value := []ordered.Object{}
	link := "@odata.nextLink"
	for _, u := range f.tenant.Users {
		if u.ID <= token.After || !f.moved(u, token) {
			continue
		}
		if len(value) == f.pages.Of(o) {
			break
		}
		token.After = u.ID
		value = append(value, f.deltaOf(c, u, token))
	}
	next, name := token.encode(), "$skiptoken"
	if !f.more(token) {
		token.Since, token.After = token.Upto, ""
		link, next, name = "@odata.deltaLink", token.encode(), "$deltatoken"
	}
	return ok(ordered.Object{
		{"@odata.context", c.Context("users", o)},
		{link, c.Base + "/users/delta?" + name + "=" + next},
		{"value", value},
	})
}

// more tells whether users are left for another page.
func (f *face) more(token deltaToken) bool {
	return slices.ContainsFunc(f.tenant.Users, func(u *directory.User) bool { return u.ID > token.After && f.moved(u, token) })
}

// moved tells whether a round of a query is about a user.
func (f *face) moved(u *directory.User, token deltaToken) bool {
	if token.IDs != nil && !slices.Contains(token.IDs, u.ID) {
		return false
	}
	return token.Since < 0 || len(f.changedProperties(u, token)) > 0
}

// changedProperties are the selected properties that changed and are tracked.
func (f *face) changedProperties(u *directory.User, token deltaToken) []string {
	var out []string
	selected := func(name string) bool { return token.Selected == nil || slices.Contains(token.Selected, name) }
	if f.tenant.History.Moves.Location[u] > token.Since && selected("usageLocation") {
		out = append(out, "usageLocation")
	}
	if f.variants.Has(variant.DeltaLicences) && f.tenant.History.Moves.Licenses[u] > token.Since && selected("assignedLicenses") {
		out = append(out, "assignedLicenses")
	}
	return out
}

// deltaOf shows a user as delta does: what is unset is absent.
func (f *face) deltaOf(c *call, u *directory.User, token deltaToken) ordered.Object {
	o := query.Options{Selected: token.Selected}
	if token.Since >= 0 && strings.Contains(strings.ToLower(c.Header.Get("Prefer")), "return=minimal") {
		o.Selected = f.changedProperties(u, token)
	}
	shown := f.project(u, o)
	if o.Selected != nil && !slices.Contains(o.Selected, "id") {
		shown = append(shown, ordered.Member{"id", u.ID})
	}
	return slices.DeleteFunc(shown, func(m ordered.Member) bool { return m.Value == nil })
}

// deltaToken reads where a request stands.
func (f *face) deltaToken(c *call) (deltaToken, *refusal.Error) {
	asked := c.Request
	asked.Query = query.Without(query.Without(c.Query, "top"), "skiptoken") // delta ignores $top
	o, refused := query.Parse(asked, userShape.typeName, userShape.names(), "select", "filter", "deltatoken")
	if refused != nil {
		return deltaToken{}, refused
	}
	raw := query.Raw(c.Query)
	word := cmp.Or(raw.Get("skiptoken"), raw.Get("deltatoken"))
	start := deltaToken{Began: f.began, Issued: f.now(), Since: -1, Upto: f.tenant.History.Moves.Last, Selected: o.Selected}
	if word != "" && word != "latest" {
		return f.parseDeltaToken(word, raw.Has("deltatoken"))
	}
	if start.IDs, refused = query.ParseIDs(o.Filter); word == "latest" {
		start.Since = start.Upto
	}
	return start, refused
}

func (f *face) parseDeltaToken(word string, newRound bool) (deltaToken, *refusal.Error) {
	var token deltaToken
	data, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil || json.Unmarshal(data, &token) != nil {
		return token, query.InvalidToken()
	}
	if f.now().Sub(token.Issued) > deltaLife {
		return token, &refusal.Error{Status: http.StatusBadRequest, Code: "syncStateNotFound",
			Message: "The sync state is not found: the token is older than 7 days. Start again without it."}
	}
	if token.Began != f.began {
		return token, &refusal.Error{Status: http.StatusGone, Code: "resyncRequired",
			Message: "The token is of another time of this tenant. Start again at the Location."}
	}
	if newRound {
		token.Upto, token.Issued = f.tenant.History.Moves.Last, f.now()
	}
	return token, nil
}
