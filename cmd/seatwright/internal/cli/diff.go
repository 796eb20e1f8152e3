package cli

import (
	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/explain"
)

// diffArgs are the arguments of seatwright diff.
type diffArgs struct {
	a, b             string
	format           string
	redact           string
	detailedExitCode bool
}

func (a diffArgs) check() error {
	if err := checkFormat(a.format, factFormats); err != nil {
		return err
	}
	if a.redact != string(view.RedactNone) && a.redact != string(view.RedactNames) {
		return usage("give none or names", "--redact is %q, which diff does not have", a.redact)
	}
	return nil
}

func diffCommand(p Program) *cobra.Command {
	var args diffArgs
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two plan files; needs no network",
		Long: `Diff reads two plans of one tenant that ` + "`seatwright plan -o`" + ` wrote. It shows which steps differ,
which assignments that are not done, and which seats. Two steps are the same if they change the same user in the same
way, even if different policies ask for them.`,
		Example: "  seatwright diff before.json after.json\n  seatwright diff before.json after.json --format json --detailed-exitcode",
		Args: func(cmd *cobra.Command, files []string) error {
			if len(files) != 2 {
				return usage("see "+cmd.CommandPath()+" --help", "diff takes two plan files, got %d arguments", len(files))
			}
			args.a, args.b = files[0], files[1]
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return diff(p, args)
		},
	}
	addFormat(cmd, &args.format, factFormats)
	cmd.Flags().StringVar(&args.redact, "redact", "none", "hide `WHAT`: none, or names (users by object id only)")
	cmd.Flags().BoolVar(&args.detailedExitCode, "detailed-exitcode", false, "exit with 2 if the plans differ")
	return cmd
}

func diff(p Program, args diffArgs) error {
	a, err := loadPlan(args.a)
	if err != nil {
		return err
	}
	b, err := loadPlan(args.b)
	if err != nil {
		return err
	}
	if a.Tenant.ID != b.Tenant.ID || a.Source != b.Source {
		return refused("%s is of tenant %s (%s), %s of %s (%s)", args.a, a.Tenant.ID, a.Source, args.b, b.Tenant.ID, b.Source)
	}
	a, b = view.Redact(a, view.Redaction(args.redact)), view.Redact(b, view.Redaction(args.redact))
	compared := explain.Compare(a, b)
	if err := view.Comparison(p.Out, view.Format(args.format), a, b, compared); err != nil {
		return err
	}
	switch {
	case compared.Same():
		return ends(reasonNoChanges, nil, "")
	case args.detailedExitCode:
		return ends(reasonChanges, nil, "")
	}
	return nil
}
