package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

func (p Program) sandboxCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "The embedded tenant: a Microsoft Graph for trying things out",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.sandboxServeCommand(), p.sandboxGenerateCommand(), p.sandboxResetCommand(g))
	return cmd
}

func (p Program) sandboxResetCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Forget what runs have changed in the sandbox tenant",
		Long:    "Reset puts the sandbox tenant of the settings back to what its file says.\n\n" + exitMeanings,
		Example: "  seatwright sandbox reset",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.reset(cmd.Context()) })
		},
	}
}

func (j *job) reset(ctx context.Context) error {
	if !j.tenant.IsSandbox() {
		return usage("choose a sandbox tenant with --tenant", "tenant %s is no sandbox: there is nothing to reset", j.tenant.Name)
	}
	name, err := j.project.Resolve(j.tenant.Sandbox)
	if err != nil {
		return positioned(j.tenant.SandboxPos, j.tenant.Sandbox, err)
	}
	file := filepath.Join(j.dir, filepath.FromSlash(name))
	root, err := checkout.OpenState(ctx, filepath.Dir(file), sandboxDir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(overlayName(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return view.Reset(j.Out, j.tenant.Name)
}
