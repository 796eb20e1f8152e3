package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/state"
)

func (p Program) seatsCommand(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "seats",
		Short:   "List what is bought, used and free, and by which paths it is held",
		Long:    "Seats reads the tenant and lists the account of every SKU.\n\n" + exitMeanings,
		Example: "  seatwright seats\n  seatwright seats --format csv",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "text", "json", "csv"); err != nil {
				return err
			}
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.seats(cmd.Context(), view.Format(format)) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or csv")
	return cmd
}

func (j *job) seats(ctx context.Context, format view.Format) error {
	if err := j.read(ctx, state.Everything()); err != nil {
		return err
	}
	return view.Seats(j.Out, format, j.seatRows())
}

func (j *job) seatRows() []view.SeatRow {
	rows := make([]view.SeatRow, len(j.snapshot.SKUs))
	index := map[state.SKUID]*view.SeatRow{}
	for i, sku := range j.snapshot.SKUs {
		rows[i] = view.SeatRow{
			ID: sku.ID, PartNumber: sku.PartNumber, Name: j.catalog.ProductName(sku.ID), Status: sku.Capability, AppliesTo: sku.AppliesTo,
			Enabled: sku.Enabled, Warning: sku.Warning, Consumed: sku.Consumed, Available: sku.Units() - sku.Consumed,
		}
		index[sku.ID] = &rows[i]
	}
	for user := range j.snapshot.Users() {
		countPaths(user.Paths(), index)
	}
	slices.SortFunc(rows, func(a, b view.SeatRow) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), a.ID.Compare(b.ID))
	})
	return rows
}

// countPaths counts one user in the account of every SKU he has to do with.
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
