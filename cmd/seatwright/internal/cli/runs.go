package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/session"
)

func runsCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of apply, from their journals",
		Long: `Runs lists the journals of all tenants, oldest first. They are in .seatwright/runs (--state-dir), or in the
container of ` + "`records`" + ` in the settings. A run without an end was killed, or is still under way. Run the same apply again to finish it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, factFormats); err != nil {
				return err
			}
			return inStore(cmd.Context(), p, *g, toLook, func(store *journal.Store) error { return listRuns(cmd.Context(), p, store, view.Format(format)) })
		},
	}
	addFormat(cmd, &format, factFormats)
	cmd.AddCommand(runsShowCommand(p, g), runsVerifyCommand(p, g))
	return cmd
}

// inStore calls do with the store of journals, if there is one.
func inStore(ctx context.Context, p Program, g globals, why access, do func(*journal.Store) error) error {
	tenant, err := keeper(ctx, p, g)
	if err != nil {
		return err
	}
	store, closeStore, err := openRecords(ctx, p, g, tenant, why)
	switch {
	case err != nil:
		return err
	case store == nil:
		return noRuns(g)
	}
	return errors.Join(do(store), closeStore())
}

// noRuns returns the error for a state folder without runs.
func noRuns(g globals) error {
	return usage("seatwright apply makes one; --state-dir names another folder", "there is no record of a run in %s", g.statePlace())
}

func listRuns(ctx context.Context, p Program, store *journal.Store, format view.Format) error {
	ids, err := store.IDs(ctx)
	if err != nil {
		return err
	}
	runs, failed := store.ReadAll(ctx, ids)
	rows := make([]view.RunRow, len(ids))
	for i, id := range ids {
		rows[i] = view.RunRow{ID: id, Run: runs[i], Err: failed[i]}
	}
	return view.Runs(p.Out, format, rows)
}

// oneRun refuses arguments that are not the name of one run.
func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || !journal.IsID(args[0]) {
		return usage("seatwright runs lists them", "%s takes the name of one run, got %q", cmd.CommandPath(), args)
	}
	return nil
}

func runsShowCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show what one run did, step by step",
		Args:  oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, factFormats); err != nil {
				return err
			}
			return inStore(cmd.Context(), p, *g, toLook, func(store *journal.Store) error {
				run, err := session.ReadRun(cmd.Context(), store, args[0])
				if err != nil {
					return err
				}
				return view.Run(p.Out, view.Format(format), run)
			})
		},
	}
	addFormat(cmd, &format, factFormats)
	return cmd
}

func runsVerifyCommand(p Program, g *globals) *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Check the chain of digests of a journal, and its head",
		Long: `Verify reads a journal line by line, and compares each line with the digest of the line before it.

That finds incomplete writes, lines that are missing or in another order, and careless edits. It does not find a journal
that was written again from the start, or cut after a line, unless --head has the digest that the run printed at its end.
It cannot find a run that was never recorded.`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return inStore(cmd.Context(), p, *g, toLook, func(store *journal.Store) error {
				run, err := session.ReadRun(cmd.Context(), store, args[0])
				if err != nil {
					return err
				}
				if head != "" && head != run.Head {
					return ends(reasonJournal, errors.New("the journal ends in "+run.Head+", not in the head that was given: it was cut, or written again from the start"), "")
				}
				return view.Verified(p.Out, run, head != "")
			})
		},
	}
	cmd.Flags().StringVar(&head, "head", "", "`DIGEST` that the run printed at its end")
	return cmd
}
