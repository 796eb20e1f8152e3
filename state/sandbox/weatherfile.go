package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// ParseWeather reads what a tenant's weather is like, YAML or JSON, as strictly as
// a tenant file; the name is used in messages only. It sets Seed, PageSize,
// EmptyPages, GroupDelay, Variants, Quota, Collisions, Lag and Faults, whose fields
// are the keys. All may be left out; the
// quotas are Graph's own where the file does not say their scale.
//
//	seed: 7
//	pageSize: 20                           # the most a page has, whatever $top says
//	emptyPages: true                       # an empty one before every page
//	groupDelay: 5m                         # until members have what their group was given
//	variants: [error-null]                 # of Variant
//	quota:
//	  scale: 0.01                          # 1 is Graph's own, 0 sets no limit
//	  fractional: true                     # Retry-After in fractions of a second
//	  noRetryAfter: false
//	  directoryWords: false
//	  takesEffect: 0.2                     # the chance that a throttled write is done
//	collisions:
//	  within: tenant                       # or user
//	  takes: 2s
//	  asBadRequest: false                  # 400 in place of 409
//	  retryAfter: 1.5
//	lag:
//	  replicas: [0s, 5s, 30s]              # how far each is behind
//	  location: 10s                        # until a first usageLocation counts
//	faults:
//	  - on: POST users/{id}/assignLicense  # or a method alone; left out, every request
//	    calls: [2, 5-7, 20-]               # counted from 1 among those; left out, all
//	    chance: 0.1                        # of those; by the seed
//	    do: throttle
//	    retryAfter: 2.128
//	  - on: GET users
//	    calls: 3
//	    do: html
//	    status: 502
//	    delay: 5s
//	  - on: POST users/{id}/assignLicense
//	    calls: 9
//	    do: drop
//	    tookEffect: true                   # the write is done, its answer is lost
//	  - on: GET subscribedSkus
//	    calls: 2
//	    do: catalogue
//	    change: {sku: SPE_E3, addPlan: {servicePlanId: 0f9b09cb-62d1-4ff4-9129-43f4996f83f4, servicePlanName: NEW_PLAN}}
//	  - do: redirect
//	    calls: 40-
//	    to: https://graph.example.com
//
// Each fault counts the calls that it is about; where several strike one call, the
// first in the file does. What faults can do, [Trouble] lists.
func ParseWeather(name string, data []byte) (Options, error) {
	root, err := strict.ReadTree(name, data)
	if err != nil {
		return Options{}, err
	}
	r := weatherReader{strict.Reader{Name: name}}
	top := r.Object(root, "the weather", []string{
		"seed", "pageSize", "emptyPages", "groupDelay", "variants", "quota", "collisions", "lag", "faults",
	})
	out := Options{
		Seed: uint64(r.Count(top, "seed")), PageSize: r.Count(top, "pageSize"), EmptyPages: r.Flag(top, "emptyPages", false),
		GroupDelay: r.Duration(top, "groupDelay"), Variants: r.variants(top),
		Quota: r.quota(top), Collisions: r.collisions(top), Lag: r.lag(top),
	}
	for _, n := range r.List(top, "faults") {
		out.Faults = append(out.Faults, r.fault(n))
	}
	if len(r.Bad.Problems) > 0 {
		return Options{}, &r.Bad
	}
	return out, nil
}

type weatherReader struct{ strict.Reader }

// part is an object under a key, empty where the key is absent.
func (r *weatherReader) part(o strict.Object, key string, known ...string) strict.Object {
	if !o.Has(key) {
		return strict.Object{Node: o.Node, Fields: map[string]*yaml.Node{}}
	}
	return r.Object(o.At(key), key, known)
}

func (r *weatherReader) variants(top strict.Object) []variant.Name {
	var out []variant.Name
	for _, n := range r.List(top, "variants") {
		v := variant.Name(r.ScalarText(n, "variants"))
		if !slices.Contains(variant.All, v) {
			r.Problem(n, "no variant %s%s", strict.Quoted(string(v)), strict.DidYouMean(string(v), variant.Names()))
		}
		out = append(out, v)
	}
	return out
}

func (r *weatherReader) quota(top strict.Object) Quota {
	o := r.part(top, "quota", "scale", "fractional", "noRetryAfter", "directoryWords", "takesEffect")
	return Quota{
		Scale:      r.Number(o, "scale", 1),
		Fractional: r.Flag(o, "fractional", false), NoRetryAfter: r.Flag(o, "noRetryAfter", false),
		DirectoryWords: r.Flag(o, "directoryWords", false), TakesEffect: r.Fraction(o, "takesEffect"),
	}
}

func (r *weatherReader) collisions(top strict.Object) Collisions {
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

func (r *weatherReader) lag(top strict.Object) Lag {
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
		r.Problem(o.At("replicas"), "there can be %d replicas at most: each keeps the whole tenant", maxReplicas)
	}
	return out
}

// maxReplicas bounds what a file can ask for.
const maxReplicas = 10

// header returns a text that can stand in a header.
func (r *weatherReader) header(o strict.Object, key string) string {
	s := r.Text(o, key)
	if !headerText(s) {
		r.Problem(o.At(key), "%s %s is no header", key, strict.Quoted(s))
	}
	return s
}

func (r *weatherReader) fault(n *yaml.Node) Fault {
	o := r.Object(n, "a fault", []string{"on", "calls", "chance", "do", "tookEffect", "delay", "status", "retryAfter", "to", "change"})
	before := len(r.Bad.Problems)
	f := Fault{
		On:         r.Text(o, "on"),
		Calls:      r.calls(o),
		Chance:     r.Fraction(o, "chance"),
		Do:         Trouble(r.Required(o, "do", "a fault")),
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
	if err := f.check(); err != nil {
		r.Problem(n, "%v", err)
	}
	return f
}

// calls reads a number, a range, or a list of them.
func (r *weatherReader) calls(o strict.Object) []Span {
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

func (r *weatherReader) change(o strict.Object) *CatalogueChange {
	if !o.Has("change") {
		return nil
	}
	c := r.Object(o.At("change"), "a change", []string{"sku", "addPlan", "enabled", "capabilityStatus"})
	out := &CatalogueChange{SKU: r.Required(c, "sku", "a change")}
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
