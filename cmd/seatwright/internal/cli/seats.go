package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/state"
)

func seatsCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "seats",
		Short:   "List SKUs: seats bought, used and free, and how they are assigned",
		Long:    "Seats reads the tenant and lists the seats of every SKU.",
		Example: "  seatwright seats\n  seatwright seats --format csv",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, listFormats); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return seats(cmd.Context(), c, view.Format(format)) })
		},
	}
	addFormat(cmd, &format, listFormats)
	return cmd
}

func seats(ctx context.Context, c *call, format view.Format) error {
	tenant, err := c.connect(ctx)
	if err != nil {
		return err
	}
	observed, err := c.project.ReadTenant(ctx, tenant, state.Everything())
	if err != nil {
		return err
	}
	return view.Seats(c.program.Out, format, seatRows(observed), c.program.screen())
}

func seatRows(o session.Observation) []view.SeatRow {
	rows := make([]view.SeatRow, len(o.Snapshot.SKUs))
	index := map[state.SKUID]*view.SeatRow{}
	for i, sku := range o.Snapshot.SKUs {
		rows[i] = view.SeatRow{
			ID: sku.ID, PartNumber: sku.PartNumber, Name: o.Catalog.ProductName(sku.ID), Status: sku.Capability, AppliesTo: sku.AppliesTo,
			Enabled: sku.Enabled, Warning: sku.Warning, Consumed: sku.Consumed, Available: sku.Units() - sku.Consumed,
		}
		index[sku.ID] = &rows[i]
	}
	for user := range o.Snapshot.Users() {
		countPaths(user.Paths(), index)
	}
	slices.SortFunc(rows, func(a, b view.SeatRow) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), a.ID.Compare(b.ID))
	})
	return rows
}

// countPaths counts one user in the row of every SKU that the user has paths to.
func countPaths(paths []state.Path, index map[state.SKUID]*view.SeatRow) {
	for len(paths) > 0 {
		var direct, inherited, failed bool
		sku := paths[0].SKU
		for len(paths) > 0 && paths[0].SKU == sku {
			direct = direct || paths[0].Direct()
			inherited = inherited || !paths[0].Direct() && paths[0].Holds()
			failed = failed || !paths[0].Holds()
			paths = paths[1:]
		}
		row := index[sku]
		switch {
		case row == nil:
		case direct && inherited:
			row.Both++
		case direct:
			row.Direct++
		case inherited:
			row.Inherited++
		}
		if row != nil && failed {
			row.Errors++
		}
	}
}
