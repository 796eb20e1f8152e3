package apply

import (
	"context"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Horizon is how long a read may lag behind a write. A user written to less than this
// long ago is read until the effect shows, and written to again only after it.
const Horizon = 5 * time.Minute

// Journal keeps what a run does. Both methods return once it is kept for good; after
// an error nothing more is sent. It must be safe for use by several goroutines.
type Journal interface {
	// Intend is called before the steps are sent, and again if they are sent again.
	Intend([]plan.Step) error
	// Settle is called with what became of steps, whether they were sent or not; with a
	// failure that is not the last word where a refused step is to be sent again.
	Settle([]Outcome) error
}

// Write is a change that was sent to the service, and may have been made.
type Write struct {
	Step      plan.Step
	At        time.Time
	Confirmed bool // it was read back
}

// Executor carries plans out. Reader, Writer, Catalog and Snapshot are required.
type Executor struct {
	Reader   state.Reader
	Writer   state.Writer
	Catalog  *catalog.Catalog
	Snapshot *state.Snapshot // the one the plan was made from: it knows the SKUs

	// Journal keeps what is done; nil: nothing does.
	Journal Journal
	// Held is asked before every batch whether the tenant is still this run's alone;
	// nil: it is. It must be safe for use by several goroutines.
	Held func() error
	// Earlier are writes of other runs that reads may still lag behind.
	Earlier []Write
	// Parallel is how many batches are under way at a time; 0: four.
	Parallel int
	// MaxErrors stops the run after so many failures; 0: never.
	MaxErrors int
	// Canary carries out the steps of so many users first, and goes on only if all of
	// them are confirmed; 0: all go together.
	Canary int

	// Progress is told each outcome as it is settled, from one goroutine; nil: nobody.
	Progress func(Outcome)
	// Now is the clock, of which only what passes counts; nil: real time.
	Now func() time.Time
	// Wait sleeps between reads that lag and writes that may soon be accepted; nil: real time.
	Wait func(context.Context, time.Duration) error
}

const defaultParallel = 4

// Run carries out the steps. The error of a context that is cancelled, or of
// trouble that concerns everything, is in the report: what was written has been read
// back by then. Steps that were not sent can be had by running again.
func (e *Executor) Run(ctx context.Context, p *plan.Plan) *Report {
	r := newRun(e, p)
	if e.Canary > 0 {
		r.canary(ctx)
	}
	r.release(func(int) bool { return true })
	r.loop(ctx)
	r.second(ctx)
	r.settleAll(r.unsettled(), NotSent, "the steps it needs wait for each other", "plan again")
	r.flush()
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

// run is one execution of a plan. Steps go by their position in it. Everything but
// the attempts and looks themselves happens in one goroutine.
type run struct {
	*Executor
	steps    []plan.Step
	reserve  map[state.SKUID]int // seats that are not to be handed out
	outcomes []Outcome
	byID     map[string]int
	tracks   []track
	users    map[state.UserID]int // the step that is under way for the user, and so busy

	queue    []int // whose needs are done, in the order in which they became so
	later    []int // under way, to be looked at or tried again
	orphans  []int
	inFlight int
	results  chan result
	recent   map[state.UserID][]Write

	full      map[state.SKUID]bool // SKUs whose last seat is gone
	written   int
	errors    int
	streak    int // refusals in a row that are nobody's in particular
	unkept    []Outcome
	stopped   error // why nothing more is sent
	permitted [2]bool
	forbidden [2]error // why nothing more of a sort is sent
	slept     time.Duration
}

// track is how far a step has got.
type track struct {
	released bool // it may go, once it has what it needs
	started  bool
	missing  int   // needs that are still to come
	feeds    []int // steps that need it
	aside    bool  // it is an orphan
	adopted  bool  // and goes all the same
	orphaned string

	due     time.Time // when to look, or try, again
	looks   int
	sends   int
	since   time.Time // of the last write
	sent    bool      // and not read back
	refused bool      // since the user has changed meanwhile, and not read back
	err     error     // the last answer, or why it could not be read back
	blind   error     // why the last look saw nothing
}

func newRun(e *Executor, p *plan.Plan) *run {
	r := &run{
		Executor: e, steps: p.Steps, outcomes: make([]Outcome, len(p.Steps)), byID: map[string]int{}, tracks: make([]track, len(p.Steps)),
		users: map[state.UserID]int{}, results: make(chan result), recent: map[state.UserID][]Write{}, full: map[state.SKUID]bool{}, reserve: map[state.SKUID]int{},
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
				r.tracks[needed].feeds = append(r.tracks[needed].feeds, i)
			} else {
				r.tracks[i].orphaned = "it needs a step that did not succeed: it is not in the plan"
			}
		}
	}
	for _, write := range e.Earlier {
		r.remember(write)
	}
	return r
}

// remember keeps the last write of each sort to a user.
func (r *run) remember(write Write) {
	id := write.Step.User.ID
	r.recent[id] = append(slices.DeleteFunc(slices.Clone(r.recent[id]), func(w Write) bool { return sortOf(w.Step) == sortOf(write.Step) }), write)
}

// sortOf tells locations from licences: they take different permissions.
func sortOf(s plan.Step) int {
	if s.Kind == plan.KindLocation {
		return 0
	}
	return 1
}

// release lets some steps go.
func (r *run) release(which func(int) bool) {
	for i := range r.tracks {
		if t := &r.tracks[i]; !t.released && which(i) {
			t.released = true
			switch {
			case t.aside || r.outcomes[i].Result != "":
			case t.orphaned != "":
				r.orphan(i, t.orphaned)
			case t.missing == 0:
				r.queue = append(r.queue, i)
			}
		}
	}
}

// canary carries out the steps of the first users, and stops the run unless all of
// them are confirmed. It takes users whose steps need nobody else's.
func (r *run) canary(ctx context.Context) {
	chosen := r.canaries()
	r.release(func(i int) bool { return chosen[r.steps[i].User.ID] })
	r.loop(ctx)
	for i, step := range r.steps {
		if chosen[step.User.ID] && !r.outcomes[i].Result.settled() && r.stopped == nil {
			r.stopped = &EarlyError{Reason: "canary", Why: "not all of the first users were confirmed: " + step.String()}
		}
	}
}

func (r *run) canaries() map[state.UserID]bool {
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

func (r *run) unsettled() []int {
	var steps []int
	for i := range r.steps {
		if r.outcomes[i].Result == "" {
			steps = append(steps, i)
		}
	}
	return steps
}
