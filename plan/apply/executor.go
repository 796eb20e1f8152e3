package apply

import (
	"context"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Horizon is how long a read may lag behind a write. A user written to less than this long
// ago is read until the effect shows, and written to again only after it.
const Horizon = 5 * time.Minute

// Journal records what a run does. Both methods return once the record is durable. After an
// error nothing more is sent. It must be safe for use by several goroutines.
type Journal interface {
	// RecordIntents is called before the steps are sent, and again before they are sent again.
	RecordIntents([]plan.Step) error
	// RecordOutcomes is called with the outcomes of steps, sent or not. It is also called with a
	// failure that is not final if a refused step will be sent again.
	RecordOutcomes([]Outcome) error
}

// Write is a change that was sent to the service and may have been made.
type Write struct {
	Step      plan.Step
	At        time.Time
	Confirmed bool // it was read back
}

// Executor carries out plans. Reader, Writer, Catalog and Snapshot are required.
type Executor struct {
	Reader   state.Reader
	Writer   state.Writer
	Catalog  *catalog.Catalog
	Snapshot *state.Snapshot // the one that the plan was made from: it has the SKUs

	// Journal records the run; nil: no record.
	Journal Journal
	// Held is called before every batch. It returns an error if this run has lost the lock
	// of the tenant; nil: no check. It must be safe for use by several goroutines.
	CheckLock func() error
	// Earlier are writes of other runs that reads may still lag behind.
	Earlier []Write
	// Parallel limits how many batches are in flight at a time; 0: four.
	Parallel int
	// MaxErrors is the number of failures that stops the run; 0: no limit.
	MaxErrors int
	// Canary is the number of users whose steps are carried out first. The run goes on only
	// if all of them are confirmed; 0: no canary.
	Canary int

	// Progress is called with each outcome as it is settled, from one goroutine; nil: not called.
	Progress func(Outcome)
	// Now is the clock. Only differences of its times are used; nil: real time.
	Now func() time.Time
	// Wait sleeps between reads that lag and writes that may soon be accepted; nil: real time.
	Wait func(context.Context, time.Duration) error
}

const defaultParallel = 4

// Run carries out the steps. The report has the error if the context is canceled or a
// problem concerns the whole run. All that was written has been read back by then. To send
// the steps that were not sent, run again.
func (e *Executor) Run(ctx context.Context, p *plan.Plan) *Report {
	r := newRun(e, p)
	if e.Canary > 0 {
		r.runCanary(ctx)
	}
	r.release(func(int) bool { return true })
	r.runLoop(ctx)
	r.runSecondRound(ctx)
	r.settleAll(r.unsettledSteps(), NotSent, "the steps it needs wait for each other", planAgain)
	r.recordOutcomes()
	stopped := r.stopped
	if stopped == nil && r.written == 0 {
		for _, forbidden := range r.forbidden {
			if forbidden != nil {
				stopped = forbidden
			}
		}
	}
	return &Report{Outcomes: r.outcomes, Written: r.written, Stopped: stopped}
}

// run is one execution of a plan. Steps are identified by their index. Only attempts and
// looks run in other goroutines.
type run struct {
	*Executor
	steps    []plan.Step
	reserve  map[state.SKUID]int // seats that must not be handed out
	outcomes []Outcome
	byID     map[string]int
	tracks   []track
	users    map[state.UserID]int // the step in progress for the user

	queue    []int // steps whose needs are done, in the order in which that happened
	later    []int // steps in progress, to be looked at or tried again
	aside    []int
	inFlight int
	results  chan batchResult
	recent   map[state.UserID][]Write

	full            map[state.SKUID]bool // SKUs without a seat left
	written         int
	errors          int
	serviceRefusals int // refusals in a row that are neither about a user nor a license
	unrecorded      []Outcome
	stopped         error // why nothing more is sent
	permitted       [2]bool
	forbidden       [2]error // by permission: why nothing more that needs it is sent
	slept           time.Duration
}

// track is the progress of one step.
type track struct {
	released    bool // it may run once its needs are done
	started     bool
	missing     int   // number of needs that are not done
	dependents  []int // steps that need it
	isAside     bool  // it lacks a seat, or a step that it needs did not succeed
	retried     bool  // it was set aside and runs in the second round
	asideReason string

	due     time.Time // when to look or try again
	looks   int
	sends   int
	since   time.Time // time of the last write
	sent    bool      // sent and not read back yet
	refused bool      // refused because the user has changed, and not read back yet
	err     error     // the last answer, or why it could not be read back
	lookErr error     // why the last look failed
}

func newRun(e *Executor, p *plan.Plan) *run {
	r := &run{
		Executor: e, steps: p.Steps, outcomes: make([]Outcome, len(p.Steps)), byID: map[string]int{}, tracks: make([]track, len(p.Steps)),
		users: map[state.UserID]int{}, results: make(chan batchResult), recent: map[state.UserID][]Write{}, full: map[state.SKUID]bool{}, reserve: map[state.SKUID]int{},
	}
	for _, sku := range p.SKUs {
		r.reserve[sku.ID] = sku.Reserve + sku.Pending
	}
	for i, step := range p.Steps {
		r.byID[step.ID] = i
		r.outcomes[i].Step = step
	}
	for i, step := range p.Steps {
		for _, id := range step.Needs {
			r.tracks[i].missing++
			if needed, known := r.byID[id]; known {
				r.tracks[needed].dependents = append(r.tracks[needed].dependents, i)
			} else {
				r.tracks[i].asideReason = "it needs a step that did not succeed: it is not in the plan"
			}
		}
	}
	for _, write := range e.Earlier {
		r.recordWrite(write)
	}
	return r
}

// recordWrite keeps the last write to a user for each permission.
func (r *run) recordWrite(write Write) {
	id := write.Step.User.ID
	r.recent[id] = append(slices.DeleteFunc(slices.Clone(r.recent[id]), func(w Write) bool { return permissionOf(w.Step) == permissionOf(write.Step) }), write)
}

// permissionOf returns 0 for locations and 1 for licenses: they need different permissions.
func permissionOf(s plan.Step) int {
	if s.Kind == plan.KindLocation {
		return 0
	}
	return 1
}

// release lets some steps run.
func (r *run) release(which func(int) bool) {
	for i := range r.tracks {
		if t := &r.tracks[i]; !t.released && which(i) {
			t.released = true
			switch {
			case t.isAside || r.outcomes[i].Result != "":
			case t.asideReason != "":
				r.setAside(i, t.asideReason)
			case t.missing == 0:
				r.queue = append(r.queue, i)
			}
		}
	}
}

// runCanary carries out the steps of the first users and stops the run unless all of them
// are confirmed. It takes users whose steps need no step of another user.
func (r *run) runCanary(ctx context.Context) {
	chosen := r.canaryUsers()
	r.release(func(i int) bool { return chosen[r.steps[i].User.ID] })
	r.runLoop(ctx)
	for i, step := range r.steps {
		if chosen[step.User.ID] && !r.outcomes[i].Result.hasEffect() && r.stopped == nil {
			r.stopped = &EarlyError{Reason: "canary", Why: "not all of the first users were confirmed: " + step.String()}
		}
	}
}

func (r *run) canaryUsers() map[state.UserID]bool {
	alone := map[state.UserID]bool{}
	for _, step := range r.steps {
		needy := slices.ContainsFunc(step.Needs, func(id string) bool {
			i, known := r.byID[id]
			return !known || r.steps[i].User.ID != step.User.ID
		})
		was, seen := alone[step.User.ID]
		alone[step.User.ID] = !needy && (was || !seen)
	}
	chosen := map[state.UserID]bool{}
	for _, step := range r.steps {
		if len(chosen) < r.Canary && alone[step.User.ID] {
			chosen[step.User.ID] = true
		}
	}
	return chosen
}

func (r *run) unsettledSteps() []int {
	var steps []int
	for i := range r.steps {
		if r.outcomes[i].Result == "" {
			steps = append(steps, i)
		}
	}
	return steps
}
