package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

func (p Program) catalogCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "Look into what the tenant's SKUs contain, and keep a record of it",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.catalogLockCommand(g), p.catalogShowCommand(g))
	return cmd
}

func (p Program) catalogLockCommand(g *globals) *cobra.Command {
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
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.lock(cmd.Context(), check) })
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit 2 if the file is not up to date")
	return cmd
}

// owned is the query of what the tenant owns, without anybody who uses it.
func owned() state.Query { return state.Query{Organization: true, SKUs: true} }

func (j *job) lock(ctx context.Context, check bool) error {
	before, err := policies.LoadLock(j.project)
	if err != nil {
		return err
	}
	locked, known := before.Tenant(j.tenant.Name)
	if check && !known {
		return usage("write it with seatwright catalog lock", "%s has nothing of tenant %s", policies.LockFile, j.tenant.Name)
	}
	if err := j.read(ctx, owned()); err != nil {
		return err
	}
	if len(j.snapshot.SKUs) == 0 {
		return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("tenant %s shows no SKUs: nothing is concluded from that", j.tenant.Name)}
	}
	now := policies.LockOf(j.tenant.Name, j.snapshot.SKUs)
	changes := locked.Changes(now)
	if err := view.LockChanges(j.Out, changes); err != nil {
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
	return j.project.Replace(policies.LockFile, after.Format())
}

func (p Program) catalogShowCommand(g *globals) *cobra.Command {
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
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.showSKU(cmd.Context(), args[0], view.Format(format)) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (j *job) showSKU(ctx context.Context, name string, format view.Format) error {
	if err := j.read(ctx, owned()); err != nil {
		return err
	}
	id, err := j.catalog.SKU(name)
	if err != nil {
		return usage("seatwright seats lists what the tenant owns", "%w", err)
	}
	sku, _ := j.snapshot.SKU(id)
	row := view.SKURow{ID: id, PartNumber: sku.PartNumber, Name: j.catalog.ProductName(id), Plans: []view.PlanRow{}}
	for _, plan := range sku.Plans {
		row.Plans = append(row.Plans, view.PlanRow{ID: plan.ID, PlanName: plan.Name, Name: j.catalog.FriendlyName(plan.ID), AppliesTo: plan.AppliesTo})
	}
	return view.SKU(j.Out, format, row)
}
