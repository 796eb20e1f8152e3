package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Profile is the content of a fault profile: how a tenant behaves.
type Profile struct {
	Seed       uint64
	PageSize   int
	EmptyPages bool
	GroupDelay time.Duration
	Variants   []variant.Name

	Quota      Quota
	Collisions Collisions
	Lag        Lag
	Faults     []Fault
}

// Lag makes the tenant eventually consistent, as the directory is: a write that
// succeeded may not show in the next read (Microsoft Entra: designing for
// eventual consistency). The zero value shows every write at once.
type Lag struct {
	// Replicas is how far each replica is behind, such as {0, 5 * time.Second}. A replica
	// that the seed chooses answers each read. The replica that is behind most answers
	// advanced queries, because the service reads an index of their own. Writes are decided
	// on the tenant itself. A replica follows what its own handler writes. Each replica
	// that is behind keeps the whole tenant once more.
	Replicas []time.Duration
	// Location is how long after a user's first usageLocation licenses are still refused as
	// if it were missing (Microsoft Q&A 5984903).
	Location time.Duration
}

// ParseProfile reads a fault profile, YAML or JSON. Routes are those that a fault can name,
// written as "GET users/{id}". The name is used in messages only.
func ParseProfile(name string, data []byte, routes []string) (Profile, error) {
	root, err := strict.ReadTree(name, data)
	if err != nil {
		return Profile{}, err
	}
	r := profileReader{strict.Reader{Name: name}, routes}
	top := r.Object(root, "the fault profile", []string{
		"seed", "pageSize", "emptyPages", "groupDelay", "variants", "quota", "collisions", "lag", "faults",
	})
	out := Profile{
		Seed: uint64(r.Count(top, "seed")), PageSize: r.Count(top, "pageSize"), EmptyPages: r.Flag(top, "emptyPages", false),
		GroupDelay: r.Duration(top, "groupDelay"), Variants: r.variants(top),
		Quota: r.quota(top), Collisions: r.collisions(top), Lag: r.lag(top),
	}
	for _, n := range r.List(top, "faults") {
		out.Faults = append(out.Faults, r.fault(n))
	}
	if len(r.Bad.Problems) > 0 {
		return Profile{}, &r.Bad
	}
	return out, nil
}

type profileReader struct {
	strict.Reader

	routes []string
}

// part returns the object under a key, empty if the key is absent.
func (r *profileReader) part(o strict.Object, key string, known ...string) strict.Object {
	if !o.Has(key) {
		return strict.Object{Node: o.Node, Fields: map[string]*yaml.Node{}}
	}
	return r.Object(o.At(key), key, known)
}

// oldWords are the words of earlier versions that files may still have.
var oldWords = map[string]string{
	"catalogue": "catalog", "licences-in-answer": "licenses-in-answer", "delta-licences": "delta-licenses",
}

// currentWord returns the word of today for a word in a file.
func currentWord(word string) string { return cmp.Or(oldWords[word], word) }

func (r *profileReader) variants(top strict.Object) []variant.Name {
	var out []variant.Name
	for _, n := range r.List(top, "variants") {
		v := variant.Name(currentWord(r.ScalarText(n, "variants")))
		if !slices.Contains(variant.All, v) {
			r.Problem(n, "no variant %s%s", strict.Quoted(string(v)), strict.DidYouMean(string(v), variant.Names()))
		}
		out = append(out, v)
	}
	return out
}

func (r *profileReader) quota(top strict.Object) Quota {
	o := r.part(top, "quota", "scale", "fractional", "noRetryAfter", "directoryWords", "takesEffect")
	return Quota{
		Scale:      r.Number(o, "scale", 1),
		Fractional: r.Flag(o, "fractional", false), NoRetryAfter: r.Flag(o, "noRetryAfter", false),
		DirectoryWords: r.Flag(o, "directoryWords", false), TakesEffect: r.Fraction(o, "takesEffect"),
	}
}

func (r *profileReader) collisions(top strict.Object) Collisions {
	o := r.part(top, "collisions", "within", "takes", "asBadRequest", "retryAfter")
	if !top.Has("collisions") {
		return Collisions{}
	}
	c := Collisions{
		Within: CollisionScope(r.Word(o, "within", string(CollideTenant), string(CollideUser))), Takes: r.Duration(o, "takes"),
		AsBadRequest: r.Flag(o, "asBadRequest", false), RetryAfter: r.header(o, "retryAfter"),
	}
	if o.Lacks("takes") {
		r.Problem(o.Node, "collisions needs takes, such as 2s")
	}
	return c
}

func (r *profileReader) lag(top strict.Object) Lag {
	o := r.part(top, "lag", "replicas", "location")
	out := Lag{Location: r.Duration(o, "location")}
	for _, n := range r.List(o, "replicas") {
		behind, err := time.ParseDuration(r.ScalarText(n, "replicas"))
		if err != nil || behind < 0 {
			r.Problem(n, "replicas must be times such as 0s or 5s")
		}
		out.Replicas = append(out.Replicas, behind)
	}
	if len(out.Replicas) > maxReplicas {
		r.Problem(o.At("replicas"), "at most %d replicas, because each keeps the whole tenant", maxReplicas)
	}
	return out
}

// maxReplicas bounds the replicas of a file.
const maxReplicas = 10

// header returns a text that is valid in a header.
func (r *profileReader) header(o strict.Object, key string) string {
	s := r.Text(o, key)
	if !headerText(s) {
		r.Problem(o.At(key), "%s %s cannot be sent in a header", key, strict.Quoted(s))
	}
	return s
}

func (r *profileReader) fault(n *yaml.Node) Fault {
	o := r.Object(n, "a fault", []string{"on", "calls", "chance", "do", "tookEffect", "delay", "status", "retryAfter", "to", "change"})
	before := len(r.Bad.Problems)
	f := Fault{
		On:         r.Text(o, "on"),
		Calls:      r.calls(o),
		Chance:     r.Fraction(o, "chance"),
		Do:         Kind(currentWord(r.Required(o, "do", "a fault"))),
		TookEffect: r.Flag(o, "tookEffect", false),
		Delay:      r.Duration(o, "delay"),
		Status:     r.Count(o, "status"),
		RetryAfter: r.header(o, "retryAfter"),
		To:         r.Text(o, "to"),
		Change:     r.change(o),
	}
	if len(r.Bad.Problems) > before {
		return f
	}
	if err := f.Check(r.routes); err != nil {
		r.Problem(n, "%v", err)
	}
	return f
}

// calls reads a number, a range, or a list of them.
func (r *profileReader) calls(o strict.Object) []Span {
	n := o.Fields["calls"]
	if n == nil {
		return nil
	}
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var out []Span
	for _, n := range nodes {
		span, err := parseSpan(r.ScalarText(n, "calls"))
		if err != nil {
			r.Problem(n, "%v", err)
			continue
		}
		out = append(out, span)
	}
	return out
}

func parseSpan(s string) (Span, error) {
	from, to, ranged := strings.Cut(s, "-")
	first, err := strconv.ParseUint(from, 10, 31)
	last := first
	if ranged {
		last = 0
		if to != "" && err == nil {
			last, err = strconv.ParseUint(to, 10, 31)
		}
	}
	if err != nil || first == 0 || ranged && to != "" && last < first {
		return Span{}, fmt.Errorf("calls must be a number from 1, or a range such as 2-4 or 5-, not %s", strict.Quoted(s))
	}
	return Span{int(first), int(last)}, nil
}

func (r *profileReader) change(o strict.Object) *CatalogChange {
	if !o.Has("change") {
		return nil
	}
	c := r.Object(o.At("change"), "a change", []string{"sku", "addPlan", "enabled", "capabilityStatus"})
	out := &CatalogChange{SKU: r.Required(c, "sku", "a change")}
	if c.Has("capabilityStatus") {
		out.CapabilityStatus = r.Word(c, "capabilityStatus", "Enabled", "Warning", "Suspended", "Deleted", "LockedOut")
	}
	if c.Has("enabled") {
		n := r.Count(c, "enabled")
		out.Enabled = &n
	}
	if c.Has("addPlan") {
		p := r.Object(c.At("addPlan"), "a plan to add", []string{"servicePlanId", "servicePlanName"})
		out.AddPlanID = r.RequiredGUID(p, "servicePlanId", "a plan to add")
		out.AddPlanName = r.Required(p, "servicePlanName", "a plan to add")
	}
	return out
}
