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
		Short: "Release a stale lock",
		Long: `Unlock releases the lock that a run has on a tenant, and records that. Use it for a run that died on another machine
and did not release its lock.

It is rarely needed. A lock is released by itself after five minutes without a sign of life, or after one minute if runs
are kept in a container. On one machine the system releases it at once. If the run is still alive, it stops before its
next batch.`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return unlock(cmd.Context(), p, *g, args[0]) },
	}
}

func unlock(ctx context.Context, p Program, g globals, run string) error {
	return inStore(ctx, p, g, toUnlock, func(store *journal.Store) error {
		tenant, holder, err := store.Unlock(ctx, run)
		switch {
		case errors.Is(err, journal.ErrNoLock):
			return usage("the error of the run that found the tenant locked has the name", "%w", err)
		case err != nil:
			return err
		}
		host, _ := os.Hostname() // for display
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
