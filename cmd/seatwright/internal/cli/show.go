package cli

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
)

func showCommand(p Program, g *globals) *cobra.Command {
	var flags viewFlags
	cmd := &cobra.Command{
		Use:     "show PLAN",
		Short:   "Show a plan file again; needs no network",
		Long:    "Show reads a plan that `seatwright plan -o` wrote, checks its digests and prints it.",
		Example: "  seatwright show plan.json\n  seatwright show plan.json --format markdown --budget github-comment",
		Args:    onePlan,
		RunE: func(_ *cobra.Command, files []string) error {
			show, err := flags.options(g.dir)
			if err != nil {
				return err
			}
			kept, err := loadPlan(files[0])
			if err != nil {
				return err
			}
			return view.ShowPlan(p.Out, kept, show)
		},
	}
	flags.add(cmd, view.PlanFormats())
	flags.addScreen(cmd, p.Streams)
	return cmd
}

func onePlan(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("see "+cmd.CommandPath()+" --help", "%s takes one plan file, got %d arguments", cmd.CommandPath(), len(args))
	}
	return nil
}

// loadPlan reads a plan file.
func loadPlan(name string) (*plan.Plan, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, usage("make one with seatwright plan -o FILE", "read plan: %w", err)
	}
	defer file.Close()
	return planfile.Read(file)
}

// openRegular opens a file that the command line names. It refuses a pipe, which could
// block forever.
func openRegular(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
