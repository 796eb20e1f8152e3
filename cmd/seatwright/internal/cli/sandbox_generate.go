package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/state/sandbox/generate"
)

// generateArgs are the arguments of seatwright sandbox generate.
type generateArgs struct {
	preset string
	users  int
	seed   uint64
	out    string
}

func (a generateArgs) check() error {
	switch {
	case a.out == "":
		return usage("for instance -o tenant.json", "sandbox generate needs -o FILE")
	case !slices.Contains(generate.Presets(), a.preset):
		return usage("", "--preset is %q, want one of %v", a.preset, generate.Presets())
	case a.users < 0 || a.users > generate.MaxUsers:
		return usage("leave --users out for as many as the preset has", "--users is %d, want 1 to %d", a.users, generate.MaxUsers)
	}
	return nil
}

func sandboxGenerateCommand(p Program) *cobra.Command {
	var args generateArgs
	cmd := &cobra.Command{
		Use:   "generate -o FILE",
		Short: "Make up a tenant: a crowd, and every special case once",
		Long: `Generate writes a sandbox tenant file of a made-up tenant in the shape of real ones: SKUs that are
full, overused, expired or free, groups that give licences, shared mailboxes, guests, service
plans off, paths in error. The users whose names begin with "case-" are the special cases; they
come on top. The same flags make the same file.

` + exitMeanings,
		Example: "  seatwright sandbox generate -o tenant.json\n  seatwright sandbox generate --preset large --users 100000 --seed 7 -o tenant.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return generateTenant(p, args)
		},
	}
	cmd.Flags().StringVar(&args.preset, "preset", "mid", strings.Join(generate.Presets(), ", "))
	cmd.Flags().IntVar(&args.users, "users", 0, "members and guests; 0: as many as the preset has")
	cmd.Flags().Uint64Var(&args.seed, "seed", 1, "another one makes another tenant")
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the tenant to this file")
	return cmd
}

func generateTenant(p Program, args generateArgs) error {
	options := generate.Options{Preset: args.preset, Users: args.users, Seed: args.seed}
	if err := checkout.SaveFile("tenant", args.out, func(w io.Writer) error { return generate.Write(w, options) }); err != nil {
		return err
	}
	return view.Generated(p.Out, args.out)
}
