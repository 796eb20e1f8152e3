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
		Short: "Write the tenant to a file for plan --snapshot; changes nothing",
		Long: `Snapshot reads everything that the policies need from the tenant, and writes it to a file. The file has the names
and licenses of all users, and only its owner can read it. Plans from the file need no network and no credential. Apply
reads the tenant itself again.

With --redact the file can be attached to a bug report. Users, groups, OUs and domains have other names, and the
structure stays the same. The key that makes the names is discarded. The command prints the names in the policies with
their other names, so that policies can be adapted to the file. A plan from such a file cannot be applied.`,
		Example: "  seatwright snapshot -o tenant.snap\n  seatwright snapshot --redact -o bug.snap\n  seatwright plan --snapshot tenant.snap",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usage("for example -o tenant.snap", "snapshot needs -o FILE")
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return takeSnapshot(cmd.Context(), c, out, redact) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write the snapshot to this `FILE`")
	cmd.Flags().BoolVar(&redact, "redact", false, "replace the names of users, groups, OUs and domains")
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
		return nil, ends(reasonSnapshotRefused, fmt.Errorf("%s: %w", name, refusal), refusal.Hint)
	}
	return snapshot, err
}
