package cli

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
)

func unlockCommand(p Program, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "unlock RUN",
		Short: "Take a tenant away from a run that is dead",
		Long: `Unlock takes the lock of a tenant away from the run that has it, and puts that on record. It is for a run
on another machine that died without giving the tenant back: after five minutes without a sign of life,
one where runs are kept in a container, nobody needs it, and on one machine the system gives the lock
back itself. A run that lives after all stops before its next batch.`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return unlock(cmd.Context(), p, *g, args[0]) },
	}
}

func unlock(ctx context.Context, p Program, g globals, run string) error {
	return inStore(ctx, p, g, toUnlock, func(store *journal.Store) error {
		tenant, holder, err := store.Unlock(ctx, run)
		switch {
		case errors.Is(err, journal.ErrNoLock):
			return usage("the error of the run that found the tenant locked names it", "%w", err)
		case err != nil:
			return err
		}
		host, _ := os.Hostname() // for people
		id := newRunID(p.Now())
		record, err := store.Start(ctx, journal.Begin{Run: id, Kind: journal.KindUnlock, Of: run, Tenant: tenant, Tool: p.Version, Host: host})
		if err != nil {
			return err
		}
		if _, err := record.Close(journal.Close{Counts: map[apply.Result]int{}, Reason: "ok"}); err != nil {
			return err
		}
		return view.Unlocked(p.Out, tenant, holder, id)
	})
}
