package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// planner is the input with what every stage looks up in it. Stages read it only.
type planner struct {
	Input
	rules      rules
	managed    []state.SKUID
	active     []bool // by policy: enforced, and inside its window
	shields    shields
	disputes   map[int]string // by row
	pending    effective.Pending
	counted    *census
	bared      map[string]bool // policies whose exceptions shrank; "": the settings' protect
	containers containers
}

func newPlanner(in Input) *planner {
	f := &planner{
		Input: in, rules: ownRules(), managed: managed(in), active: make([]bool, len(in.Set.Policies)),
		shields: findShields(in), disputes: findDisputes(in), pending: effective.FindPending(in.Snapshot), bared: map[string]bool{}, containers: containers{},
	}
	for i, policy := range in.Set.Policies {
		f.active[i] = policy.Mode == policies.ModeEnforce && policy.InForce(in.Now)
	}
	return f
}

func (p *planner) isManaged(sku state.SKUID) bool {
	_, found := slices.BinarySearchFunc(p.managed, sku, state.SKUID.Compare)
	return found
}

func (p *planner) part(sku state.SKUID) string { return p.Catalog.PartNumber(sku) }

// ref names a user.
func (p *planner) ref(user state.User) UserRef {
	return UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName(), Container: p.containers.of(p.Snapshot, user)}
}
