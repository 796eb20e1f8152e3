package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// usersArgs are the arguments of seatwright users, named as the keys of a selector.
type usersArgs struct {
	ou, domain, search, csv, policy string
	external                        bool
	format                          string
}

func (a usersArgs) check() error {
	if a.policy != "" && (a.ou != "" || a.csv != "" || a.domain != "" || a.search != "") {
		return usage("remove one of them", "users takes --policy or a selector, and not both")
	}
	return checkFormat(a.format, listFormats)
}

func usersCommand(p Program, g *globals) *cobra.Command {
	var args usersArgs
	cmd := &cobra.Command{
		Use:   "users",
		Short: "List the users that a policy selects, with their licenses",
		Long: `Users reads the tenant and lists users: those that a policy selects (--policy), or those that a selector
would select (--ou, --csv, --domain, --search). Without either it lists all internal users of the organization.`,
		Example: "  seatwright users --policy staff\n  seatwright users --ou OU=Sales,DC=corp,DC=contoso,DC=com --search ann",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return users(cmd.Context(), c, args) })
		},
	}
	cmd.Flags().StringVar(&args.ou, "ou", "", "distinguished `NAME` of an OU; includes the OUs below it")
	cmd.Flags().StringVar(&args.domain, "domain", "", "AD `DOMAIN`")
	cmd.Flags().StringVar(&args.search, "search", "", "`TEXT` in display name or UPN, 3 characters or more")
	cmd.Flags().StringVar(&args.csv, "csv", "", "CSV `FILE` in the project, with a column ObjectId or UserPrincipalName")
	cmd.Flags().StringVar(&args.policy, "policy", "", "`NAME` of a policy")
	cmd.Flags().BoolVar(&args.external, "external", false, "include guests and external members")
	addFormat(cmd, &args.format, listFormats)
	return cmd
}

func users(ctx context.Context, c *call, args usersArgs) error {
	search, err := searchFor(c, args)
	if err != nil {
		return err
	}
	tenant, err := c.connect(ctx)
	if err != nil {
		return err
	}
	observed, err := c.project.ReadTenant(ctx, tenant, state.Everything())
	if err != nil {
		return err
	}
	if err := c.project.ReadPlaces(ctx, observed, search.places); err != nil {
		return err
	}
	selected, err := search.find(observed.Snapshot)
	if err != nil {
		return err
	}
	return view.Users(c.program.Out, view.Format(args.format), userRows(observed, selected), c.program.screen())
}

// selectedUser is a user of the snapshot, and the row of the file that names the user, or 0.
type selectedUser struct {
	user state.User
	row  int
}

// userSearch finds users in a snapshot that has the places.
type userSearch struct {
	places []selector.PlaceAt
	find   func(*state.Snapshot) ([]selectedUser, error)
}

// searchFor returns the search that the arguments ask for. It checks what it can before the
// tenant is read.
func searchFor(c *call, args usersArgs) (userSearch, error) {
	if args.policy != "" {
		return searchByPolicy(c, args.policy)
	}
	one, warnings, err := policies.ParseSelector(c.files, policies.SelectorWords{
		OU: args.ou, CSV: args.csv, Domain: args.domain, Search: args.search,
	})
	c.warnings(warnings)
	if err != nil {
		return userSearch{}, usage("the flags --ou, --csv, --domain and --search take the same values as the keys of a selector", "%w", err)
	}
	return userSearch{selector.PlacesOf(one), func(snapshot *state.Snapshot) ([]selectedUser, error) {
		hits, warnings, err := selector.Pick(one, snapshot, true)
		c.warnings(warnings)
		users := selectUsers(snapshot, hits, []policies.Selector{one})
		wide := one.Kind == policies.KindAll || one.Kind == policies.KindOU || one.Kind == policies.KindFilter
		if args.external || !wide {
			return users, err
		}
		internal := slices.DeleteFunc(slices.Clone(users), func(u selectedUser) bool { return !u.user.Internal() })
		if left := len(users) - len(internal); left > 0 {
			c.warn("guests and external members are left out: %d; add --external, or `include: [external]` in policies", left)
		}
		return internal, err
	}}, nil
}

func searchByPolicy(c *call, name string) (userSearch, error) {
	loaded, err := c.project.Load(policies.PolicyWords{})
	if err != nil {
		return userSearch{}, err
	}
	i, err := loaded.Policy(name)
	if err != nil {
		return userSearch{}, err
	}
	set := loaded.Set()
	return userSearch{selector.Places(set), func(snapshot *state.Snapshot) ([]selectedUser, error) {
		matches, warnings, err := selector.Resolve(set, snapshot)
		c.warnings(warnings)
		if err != nil {
			return nil, err
		}
		return selectUsers(snapshot, matches.Policies[i], set.Policies[i].Users), nil
	}}, nil
}

// selectUsers returns the users of hits, each once.
func selectUsers(snapshot *state.Snapshot, hits []selector.Hit, selectors []policies.Selector) []selectedUser {
	var users []selectedUser
	for i, hit := range hits {
		if i > 0 && hits[i-1].User == hit.User {
			continue
		}
		row := 0
		if hit.Row >= 0 {
			row = selectors[hit.Selector].Rows[hit.Row].Number
		}
		users = append(users, selectedUser{snapshot.User(int(hit.User)), row})
	}
	return users
}

func userRows(o session.Observation, users []selectedUser) []view.UserRow {
	rows := []view.UserRow{}
	for _, selected := range users {
		u := selected.user
		row := view.UserRow{
			ID: u.ID(), UserPrincipalName: u.UserPrincipalName(), DisplayName: u.DisplayName(), Enabled: u.Enabled(), Internal: u.Internal(),
			UsageLocation: u.UsageLocation(), Container: u.Container().String(), Direct: []string{}, Inherited: []string{}, Row: selected.row,
		}
		for _, path := range u.Paths() {
			part := o.Catalog.PartNumber(path.SKU)
			switch {
			case path.Direct():
				row.Direct = append(row.Direct, part)
			case path.Holds():
				row.Inherited = append(row.Inherited, part+" by "+o.Snapshot.GroupName(path.Group))
			default:
				row.Inherited = append(row.Inherited, part+" not yet by "+o.Snapshot.GroupName(path.Group)+": "+path.Error)
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b view.UserRow) int {
		return cmp.Compare(strings.ToLower(a.UserPrincipalName), strings.ToLower(b.UserPrincipalName))
	})
	return rows
}
