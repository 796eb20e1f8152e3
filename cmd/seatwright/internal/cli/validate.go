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
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.runValidate(cmd.Context(), *g, live) },
	}
	cmd.Flags().BoolVar(&live, "live", false, "check names of SKUs, plans and users against the tenant too")
	return cmd
}

func (p Program) runValidate(ctx context.Context, g globals, live bool) (err error) {
	j, err := p.open(g)
	if err != nil {
		return err
	}
	defer closing(j.close, &err)
	if live {
		err = j.stages(ctx)
	} else {
		err = j.validateOffline()
	}
	if err != nil {
		return err
	}
	return view.Valid(p.Out, j.set)
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
