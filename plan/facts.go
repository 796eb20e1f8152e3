package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// facts are the input with what every stage looks up in it. No stage changes them.
type facts struct {
	Input
	rules          rules
	managed        []state.SKUID
	active         []bool // by policy: enforced, and inside its window
	protectedUsers protectedUsers
	joinConflicts  map[int]string // by row
	pending        effective.Pending
	counted        *effective.Census
	containers     containers
}

func newFacts(in Input) *facts {
	f := &facts{
		Input: in, rules: ownRules(), managed: managed(in), active: make([]bool, len(in.Set.Policies)),
		protectedUsers: findProtected(in), joinConflicts: findJoinConflicts(in), pending: effective.FindPending(in.Snapshot), containers: containers{},
	}
	for i, policy := range in.Set.Policies {
		f.active[i] = policy.Mode == policies.ModeEnforce && policy.InForce(in.Now)
	}
	return f
}

// isManaged reports whether the settings manage the SKU.
func (f *facts) isManaged(sku state.SKUID) bool {
	_, found := slices.BinarySearchFunc(f.managed, sku, state.SKUID.Compare)
	return found
}

// part returns the part number of a SKU.
func (f *facts) part(sku state.SKUID) string { return f.Catalog.PartNumber(sku) }

// ref returns the names of a user.
func (f *facts) ref(user state.User) UserRef {
	return UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName(), Container: f.containers.of(f.Snapshot, user)}
}

// census returns how many users hold each SKU. It counts them on the first call.
func (f *facts) census() *effective.Census {
	if f.counted == nil {
		f.counted = effective.TakeCensus(f.Snapshot, f.pending)
	}
	return f.counted
}
