package statetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
)

func TestRunReaderOnMemory(t *testing.T) {
	t.Parallel()
	RunReader(t, openMemory)
}

func TestRunWriterOnMemory(t *testing.T) {
	t.Parallel()
	RunWriter(t, openMemory)
}

// broken is a correct backend with some functions replaced.
type broken struct {
	Fixture
	read  func(context.Context, state.Reader, state.Query) (*state.Snapshot, error)
	write func(context.Context, state.Writer, []state.Change) []error
}

func (b broken) Read(ctx context.Context, q state.Query) (*state.Snapshot, error) {
	if b.read == nil {
		return b.Reader.Read(ctx, q)
	}
	return b.read(ctx, b.Reader, q)
}

func (b broken) Write(ctx context.Context, changes []state.Change) []error {
	if b.write == nil {
		return b.Writer.Write(ctx, changes)
	}
	return b.write(ctx, b.Writer, changes)
}

// brokenCase is a wrong backend, and the cases that must detect it.
type brokenCase struct {
	broken broken
	cases  []testCase
	found  []string // among others
}

func brokenReaders() map[string]brokenCase {
	return map[string]brokenCase{
		"a reader that ignores the context": {
			broken{read: func(_ context.Context, r state.Reader, q state.Query) (*state.Snapshot, error) {
				return r.Read(context.Background(), q) //nolint:contextcheck // that is what is broken
			}}, readerCases(), []string{"a canceled read returns the cause"},
		},
		"a reader that always returns everything": {
			broken{read: func(ctx context.Context, r state.Reader, _ state.Query) (*state.Snapshot, error) {
				return r.Read(ctx, state.Everything())
			}}, readerCases(), []string{
				"an empty query returns nothing and is complete", "a query for SKUs returns no users",
				"particular users are returned once each, and unknown ones are absent",
				"groups are named only if the users read have a license from them",
			},
		},
		"a reader that stops after a page": {
			broken{read: func(ctx context.Context, r state.Reader, q state.Query) (*state.Snapshot, error) {
				q.AllUsers, q.Users = false, append(q.Users, alice(), bob(), carol())
				return r.Read(ctx, q)
			}}, readerCases(), []string{
				"a full read returns every user once, in order of ids, with all known fields", "reads run in parallel",
			},
		},
	}
}

func brokenWriters() map[string]brokenCase {
	return map[string]brokenCase{
		"a writer that makes two changes of a swap": {
			broken{write: func(ctx context.Context, w state.Writer, changes []state.Change) []error {
				for _, c := range changes {
					if len(c.Add) > 0 && len(c.Remove) > 0 {
						w.Write(ctx, []state.Change{{User: c.User, Remove: c.Remove}})
						return w.Write(ctx, []state.Change{{User: c.User, Add: c.Add}})
					}
				}
				return w.Write(ctx, changes)
			}}, writerCases(), []string{"a change is not made at all if one half is refused"},
		},
		"a writer that ignores the plans": {
			broken{write: func(ctx context.Context, w state.Writer, changes []state.Change) []error {
				forgetful := slices.Clone(changes)
				for i := range forgetful {
					forgetful[i].Add = slices.Clone(forgetful[i].Add)
					for j := range forgetful[i].Add {
						forgetful[i].Add[j].Disabled = nil
					}
				}
				return w.Write(ctx, forgetful)
			}}, writerCases(), []string{
				"a swap removes and adds in one change", "an assigned license that is added again has exactly the new plans off", "a service plan of another SKU",
			},
		},
		"a writer whose refusals have no reason": {
			broken{write: func(ctx context.Context, w state.Writer, changes []state.Change) []error {
				errs := w.Write(ctx, changes)
				for i, err := range errs {
					if err != nil {
						errs[i] = errors.New("refused")
					}
				}
				return errs
			}}, writerCases(), []string{
				"no seat left", "no usage location", "a SKU that the tenant does not own", "a SKU for the company", "a service plan of another SKU",
				"removing a SKU that is not assigned", "removing an inherited SKU", "licenses for a user that does not exist", "a location for a user that does not exist",
				"more changes than fit are refused whole", "two changes of one user are refused whole", "a write that was canceled before it began changes nothing",
				"changes of several users succeed or fail separately, in order",
			},
		},
		"a writer that reports success and does nothing": {
			broken{write: func(_ context.Context, _ state.Writer, changes []state.Change) []error {
				return make([]error, len(changes))
			}},
			writerCases(), []string{
				"a license without stated plans has every plan on", "a location is set and read back", "removing the direct path leaves the group's",
				"a freed seat can be assigned again", "writes run in parallel",
			},
		},
		"a writer that writes although there is nothing to write": {
			broken{write: func(ctx context.Context, w state.Writer, changes []state.Change) []error {
				w.Write(ctx, []state.Change{{User: heidi(), Location: "XX"}})
				return w.Write(ctx, changes)
			}}, writerCases(), []string{"no changes are no errors"},
		},
	}
}

// A case that cannot fail is a defect, so each of these backends must be detected.
func TestSuiteDetectsBrokenBackends(t *testing.T) {
	t.Parallel()
	all := brokenReaders()
	maps.Copy(all, brokenWriters())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := failures(t, c.broken, c.cases)
			missed := slices.DeleteFunc(c.found, func(name string) bool { return slices.Contains(failed, name) })
			if diff := cmp.Diff([]string{}, missed); diff != "" {
				t.Errorf("cases that did not fail (-want +got):\n%s", diff)
			}
		})
	}
}

// The broken backends make nearly every case fail. No query can break the header, so this
// test checks that a wrong header is detected.
func TestSuiteDetectsAWrongHeader(t *testing.T) {
	t.Parallel()
	b := broken{}
	b.read = func(ctx context.Context, r state.Reader, q state.Query) (*state.Snapshot, error) {
		s, err := r.Read(ctx, q)
		if err == nil {
			s.Source = state.SourceLive
		}
		return s, err
	}
	if failed := failures(t, b, readerCases()); !slices.Contains(failed, "a full read returns organization, SKUs and groups") {
		t.Errorf("only these cases failed: %q", failed)
	}
}

// failures returns the names of the cases that a broken backend fails.
func failures(t *testing.T, b broken, cases []testCase) []string {
	t.Helper()
	var failed []string
	for _, c := range cases {
		b := b
		b.Fixture = openMemory(t)
		watched := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.check(watched, Fixture{Reader: b, Writer: b, Source: b.Source})
		}()
		<-done
		if len(watched.said) > 0 {
			failed = append(failed, c.name)
		}
	}
	return failed
}

// recorder is a TB that records failures and does not report them.
type recorder struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (w *recorder) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *recorder) Error(args ...any) { w.Errorf("%s", fmt.Sprint(args...)) }

func (w *recorder) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	runtime.Goexit()
}
