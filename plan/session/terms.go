package session

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
)

// parseTerms reads the KEY=VALUE of --only and --exclude. An unknown name is
// an error: with a typing error, a filter would leave out the wrong steps.
func (r *Resolved) parseTerms(flag string, texts []string) ([]plan.Term, error) {
	var terms []plan.Term
	for _, text := range texts {
		term, err := r.parseTerm(text)
		if err != nil {
			return nil, usage("write user=UPN, sku=SKU, policy=NAME or kind=KIND", "read %s %q: %w", flag, text, err)
		}
		terms = append(terms, term)
	}
	return terms, nil
}

func (r *Resolved) parseTerm(text string) (plan.Term, error) {
	key, value, found := strings.Cut(text, "=")
	term := plan.Term{Text: text}
	var err error
	switch {
	case !found || value == "":
		err = fmt.Errorf("it has no value")
	case key == "user":
		term.User = value
		if _, exists := r.read.observed.Snapshot.FindUPN(value); !exists {
			err = fmt.Errorf("the tenant has no user %q", value)
		}
	case key == "sku":
		term.SKU, err = r.read.observed.Catalog.SKU(value)
	case key == "policy":
		term.Policy = value
		if !hasPolicy(r.set, value) {
			err = noPolicy(r.set, value)
		}
	case key == "kind":
		term.Kind = plan.Kind(value)
		if !slices.Contains(plan.Kinds(), term.Kind) {
			err = fmt.Errorf("the kinds are %v", plan.Kinds())
		}
	default:
		err = fmt.Errorf("%q is not a key of this flag", key)
	}
	return term, err
}

func hasPolicy(set *policies.Set, name string) bool {
	return slices.ContainsFunc(set.Policies, func(p policies.Policy) bool { return p.Name == name })
}

// noPolicy returns the error for a policy that does not exist, with the likely name.
func noPolicy(set *policies.Set, name string) error {
	names := make([]string, len(set.Policies))
	for i, policy := range set.Policies {
		names[i] = policy.Name
	}
	return fmt.Errorf("there is no policy %q, did you mean %s?", name, cmp.Or(catalog.Nearest(name, names), strings.Join(names, ", ")))
}
