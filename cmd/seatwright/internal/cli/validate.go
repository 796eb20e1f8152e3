package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

func validateCommand(p Program, g *globals) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check settings, policies, CSVs and lists; needs no network",
		Long: `Validate reads everything that plan would read, except the tenant. It lists all problems at once, as
file:line:col: message [rule]. A SKU or service plan that is not in the built-in catalog is a warning, because only the
tenant knows what it owns. With --live it checks against the tenant too.`,
		Example: "  seatwright validate\n  seatwright validate --live",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return validate(cmd.Context(), c, live) })
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "also check the names of SKUs, service plans and users against the tenant")
	return cmd
}

// checkedSet returns the policies with their names bound: to what the tenant owns, or to
// the catalog alone.
func checkedSet(ctx context.Context, c *call, loaded *session.Loaded, live bool) (*policies.Set, error) {
	if !live {
		return loaded.CheckNames()
	}
	resolved, err := c.resolve(ctx, loaded, session.Source{})
	if err != nil {
		return nil, err
	}
	return resolved.Set(), nil
}

func validate(ctx context.Context, c *call, live bool) error {
	loaded, err := c.project.Load(policies.PolicyWords{})
	if err != nil {
		return err
	}
	set, err := checkedSet(ctx, c, loaded, live)
	if err != nil {
		return err
	}
	if _, err := c.project.Accepted(); err != nil {
		return err
	}
	return view.Valid(c.program.Out, set)
}
