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
		return usage("for example -o tenant.json", "sandbox generate needs -o FILE")
	case !slices.Contains(generate.Presets(), a.preset):
		return usage("give one of "+strings.Join(generate.Presets(), ", "), "--preset is %q", a.preset)
	case a.users < 0 || a.users > generate.MaxUsers:
		return usage("omit --users for as many as the preset has", "--users is %d, but must be 1 to %d", a.users, generate.MaxUsers)
	}
	return nil
}

func sandboxGenerateCommand(p Program) *cobra.Command {
	var args generateArgs
	cmd := &cobra.Command{
		Use:   "generate -o FILE",
		Short: "Generate the file of a sandbox tenant, with every special case once",
		Long: `Generate writes the file of a sandbox tenant that looks like a real one. It has SKUs that are full, overused,
expired or free, licensing groups, shared mailboxes, guests, service plans that are off, and group assignments in error.
It adds users whose names begin with "case-": they are the special cases. The same flags make the same file.`,
		Example: "  seatwright sandbox generate -o tenant.json\n  seatwright sandbox generate --preset large --users 100000 --seed 7 -o tenant.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return generateTenant(p, args)
		},
	}
	cmd.Flags().StringVar(&args.preset, "preset", "mid", "`NAME` of a preset: "+strings.Join(generate.Presets(), ", "))
	cmd.Flags().IntVar(&args.users, "users", 0, "`NUMBER` of members and guests; 0: as many as the preset has")
	cmd.Flags().Uint64Var(&args.seed, "seed", 1, "a different `SEED` makes a different tenant")
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the tenant to this `FILE`")
	return cmd
}

func generateTenant(p Program, args generateArgs) error {
	options := generate.Options{Preset: args.preset, Users: args.users, Seed: args.seed}
	if err := checkout.SaveFile("tenant", args.out, func(w io.Writer) error { return generate.Write(w, options) }); err != nil {
		return err
	}
	return view.Generated(p.Out, args.out)
}
