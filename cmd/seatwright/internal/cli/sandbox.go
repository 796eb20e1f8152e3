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

func sandboxCommand(p Program, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Try Seatwright with an embedded tenant, without Microsoft 365",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(sandboxServeCommand(p), sandboxGenerateCommand(p), sandboxResetCommand(p, g))
	return cmd
}

func sandboxResetCommand(p Program, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Discard the changes of runs in the sandbox tenant",
		Long:    "Reset discards all changes, so that the sandbox tenant is again as its file describes it.",
		Example: "  seatwright sandbox reset",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return reset(cmd.Context(), c) })
		},
	}
}

func reset(ctx context.Context, c *call) error {
	if !c.tenant.IsSandbox() {
		return usage("choose a sandbox tenant with --tenant", "tenant %s is not a sandbox, so it cannot be reset", c.tenant.Name)
	}
	name, err := c.files.Resolve(c.tenant.Sandbox)
	if err != nil {
		return positioned(c.tenant.SandboxPos, c.tenant.Sandbox, err)
	}
	file := filepath.Join(c.globals.dir, filepath.FromSlash(name))
	root, err := checkout.OpenState(ctx, filepath.Dir(file), sandboxDir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(overlayName(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return view.Reset(c.program.Out, c.tenant.Name)
}
