package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
)

func snapshotCommand(p Program, g *globals) *cobra.Command {
	var out string
	var redact bool
	cmd := &cobra.Command{
		Use:   "snapshot -o FILE",
		Short: "Read the tenant into a file that plan --snapshot can use; changes nothing",
		Long: `Snapshot reads everything that the policies need to know of the tenant and keeps it in a file,
readable by its owner alone: it holds names and licences of everybody. Plans from the file need
no network and no credential; apply looks at the tenant itself again.

With --redact the file is fit for a bug report: people, groups, OUs and domains have other names,
made with a key that is thrown away, and their structure stays. It prints what the policies at hand
name with the other name of each, for policies that go with the file. A plan from it is for looking
at: its tenant and its users exist nowhere.

` + exitMeanings,
		Example: "  seatwright snapshot -o tenant.snap\n  seatwright snapshot --redact -o bug.snap\n  seatwright plan --snapshot tenant.snap",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usage("for instance -o tenant.snap", "snapshot needs -o FILE")
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return takeSnapshot(cmd.Context(), c, out, redact) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write the snapshot to this file")
	cmd.Flags().BoolVar(&redact, "redact", false, "give people, groups, OUs and domains other names")
	return cmd
}

func takeSnapshot(ctx context.Context, c *call, out string, redact bool) error {
	loaded, err := c.project.Load(policies.PolicyWords{})
	if err != nil {
		return err
	}
	tenant, err := c.connect(ctx)
	if err != nil {
		return err
	}
	observed, err := c.project.ReadTenant(ctx, tenant, selector.Needs(loaded.Set()))
	if err != nil {
		return err
	}
	for _, unread := range observed.Snapshot.Unread {
		c.warn("not in the snapshot: %s", unread)
	}
	if redact {
		return keepRedacted(c, loaded.Set(), observed.Snapshot, out)
	}
	if err := checkout.SaveFile("snapshot", out, func(w io.Writer) error { return snapfile.Write(w, observed.Snapshot) }); err != nil {
		return err
	}
	return view.SnapshotKept(c.program.Out, out, c.tenant.Name, observed.Snapshot)
}

// loadSnapshot reads a snapshot file.
func loadSnapshot(name string) (*state.Snapshot, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, usage("make one with seatwright snapshot -o FILE", "read snapshot: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	snapshot, err := snapfile.Read(file, info.Size())
	if refusal, ok := errors.AsType[*snapfile.RefusedError](err); ok {
		return nil, &exit{code: ExitUsage, reason: "snapshot_refused", err: fmt.Errorf("%s: %w", name, refusal), hint: refusal.Hint}
	}
	return snapshot, err
}
