package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

// viewFlags are the flags of how a plan or a report is shown.
type viewFlags struct {
	screenFlags

	format, redact, linkBase, budget string
	formats                          []view.Format // of the command
}

func (f *viewFlags) add(cmd *cobra.Command, formats []view.Format) {
	f.formats = formats
	flags := cmd.Flags()
	addFormat(cmd, &f.format, formats)
	flags.StringVar(&f.redact, "redact", "", "hide `WHAT`: none, names (users by object id only) or all; default: none for text, json, html and csv, names for other formats")
	flags.StringVar(&f.linkBase, "link-base", "", "link policy files to this `ADDRESS`: https://HOST/.../blob/COMMIT, or an address with {file} and {line}")
	flags.StringVar(&f.budget, "budget", "", "limit the `SIZE` of markdown: "+strings.Join(slices.Sorted(maps.Keys(view.Budgets)), ", ")+", or a number of bytes")
}

// options checks the flags of a plan. Dir is the folder of the project, relative to the top
// of the repository, where pipelines run.
func (f *viewFlags) options(dir string) (view.PlanOptions, error) {
	o, err := f.check(dir)
	if err == nil && o.Format == view.FormatJSON && o.Redact != view.RedactNone {
		err = usage("use --format csv, or another format", "--format json is the plan itself and cannot be redacted")
	}
	return o, err
}

// check checks the flags of plans and reports. Unlike a plan, a report as JSON can be redacted.
func (f *viewFlags) check(dir string) (view.PlanOptions, error) {
	o := view.PlanOptions{Format: view.Format(f.format), Redact: view.Redaction(f.redact), Budget: view.NoBudget}
	if err := checkFormat(f.format, f.formats); err != nil {
		return o, err
	}
	if f.redact == "" {
		o.Redact = view.RedactByDefault(o.Format)
	}
	if !slices.Contains(view.Redactions(), o.Redact) {
		return o, usage(fmt.Sprintf("give one of %v", view.Redactions()), "--redact is %q", f.redact)
	}
	links, err := view.NewLinks(f.linkBase, filepath.ToSlash(dir))
	if err != nil {
		return o, usage("for example https://github.com/contoso/licenses/blob/main", "--link-base is %q: %w", f.linkBase, err)
	}
	o.Links = links
	if o.Text, err = f.text(); err != nil {
		return o, err
	}
	return f.withBudget(o)
}

func (f *viewFlags) withBudget(o view.PlanOptions) (view.PlanOptions, error) {
	if f.budget == "" {
		return o, nil
	}
	if o.Format != view.FormatMarkdown {
		return o, usage("remove it, or add --format markdown", "--budget is for --format markdown")
	}
	budget, known := view.Budgets[f.budget]
	if !known {
		bytes, err := strconv.Atoi(f.budget)
		if err != nil || bytes < view.MinBudget {
			return o, usage(fmt.Sprintf("give one of %v, or at least %d bytes", slices.Sorted(maps.Keys(view.Budgets)), view.MinBudget), "--budget is %q", f.budget)
		}
		budget = view.NoBudget
		budget.Bytes = bytes
	}
	o.Budget = budget
	return o, nil
}

// redacted returns the error without names of users. It ends the program in the same way.
func redacted(ctx context.Context, err error, how view.Redaction) error {
	if err == nil {
		return nil
	}
	known := *classify(cause(ctx, err))
	known.hint = view.RedactText(known.hint, how)
	if known.err != nil {
		known.err = errors.New(view.RedactText(known.err.Error(), how))
	}
	return &known
}
