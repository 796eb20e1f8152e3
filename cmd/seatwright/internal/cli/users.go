package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// usersArgs are the arguments of seatwright users. Names are those of the language.
type usersArgs struct {
	ou, domain, search, csv, policy string
	external                        bool
	format                          string
}

func (a usersArgs) check() error {
	if a.policy != "" && (a.ou != "" || a.csv != "" || a.domain != "" || a.search != "") {
		return usage("leave one of them out", "users takes --policy or a selector, not both")
	}
	return checkFormat(a.format, "text", "json", "csv")
}

func (p Program) usersCommand(g *globals) *cobra.Command {
	var args usersArgs
	cmd := &cobra.Command{
		Use:   "users",
		Short: "List whom a selector or a policy picks, with their licences and paths",
		Long: `Users reads the tenant and lists who is picked: by a policy of the settings, or by the words
that a policy would use (--ou, --csv, --domain, --search), or everybody in the organisation.

` + exitMeanings,
		Example: "  seatwright users --policy staff\n  seatwright users --ou OU=Sales,DC=corp,DC=contoso,DC=com --search ann",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return p.onTenant(cmd.Context(), *g, func(j *job) error { return j.users(cmd.Context(), args) })
		},
	}
	cmd.Flags().StringVar(&args.ou, "ou", "", "distinguished name of an OU, with all below it")
	cmd.Flags().StringVar(&args.domain, "domain", "", "AD domain")
	cmd.Flags().StringVar(&args.search, "search", "", "text in display name or UPN, 3 characters or more")
	cmd.Flags().StringVar(&args.csv, "csv", "", "CSV file with ObjectId or UserPrincipalName, in the project")
	cmd.Flags().StringVar(&args.policy, "policy", "", "name of a policy")
	cmd.Flags().BoolVar(&args.external, "external", false, "guests and external members too")
	cmd.Flags().StringVar(&args.format, "format", "text", "text, json or csv")
	return cmd
}

func (j *job) users(ctx context.Context, args usersArgs) error {
	pick, places, err := j.picker(args)
	if err != nil {
		return err
	}
	if err := j.read(ctx, state.Everything()); err != nil {
		return err
	}
	if err := j.readDirectory(ctx, places); err != nil {
		return err
	}
	picked, err := pick()
	if err != nil {
		return err
	}
	return view.Users(j.Out, view.Format(args.format), j.userRows(picked))
}

// pickedUser is a row of the snapshot and the file row that names it, or 0.
type pickedUser struct {
	user state.User
	row  int
}

// picker checks what can be checked before the tenant is read, and returns what
// finds the users in it, with the places that it needs to know of.
func (j *job) picker(args usersArgs) (func() ([]pickedUser, error), []selector.PlaceAt, error) {
	if args.policy != "" {
		return j.policyPicker(args.policy)
	}
	one, warnings, err := policies.ParseSelector(j.project, policies.SelectorWords{
		OU: args.ou, CSV: args.csv, Domain: args.domain, Search: args.search,
	})
	j.warn(warnings)
	if err != nil {
		return nil, nil, &exit{code: ExitUsage, reason: "usage", err: err, hint: "the flags --ou, --csv, --domain and --search take what the keys of a selector take"}
	}
	return func() ([]pickedUser, error) {
		everybody, warnings, err := selector.Pick(one, j.snapshot, true)
		j.warn(warnings)
		users := j.picked(everybody, []policies.Selector{one})
		wide := one.Kind == policies.KindAll || one.Kind == policies.KindOU || one.Kind == policies.KindFilter
		if args.external || !wide {
			return users, err
		}
		internal := slices.DeleteFunc(slices.Clone(users), func(u pickedUser) bool { return !u.user.Internal() })
		if left := len(users) - len(internal); left > 0 {
			_ = view.Warning(j.Err, "guests and external members are left out: %d; see --external, and include: [external] in policies", left)
		}
		return internal, err
	}, selector.PlacesOf(one), nil
}

func (j *job) policyPicker(name string) (func() ([]pickedUser, error), []selector.PlaceAt, error) {
	if err := j.load(); err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(j.set.Policies, func(p policies.Policy) bool { return p.Name == name })
	if i < 0 {
		return nil, nil, usage("", "read --policy: %w", noPolicy(j.set, name))
	}
	return func() ([]pickedUser, error) {
		matches, warnings, err := selector.Resolve(j.set, j.snapshot)
		j.warn(warnings)
		if err != nil {
			return nil, err
		}
		return j.picked(matches.Policies[i], j.set.Policies[i].Users), nil
	}, selector.Places(j.set), nil
}

// picked takes each user once.
func (j *job) picked(hits []selector.Hit, selectors []policies.Selector) []pickedUser {
	var users []pickedUser
	for i, hit := range hits {
		if i > 0 && hits[i-1].User == hit.User {
			continue
		}
		row := 0
		if hit.Row >= 0 {
			row = selectors[hit.Selector].Rows[hit.Row].Number
		}
		users = append(users, pickedUser{j.snapshot.User(int(hit.User)), row})
	}
	return users
}

func (j *job) userRows(users []pickedUser) []view.UserRow {
	rows := []view.UserRow{}
	for _, picked := range users {
		u := picked.user
		row := view.UserRow{
			ID: u.ID(), UserPrincipalName: u.UserPrincipalName(), DisplayName: u.DisplayName(), Enabled: u.Enabled(), Internal: u.Internal(),
			UsageLocation: u.UsageLocation(), Container: u.Container().String(), Direct: []string{}, Inherited: []string{}, Row: picked.row,
		}
		for _, path := range u.Paths() {
			part := j.catalog.PartNumber(path.SKU)
			switch {
			case path.Direct():
				row.Direct = append(row.Direct, part)
			case path.Holds():
				row.Inherited = append(row.Inherited, part+" by "+j.snapshot.GroupName(path.Group))
			default:
				row.Inherited = append(row.Inherited, part+" not yet by "+j.snapshot.GroupName(path.Group)+": "+path.Error)
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b view.UserRow) int {
		return cmp.Compare(strings.ToLower(a.UserPrincipalName), strings.ToLower(b.UserPrincipalName))
	})
	return rows
}
