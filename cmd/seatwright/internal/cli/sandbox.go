package cli

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

func (p Program) sandboxCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "The embedded tenant: a Microsoft Graph for trying things out",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.sandboxServeCommand(), p.sandboxResetCommand(g))
	return cmd
}

// serveArgs are the arguments of seatwright sandbox serve.
type serveArgs struct {
	tenantFile string
	listen     string
}

func (a serveArgs) check() error {
	if a.tenantFile == "" {
		return usage("for instance --tenant-file examples/contoso/tenant.yaml", "sandbox serve needs --tenant-file")
	}
	return nil
}

func (p Program) sandboxServeCommand() *cobra.Command {
	var args serveArgs
	cmd := &cobra.Command{
		Use:   "serve --tenant-file FILE",
		Short: "Serve a sandbox tenant to any Graph client on this machine",
		Long: `Serve answers as Microsoft Graph v1.0 would for the tenant in the file, on a loopback address
only, until it is interrupted. The address is the first line it prints. Changes are kept beside
the file in .seatwright/sandbox/; the file stays as it is.

` + exitMeanings,
		Example: "  seatwright sandbox serve --tenant-file tenant.yaml --listen 127.0.0.1:8080",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return p.runServe(cmd.Context(), args)
		},
	}
	cmd.Flags().StringVar(&args.tenantFile, "tenant-file", "", "YAML or JSON file that describes the tenant")
	cmd.Flags().StringVar(&args.listen, "listen", loopback, "loopback address; port 0 takes any free one")
	return cmd
}

func (p Program) runServe(ctx context.Context, args serveArgs) error {
	file, err := openRegular(args.tenantFile)
	if err != nil {
		return usage("name a file with --tenant-file", "read sandbox tenant: %w", err)
	}
	data, err := readLimited(file, args.tenantFile)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	e, err := openSandbox(ctx, args.tenantFile, data)
	if err != nil {
		return err
	}
	address, stop, err := e.start(args.listen)
	if err != nil {
		return errors.Join(err, e.close())
	}
	if err := view.Serving(p.Out, address); err != nil {
		return errors.Join(err, stop(), e.close())
	}
	<-ctx.Done() // a server ends when it is told to: that is no trouble
	return errors.Join(stop(), e.close())
}

func (p Program) sandboxResetCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "reset",
		Short:   "Forget what runs have changed in the sandbox tenant",
		Long:    "Reset puts the sandbox tenant of the settings back to what its file says.\n\n" + exitMeanings,
		Example: "  seatwright sandbox reset",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.onTenant(*g, func(j *job) error { return j.reset(cmd.Context()) })
		},
	}
}

func (j *job) reset(ctx context.Context) error {
	if !j.tenant.IsSandbox() {
		return usage("choose a sandbox tenant with --tenant", "tenant %s is no sandbox: there is nothing to reset", j.tenant.Name)
	}
	name, err := j.project.resolve(j.tenant.Sandbox)
	if err != nil {
		return positioned(j.tenant.SandboxPos, j.tenant.Sandbox, err)
	}
	file := filepath.Join(j.dir, filepath.FromSlash(name))
	root, err := openState(ctx, filepath.Dir(file), sandboxDir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(overlayName(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return view.Reset(j.Out, j.tenant.Name)
}
