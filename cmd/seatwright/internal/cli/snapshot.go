package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
)

func (p Program) snapshotCommand(g *globals) *cobra.Command {
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
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.takeSnapshot(cmd.Context(), out, redact) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "write the snapshot to this file")
	cmd.Flags().BoolVar(&redact, "redact", false, "give people, groups, OUs and domains other names")
	return cmd
}

func (j *job) takeSnapshot(ctx context.Context, out string, redact bool) error {
	if err := j.load(); err != nil {
		return err
	}
	if err := j.read(ctx, selector.Needs(j.set)); err != nil {
		return err
	}
	for _, unread := range j.snapshot.Unread {
		_ = view.Warning(j.Err, "not in the snapshot: %s", unread)
	}
	if redact {
		return j.keepRedacted(out)
	}
	if err := checkout.SaveFile("snapshot", out, func(w io.Writer) error { return snapfile.Write(w, j.snapshot) }); err != nil {
		return err
	}
	return view.SnapshotKept(j.Out, out, j.tenant.Name, j.snapshot)
}

// readFile takes the tenant from a snapshot file and not from the service: no
// credential is built.
func (j *job) readFile(query state.Query) error {
	snapshot, err := loadSnapshot(j.file)
	if err != nil {
		return err
	}
	j.snapshot = snapshot
	j.catalog = catalog.Builtin().ForTenant(snapshot.SKUs)
	if err := j.checkOrigin(); err != nil {
		return err
	}
	return checkBrought(query, snapshot)
}

// checkOrigin wants the snapshot to be of the tenant that the settings name, and keeps
// sandbox and live tenants apart, whatever ids they have.
func (j *job) checkOrigin() error {
	taken, named := "a live tenant", "a sandbox"
	switch org, sandbox := j.snapshot.Organization, j.snapshot.Source == state.SourceSandbox; {
	case sandbox != j.tenant.IsSandbox():
		if sandbox {
			taken, named = named, taken
		}
	case plan.WrongTenant(j.tenant, org) != "":
		taken, named = fmt.Sprintf("%s (%s)", org.ID, org.DisplayName), j.tenant.ID
	default:
		return nil
	}
	return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("tenant %s: the snapshot was taken of %s, the settings name %s", j.tenant.Name, taken, named),
		hint: "choose the tenant it was taken of with --tenant, or take one of this tenant with seatwright snapshot -o FILE"}
}

// checkBrought wants the snapshot to hold the groups that policies name. One that the
// tenant does not have looks the same as one that nobody asked for.
func checkBrought(query state.Query, snapshot *state.Snapshot) error {
	for _, id := range query.Everyone {
		if group, _ := snapshot.Group(id); group.Everyone == nil {
			return usage("take the snapshot again with the policies at hand; if that does not help, the tenant has no such group",
				"the snapshot does not say who is in group %s, which the policies name", id)
		}
	}
	return nil
}

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
