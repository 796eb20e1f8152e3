package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seatwright/seatwright/plan/apply/journal"
)

// runsDir is the folder below the state folder that keeps journals, records and locks.
const runsDir = "runs"

// access is what a call does with the records of runs.
type access int

const (
	toLook access = iota // at those there are
	toKeep               // what this run does
)

// openRecords opens where runs are on record. There is no store where a call only
// looks and no run was ever kept.
func (p Program) openRecords(ctx context.Context, g globals, why access) (history, error) {
	if _, err := os.Lstat(filepath.Join(g.statePlace(), runsDir)); why == toLook && errors.Is(err, fs.ErrNotExist) {
		return history{}, nil
	}
	root, err := openStateAt(ctx, g.statePlace(), runsDir)
	if err != nil {
		if _, known := errors.AsType[*exit](err); !known {
			err = &journal.Error{Op: "open the folder of runs", Err: err}
		}
		return history{}, err
	}
	now := p.running()
	return history{store: journal.NewStore(journal.NewFolder(root, now), now), close: root.Close}, nil
}

// statePlace is the state folder of the call.
func (g globals) statePlace() string {
	return cmp.Or(g.state, filepath.Join(g.dir, stateDir))
}
