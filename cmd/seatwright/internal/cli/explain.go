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
		return usage("for example: seatwright explain anna@contoso.com, or seatwright explain --sku SPE_E5", "explain needs a user or --sku, and not both")
	}
	return checkFormat(a.format, factFormats)
}

func explainCommand(p Program, g *globals) *cobra.Command {
	var args explainArgs
	cmd := &cobra.Command{
		Use:   "explain USER | --sku SKU",
		Short: "Explain the licenses of one user, or the users of one SKU",
		Long: `Explain makes the plan and shows everything in it about one user, named by user principal name or object id.

It shows which licenses the user has, directly or through a group. It shows which license each policy asks for, with
file, line, selector and row; which policy decides; what is blocked, held or waiting and why; and which policies almost
matched. With --sku it shows the same for one SKU. It changes nothing.`,
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
	cmd.Flags().StringVar(&args.sku, "sku", "", "product name, string id or GUID of a managed `SKU`")
	addFormat(cmd, &args.format, factFormats)
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
		return usage("add it to `manage` of the tenant, or name it in a policy", "%s is not managed, so no plan changes it", in.Catalog.PartNumber(id))
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
	hint := "find the user with seatwright users --search TEXT"
	if near := catalog.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return state.User{}, usage(hint, "the tenant has no user %q", name)
}
