package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
)

func (p Program) validateCommand(g *globals) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check settings, policies, CSVs and lists; needs no network",
		Long: `Validate reads everything that plan would read but the tenant, and names all that is wrong at
once, as file:line:col: message [rule]. A SKU or service plan that the built-in table does not
know is a warning, since only the tenant knows what it owns; --live asks the tenant too.

` + exitMeanings,
		Example: "  seatwright validate\n  seatwright validate --live",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.validate(cmd.Context(), live) })
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "check names of SKUs, plans and users against the tenant too")
	return cmd
}

func (j *job) validate(ctx context.Context, live bool) (err error) {
	if live {
		err = j.stages(ctx, policies.PolicyWords{})
	} else {
		err = j.validateOffline()
	}
	if err == nil {
		_, err = policies.LoadAccepted(j.settings, j.tenant)
	}
	if err != nil {
		return err
	}
	return view.Valid(j.Out, j.set)
}

func (j *job) validateOffline() error {
	if err := j.load(); err != nil {
		return err
	}
	bound, warnings, err := policies.BindOffline(j.set, catalog.Builtin())
	j.warn(warnings)
	if err == nil {
		j.set = bound
	}
	return err
}
