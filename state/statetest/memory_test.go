package statetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
)

// memory is the little tenant in memory: the smallest backend that passes the suite.
type memory struct {
	mu      sync.Mutex
	records []state.Record
	header  state.Header
}

func openMemory(t testing.TB) Fixture {
	header := Snapshot(t).Header
	header.Source = state.SourceFile
	m := &memory{records: records(t), header: header}
	return Fixture{Reader: m, Writer: m, Source: state.SourceFile}
}

func (m *memory) Read(ctx context.Context, q state.Query) (*state.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b := state.NewBuilder()
	groups := map[state.GroupID]bool{}
	for _, r := range m.records {
		if !q.AllUsers && !slices.Contains(q.Users, r.ID) {
			continue
		}
		for _, p := range r.Paths {
			groups[p.Group] = true
		}
		if err := b.Add(r); err != nil {
			return nil, err
		}
	}
	return b.Snapshot(m.headerFor(q, groups))
}

func (m *memory) headerFor(q state.Query, groups map[state.GroupID]bool) state.Header {
	h := state.Header{Source: m.header.Source, ReadAt: time.Now().UTC(), Complete: true}
	if q.Organization {
		h.Organization = m.header.Organization
	}
	if q.SKUs {
		h.SKUs = slices.Clone(m.header.SKUs)
		for i := range h.SKUs {
			h.SKUs[i].Consumed = m.holders(h.SKUs[i].ID)
		}
	}
	for _, g := range m.header.Groups {
		giving := q.Licensing && len(g.Licenses) > 0
		if !giving {
			g.Licenses, g.Members = nil, nil
		}
		if giving || q.Groups && groups[g.ID] {
			h.Groups = append(h.Groups, g)
		}
	}
	return h
}

func (m *memory) holders(sku state.SKUID) int {
	n := 0
	for _, r := range m.records {
		if slices.ContainsFunc(r.Paths, func(p state.Path) bool { return p.SKU == sku && p.Holds() }) {
			n++
		}
	}
	return n
}

func (m *memory) Write(ctx context.Context, changes []state.Change) []error {
	m.mu.Lock()
	defer m.mu.Unlock()
	errs := make([]error, len(changes))
	users := map[state.UserID]bool{}
	for _, c := range changes {
		users[c.User] = true
	}
	for i, c := range changes {
		switch {
		case ctx.Err() != nil:
			errs[i] = &state.Error{Op: "write", Reason: state.ReasonUnknown, Err: ctx.Err()}
		case len(changes) > state.MaxWrites || len(users) != len(changes):
			errs[i] = &state.Error{Op: "write", Reason: state.ReasonUnknown}
		default:
			if reason := m.change(c); reason != "" {
				errs[i] = &state.Error{Op: "write", Reason: reason}
			}
		}
	}
	return errs
}

func (m *memory) change(c state.Change) state.Reason {
	i := slices.IndexFunc(m.records, func(r state.Record) bool { return r.ID == c.User })
	if i < 0 {
		return state.ReasonNotFound
	}
	r := m.records[i]
	if c.Location != "" {
		m.records[i].UsageLocation = c.Location
		return ""
	}
	r.Paths = slices.Clone(r.Paths)
	for _, sku := range c.Remove {
		if reason := remove(&r, sku); reason != "" {
			return reason
		}
	}
	for _, l := range c.Add {
		if reason := m.add(&r, l); reason != "" {
			return reason
		}
	}
	m.records[i] = r
	return ""
}

func remove(r *state.Record, sku state.SKUID) state.Reason {
	of := func(p state.Path) bool { return p.SKU == sku }
	direct := slices.IndexFunc(r.Paths, func(p state.Path) bool { return of(p) && p.Direct() })
	switch {
	case direct >= 0:
		r.Paths = slices.Delete(r.Paths, direct, direct+1)
		return ""
	case slices.ContainsFunc(r.Paths, of):
		return state.ReasonInherited
	}
	return state.ReasonNotHeld
}

func (m *memory) add(r *state.Record, l state.License) state.Reason {
	i := slices.IndexFunc(m.header.SKUs, func(s state.SKU) bool { return s.ID == l.SKU })
	if i < 0 {
		return state.ReasonNotOwned
	}
	sku := m.header.SKUs[i]
	held := slices.ContainsFunc(r.Paths, func(p state.Path) bool { return p.SKU == l.SKU && p.Holds() })
	switch {
	case !sku.Assignable():
		return state.ReasonNotAssignable
	case slices.ContainsFunc(l.Disabled, func(id state.PlanID) bool { _, found := sku.Plan(id); return !found }):
		return state.ReasonBadPlan
	case r.UsageLocation == "":
		return state.ReasonNoLocation
	case !held && m.holders(l.SKU) >= sku.Units():
		return state.ReasonNoSeats
	}
	r.Paths = slices.DeleteFunc(r.Paths, func(p state.Path) bool { return p.SKU == l.SKU && p.Direct() })
	r.Paths = append(r.Paths, state.Path{SKU: l.SKU, State: state.PathActive, Disabled: l.Disabled})
	return ""
}
