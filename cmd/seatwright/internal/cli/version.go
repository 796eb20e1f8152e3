package cli

import (
	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
)

func versionCommand(p Program) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of its plan files",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return printVersion(p) },
	}
}

// printVersion prints the version of the program and of its plan files.
func printVersion(p Program) error { return view.Version(p.Out, p.Version, plan.FormatVersion) }
