package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// ParseFaults reads a list of faults, YAML or JSON, as strictly as a tenant file;
// the name is used in messages only. The keys are those of [Fault]:
//
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
// first in the file does.
func ParseFaults(name string, data []byte) ([]Fault, error) {
	root, err := readTree(name, data)
	if err != nil {
		return nil, err
	}
	r := faultReader{nodeReader{name: name}}
	var out []Fault
	for _, n := range r.list(r.object(root, "the file of faults", []string{"faults"}), "faults") {
		out = append(out, r.fault(n))
	}
	if len(r.bad.Problems) > 0 {
		return nil, &r.bad
	}
	return out, nil
}

type faultReader struct{ nodeReader }

func (r *faultReader) fault(n *yaml.Node) Fault {
	o := r.object(n, "a fault", []string{"on", "calls", "chance", "do", "tookEffect", "delay", "status", "retryAfter", "to", "change"})
	before := len(r.bad.Problems)
	f := Fault{
		On:         r.text(o, "on"),
		Calls:      r.calls(o),
		Chance:     r.fraction(o, "chance"),
		Do:         Trouble(r.required(o, "do", "a fault")),
		TookEffect: r.flag(o, "tookEffect", false),
		Delay:      r.duration(o, "delay"),
		Status:     r.count(o, "status"),
		RetryAfter: r.text(o, "retryAfter"),
		To:         r.text(o, "to"),
		Change:     r.change(o),
	}
	if len(r.bad.Problems) > before {
		return f
	}
	if err := f.check(); err != nil {
		r.problem(n, "%v", err)
	}
	return f
}

// calls reads a number, a range, or a list of them.
func (r *faultReader) calls(o object) []Span {
	n := o.fields["calls"]
	if n == nil {
		return nil
	}
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var out []Span
	for _, n := range nodes {
		span, err := parseSpan(r.scalarText(n, "calls"))
		if err != nil {
			r.problem(n, "%v", err)
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
		return Span{}, fmt.Errorf("calls must be a number from 1, or a range such as 2-4 or 5-, not %s", quoted(s))
	}
	return Span{int(first), int(last)}, nil
}

func (r *nodeReader) fraction(o object, key string) float64 {
	if !o.has(key) {
		return 0
	}
	f, err := strconv.ParseFloat(r.text(o, key), 64)
	if err != nil || !(f > 0 && f <= 1) {
		r.problem(o.at(key), "%s must be a number above 0, up to 1", key)
		return 0
	}
	return f
}

func (r *nodeReader) duration(o object, key string) time.Duration {
	if !o.has(key) {
		return 0
	}
	d, err := time.ParseDuration(r.text(o, key))
	if err != nil || d <= 0 {
		r.problem(o.at(key), "%s must be a time such as 1.5s or 2m", key)
		return 0
	}
	return d
}

func (r *faultReader) change(o object) *CatalogueChange {
	if !o.has("change") {
		return nil
	}
	c := r.object(o.at("change"), "a change", []string{"sku", "addPlan", "enabled", "capabilityStatus"})
	out := &CatalogueChange{SKU: r.required(c, "sku", "a change")}
	if c.has("capabilityStatus") {
		out.CapabilityStatus = r.word(c, "capabilityStatus", "Enabled", "Warning", "Suspended", "Deleted", "LockedOut")
	}
	if c.has("enabled") {
		n := r.count(c, "enabled")
		out.Enabled = &n
	}
	if c.has("addPlan") {
		p := r.object(c.at("addPlan"), "a plan to add", []string{"servicePlanId", "servicePlanName"})
		out.AddPlanID = r.requiredGUID(p, "servicePlanId", "a plan to add")
		out.AddPlanName = r.required(p, "servicePlanName", "a plan to add")
	}
	return out
}
