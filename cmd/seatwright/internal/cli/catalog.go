package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

func catalogCommand(p Program, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Show the service plans of SKUs, and watch them for changes",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(catalogLockCommand(p, g), catalogShowCommand(p, g))
	return cmd
}

func catalogLockCommand(p Program, g *globals) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Record the service plans of the tenant's SKUs, so that plan reports new ones",
		Long: `Lock writes ` + policies.LockFile + ` beside seatwright.yaml. The file lists the service plans of every SKU that the tenant owns.

Microsoft adds service plans to SKUs, and turns them on for all users. While the file exists, ` + "`seatwright plan`" + ` reports
what was added since, and what the policies do with it. Review the file like a policy. Other tenants in it do not change.

With --check nothing is written, and the command exits with 2 if the file is out of date.`,
		Example: "  seatwright catalog lock\n  seatwright catalog lock --check",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return lockCatalog(cmd.Context(), c, check) })
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit with 2 if the file is out of date")
	return cmd
}

// readOwned reads the SKUs that the tenant owns, without its users.
func readOwned(ctx context.Context, c *call) (session.Observation, error) {
	tenant, err := c.connect(ctx)
	if err != nil {
		return session.Observation{}, err
	}
	return c.project.ReadTenant(ctx, tenant, state.Query{Organization: true, SKUs: true})
}

func lockCatalog(ctx context.Context, c *call, check bool) error {
	before, err := policies.LoadLock(c.files)
	if err != nil {
		return err
	}
	locked, known := before.Tenant(c.tenant.Name)
	if check && !known {
		return usage("write it with seatwright catalog lock", "%s does not have tenant %s", policies.LockFile, c.tenant.Name)
	}
	observed, err := readOwned(ctx, c)
	if err != nil {
		return err
	}
	if len(observed.Snapshot.SKUs) == 0 {
		return ends(reasonGuard, fmt.Errorf("tenant %s shows no SKUs, so the file is not changed", c.tenant.Name), "check the permissions with seatwright doctor")
	}
	now := policies.LockOf(c.tenant.Name, observed.Snapshot.SKUs)
	changes := locked.Changes(now)
	if err := view.LockChanges(c.program.Out, changes); err != nil {
		return err
	}
	if check {
		if len(changes) > 0 {
			return ends(reasonChanges, nil, "")
		}
		return nil
	}
	after := before.With(now)
	if known && bytes.Equal(before.Format(), after.Format()) {
		return nil // the file keeps its comments
	}
	return c.files.Replace(policies.LockFile, after.Format())
}

func catalogShowCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "show SKU",
		Short:   "List the service plans of a SKU that the tenant owns",
		Long:    "Show lists the service plans of one SKU, with the names that a policy can use.",
		Example: "  seatwright catalog show SPE_E5\n  seatwright catalog show \"Microsoft 365 E5\" --format json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see "+cmd.CommandPath()+" --help", "catalog show takes one SKU, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, factFormats); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return showSKU(cmd.Context(), c, args[0], view.Format(format)) })
		},
	}
	addFormat(cmd, &format, factFormats)
	return cmd
}

func showSKU(ctx context.Context, c *call, name string, format view.Format) error {
	observed, err := readOwned(ctx, c)
	if err != nil {
		return err
	}
	id, err := observed.Catalog.SKU(name)
	if err != nil {
		return usage("seatwright seats lists the SKUs of the tenant", "%w", err)
	}
	sku, _ := observed.Snapshot.SKU(id)
	row := view.SKURow{ID: id, PartNumber: sku.PartNumber, Name: observed.Catalog.ProductName(id), Plans: []view.PlanRow{}}
	for _, plan := range sku.Plans {
		row.Plans = append(row.Plans, view.PlanRow{ID: plan.ID, PlanName: plan.Name, Name: observed.Catalog.FriendlyName(plan.ID), AppliesTo: plan.AppliesTo})
	}
	return view.SKU(c.program.Out, format, row)
}
