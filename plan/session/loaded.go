package session

import (
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Loaded is a project whose policies have been read. The tenant has not.
type Loaded struct {
	project *Project
	set     *policies.Set
	adHoc   bool  // the set is one policy that flags stand for
	base    *Base // policies to compare with; nil: there are none
}

// Load reads the policies, or makes a set of the one policy that flags stand for.
func (p *Project) Load(flags policies.PolicyWords) (*Loaded, error) {
	if !flags.None() {
		return p.loadAdHoc(flags)
	}
	set, warnings, err := p.Policies()
	p.env.Reporter.Problems(warnings)
	if err != nil {
		return nil, err
	}
	return &Loaded{project: p, set: set}, nil
}

// loadAdHoc makes the set of one policy that flags stand for, and shows it.
func (p *Project) loadAdHoc(flags policies.PolicyWords) (*Loaded, error) {
	if p.trusted != nil {
		return nil, usage("remove one of them", "--settings-from is for policies in git, and the flags of one policy are not in git")
	}
	set, text, warnings, err := policies.ParsePolicy(p.env.Files, p.tenant, flags)
	p.env.Reporter.Problems(warnings)
	if text != "" {
		p.env.Reporter.AdHocPolicy(text)
	}
	if err != nil {
		return nil, &Error{Usage, "the flags take the same values as the keys of a policy", err}
	}
	return &Loaded{project: p, set: set, adHoc: true}, nil
}

// Set returns the policies, whose names are not bound yet.
func (l *Loaded) Set() *policies.Set { return l.set }

// CheckNames binds the names of SKUs and service plans to the built-in catalog, without
// a tenant. Names that only a tenant can know are warnings.
func (l *Loaded) CheckNames() (*policies.Set, error) {
	bound, warnings, err := policies.BindOffline(l.set, catalog.Builtin())
	l.project.env.Reporter.Problems(warnings)
	return bound, err
}

// Policy returns the position of a policy in the set.
func (l *Loaded) Policy(name string) (int, error) {
	for i, policy := range l.set.Policies {
		if policy.Name == name {
			return i, nil
		}
	}
	return 0, usage("", "read --policy: %w", noPolicy(l.set, name))
}

// needs returns what must be read of the tenant, for other policies too.
func (l *Loaded) needs(other *policies.Set) state.Query {
	if other != nil {
		return selector.Needs(l.set, other)
	}
	return selector.Needs(l.set)
}

// otherSet returns the policies to compare with, if the tenant must be read for them too.
func (l *Loaded) otherSet(file string) *policies.Set {
	if l.base == nil || file != "" {
		return nil
	}
	return l.base.set
}
