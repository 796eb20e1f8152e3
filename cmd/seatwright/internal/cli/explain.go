package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// explainArgs are the arguments of seatwright explain.
type explainArgs struct {
	planFlags
	user, sku string
	format    string
}

func (a explainArgs) check() error {
	if (a.user == "") == (a.sku == "") {
		return usage("for instance: seatwright explain anna@contoso.com, or seatwright explain --sku SPE_E5", "explain takes a user or --sku, one of the two")
	}
	return checkFormat(a.format, "text", "json")
}

func explainCommand(p Program, g *globals) *cobra.Command {
	var args explainArgs
	cmd := &cobra.Command{
		Use:   "explain USER | --sku SKU",
		Short: "Tell what a user holds, should hold, and why; or who holds a SKU, and who waits for it",
		Long: `Explain makes the plan and tells all of it that concerns one user, named by user principal name
or object id: what he holds and by which path, what he should hold by which policy, line, selector
and row, what is blocked, held or waiting and why, and which policies nearly matched him. With
--sku it tells the same of one SKU. It changes nothing.

` + exitMeanings,
		Example: "  seatwright explain anna@contoso.com\n  seatwright explain --sku SPE_E5 --format json",
		Args: func(cmd *cobra.Command, words []string) error {
			if len(words) > 1 {
				return usage("see "+cmd.CommandPath()+" --help", "explain takes one user, got %d arguments", len(words))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) == 1 {
				args.user = words[0]
			}
			if err := args.check(); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return explainSubject(cmd.Context(), c, args) })
		},
	}
	args.add(cmd)
	cmd.Flags().StringVar(&args.sku, "sku", "", "product name, string id or GUID of a managed SKU")
	cmd.Flags().StringVar(&args.format, "format", "text", "text or json")
	return cmd
}

func explainSubject(ctx context.Context, c *call, args explainArgs) error {
	loaded, err := c.project.Load(args.words)
	if err != nil {
		return err
	}
	resolved, err := c.resolve(ctx, loaded, session.Source{})
	if err != nil {
		return err
	}
	in, err := resolved.Input(args.planOptions)
	if err != nil {
		return err
	}
	if args.sku != "" {
		return explainSKU(c, in, args)
	}
	user, err := findUser(in.Snapshot, args.user)
	if err != nil {
		return err
	}
	return view.Explanation(c.program.Out, view.Format(args.format), explain.User(in, user))
}

func explainSKU(c *call, in plan.Input, args explainArgs) error {
	id, err := in.Catalog.SKU(args.sku)
	if err != nil {
		return usage("", "read --sku: %w", err)
	}
	explained, managed := explain.SKU(in, id)
	if !managed {
		return usage("name it under `manage` of the tenant, or in a policy", "%s is not managed: no plan touches it", in.Catalog.PartNumber(id))
	}
	return view.SKUExplanation(c.program.Out, view.Format(args.format), explained)
}

// findUser finds a user by user principal name or object id.
func findUser(snapshot *state.Snapshot, name string) (state.User, error) {
	if id, err := state.ParseID[state.User](name); err == nil {
		if user, found := snapshot.Find(id); found {
			return user, nil
		}
	}
	if user, found := snapshot.FindUPN(name); found {
		return user, nil
	}
	var names []string
	for user := range snapshot.Users() {
		names = append(names, user.UserPrincipalName())
	}
	hint := "see seatwright users"
	if near := catalog.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return state.User{}, usage(hint, "the tenant has no user %q", name)
}
