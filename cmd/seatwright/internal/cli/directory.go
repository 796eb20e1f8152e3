package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/ad"
	"github.com/seatwright/seatwright/state/join"
)

// readDirectory looks the places up in the tenant's directories and joins whom it
// finds there to the snapshot. A tenant without directories, and one that comes from a
// file, goes by what was synced.
func (j *job) readDirectory(ctx context.Context, places []selector.PlaceAt) error {
	if len(j.tenant.Directories) == 0 || len(places) == 0 || j.file != "" {
		return nil
	}
	progress := view.NewProgress(j.Err, j.ErrTerminal, j.Now, "reading the directory", 0)
	defer progress.Close()
	readers, err := j.directories(j.settings, j.tenant, progress.Reach)
	if err != nil {
		return err
	}
	wanted := make([]state.Place, len(places))
	for i, place := range places {
		wanted[i] = place.Place
	}
	reads, err := ad.Read(ctx, readers, wanted)
	if err == nil {
		j.snapshot.Directory, err = join.Join(j.snapshot, reads)
	}
	return inPolicy(err, places)
}

// inPolicy says where in the policies a place stands that the directory does not have.
func inPolicy(err error, places []selector.PlaceAt) error {
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	if !ok || trouble.Place == nil {
		return err
	}
	for _, place := range places {
		if place.Key() != trouble.Place.Key() {
			continue
		}
		if trouble.Settings() {
			var problems policies.Problems
			problems.Add(place.Pos, selector.RulePlace, trouble.Hint(), "%s", trouble)
			return problems.Err()
		}
		return fmt.Errorf("%s: %w", place.Pos, err)
	}
	return err
}

// examineDirectory signs in at every server of every directory. One that does not
// answer matters less where another one does.
func (e *examination) examineDirectory(ctx context.Context) {
	if len(e.tenant.Directories) == 0 {
		e.well("directory", "none is configured: `ou` and `domain` go by the names that are synced to Entra ID")
		return
	}
	readers, err := e.directories(e.settings, e.tenant, nil)
	if err != nil {
		e.failed("directory", err)
		return
	}
	for i, reader := range readers {
		topic := "directory " + e.tenant.Directories[i].Name
		findings := reader.Check(ctx)
		answered := slices.ContainsFunc(findings, func(f ad.Finding) bool { return f.Err == nil })
		for _, f := range findings {
			switch {
			case f.Err == nil:
				e.well(topic, "%s answers for the domain %s", f.Server, f.Domain)
			case answered:
				e.ailing(topic, classify(f.Err).hint, "%v", f.Err)
			default:
				e.failed(topic, f.Err)
			}
		}
	}
}
