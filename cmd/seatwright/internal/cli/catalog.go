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
		Short: "Look into what the tenant's SKUs contain, and keep a record of it",
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
		Short: "Keep which service plans the tenant's SKUs have, so that new ones are told",
		Long: `Lock writes ` + policies.LockFile + ` beside seatwright.yaml: the service plans of every SKU that the tenant
owns. Microsoft adds plans to SKUs, and they come up on for everybody; while the file stands there,
seatwright plan tells what was added since, and what the policies make of it. Review the file like a
policy. Other tenants in it stay as they are. With --check nothing is written, and what has changed
is exit status 2.

` + exitMeanings,
		Example: "  seatwright catalog lock\n  seatwright catalog lock --check",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return lockCatalog(cmd.Context(), c, check) })
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit 2 if the file is not up to date")
	return cmd
}

// readOwned reads what the tenant owns, without its users.
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
		return usage("write it with seatwright catalog lock", "%s has nothing of tenant %s", policies.LockFile, c.tenant.Name)
	}
	observed, err := readOwned(ctx, c)
	if err != nil {
		return err
	}
	if len(observed.Snapshot.SKUs) == 0 {
		return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("tenant %s shows no SKUs: nothing is concluded from that", c.tenant.Name)}
	}
	now := policies.LockOf(c.tenant.Name, observed.Snapshot.SKUs)
	changes := locked.Changes(now)
	if err := view.LockChanges(c.program.Out, changes); err != nil {
		return err
	}
	if check {
		if len(changes) > 0 {
			return &exit{code: ExitDifferences, reason: "changes"}
		}
		return nil
	}
	after := before.With(now)
	if known && bytes.Equal(before.Format(), after.Format()) {
		return nil // it stays as it is, with whatever comments stand in it
	}
	return c.files.Replace(policies.LockFile, after.Format())
}

func catalogShowCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "show SKU",
		Short:   "List the service plans of a SKU that the tenant owns",
		Long:    "Show reads what the tenant owns and lists the service plans of one SKU, with the names that a\npolicy can give them.\n\n" + exitMeanings,
		Example: "  seatwright catalog show SPE_E5\n  seatwright catalog show \"Microsoft 365 E5\" --format json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see "+cmd.CommandPath()+" --help", "catalog show takes one SKU, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return showSKU(cmd.Context(), c, args[0], view.Format(format)) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func showSKU(ctx context.Context, c *call, name string, format view.Format) error {
	observed, err := readOwned(ctx, c)
	if err != nil {
		return err
	}
	id, err := observed.Catalog.SKU(name)
	if err != nil {
		return usage("seatwright seats lists what the tenant owns", "%w", err)
	}
	sku, _ := observed.Snapshot.SKU(id)
	row := view.SKURow{ID: id, PartNumber: sku.PartNumber, Name: observed.Catalog.ProductName(id), Plans: []view.PlanRow{}}
	for _, plan := range sku.Plans {
		row.Plans = append(row.Plans, view.PlanRow{ID: plan.ID, PlanName: plan.Name, Name: observed.Catalog.FriendlyName(plan.ID), AppliesTo: plan.AppliesTo})
	}
	return view.SKU(c.program.Out, format, row)
}
