package cli

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
)

// viewFlags say how a plan is shown, by plan and show.
type viewFlags struct {
	screenFlags

	format, redact, linkBase, budget string
	formats                          []string // that the command has
}

func (f *viewFlags) add(cmd *cobra.Command, formats []view.Format) {
	f.formats = formatNames(formats)
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", string(view.FormatText), "one of "+strings.Join(f.formats, ", "))
	flags.StringVar(&f.redact, "redact", "", "none, names (people by object id alone) or all; default: none for text, json, html and csv, names for what CI shows")
	flags.StringVar(&f.linkBase, "link-base", "", "make links to policy files: https://HOST/.../blob/COMMIT, or an address with {file} and {line}")
	flags.StringVar(&f.budget, "budget", "", "room for markdown: "+strings.Join(slices.Sorted(maps.Keys(view.Budgets)), ", ")+", or bytes")
}

func formatNames(formats []view.Format) []string {
	var names []string
	for _, format := range formats {
		names = append(names, string(format))
	}
	return names
}

// options checks the flags. Dir is the project's folder, as seen from the top of the
// repository, where pipelines run.
func (f *viewFlags) options(dir string) (view.PlanOptions, error) {
	o, err := f.check(dir)
	if err == nil && o.Format == view.FormatJSON && o.Redact != view.RedactNone {
		err = usage("use --format csv, or another", "--format json is the plan itself and cannot be redacted")
	}
	return o, err
}

// check is for those too whose JSON is a report like any other.
func (f *viewFlags) check(dir string) (view.PlanOptions, error) {
	o := view.PlanOptions{Format: view.Format(f.format), Redact: view.Redaction(f.redact), Budget: view.NoBudget}
	if err := checkFormat(f.format, f.formats...); err != nil {
		return o, err
	}
	if f.redact == "" {
		o.Redact = view.RedactByDefault(o.Format)
	}
	if !slices.Contains(view.Redactions(), o.Redact) {
		return o, usage("", "--redact is %q, want one of %v", f.redact, view.Redactions())
	}
	links, err := view.NewLinks(f.linkBase, filepath.ToSlash(dir))
	if err != nil {
		return o, usage("for instance https://github.com/contoso/licences/blob/main", "--link-base is %q: %w", f.linkBase, err)
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
		return o, usage("leave it out", "--budget is for --format markdown")
	}
	budget, known := view.Budgets[f.budget]
	if !known {
		bytes, err := strconv.Atoi(f.budget)
		if err != nil || bytes < view.MinBudget {
			return o, usage("", "--budget is %q, want one of %v, or at least %d bytes", f.budget, slices.Sorted(maps.Keys(view.Budgets)), view.MinBudget)
		}
		budget = view.NoBudget
		budget.Bytes = bytes
	}
	o.Budget = budget
	return o, nil
}

// redacted is the error without people in it; how it ends the program stays.
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
