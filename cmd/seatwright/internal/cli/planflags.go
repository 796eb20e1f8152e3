package cli

import (
	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

// planFlags are the flags of every command that makes a plan.
type planFlags struct {
	words       policies.PolicyWords
	planOptions session.Options
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.planOptions.Baseline, "baseline", "", "compare with this snapshot `FILE`: guards and removals need to know earlier members")
	flags.BoolVar(&f.planOptions.FirstRun, "first-run", false, "allow removals that need a baseline although there is none yet")
	flags.BoolVar(&f.planOptions.NoRemovals, "no-removals", false, "leave out removals and replacements")
	flags.StringArrayVar(&f.planOptions.Only, "only", nil, "only whole steps of this `TERM`: user=UPN, sku=SKU, policy=NAME or kind=KIND; repeatable")
	flags.StringArrayVar(&f.planOptions.Exclude, "exclude", nil, "leave out steps of this `TERM`, as for --only; repeatable")
	flags.StringArrayVar(&f.planOptions.Allow, "allow", nil, "override a `GUARD`, as GUARD[:SKU|POLICY]=N; repeatable")
	flags.BoolVar(&f.planOptions.Hold, "hold", false, "if a guard that can hold steps is exceeded, leave out removals and continue with the rest")
	f.addWords(cmd)
}

// policyFlags is the title of the flags that are one policy.
const policyFlags = "Flags of one policy, used instead of those in the settings"

// addWords adds the flags of one policy, named as the keys of a policy.
func (f *planFlags) addWords(cmd *cobra.Command) {
	for _, word := range []struct {
		into        *[]string
		name, usage string
	}{
		{&f.words.CSV, "csv", "select the users of this CSV `FILE` in the project"},
		{&f.words.OU, "ou", "select the users of this `OU`; repeatable"},
		{&f.words.UPNs, "upns", "select the users with these `UPN`s; repeatable"},
		{&f.words.Domain, "domain", "only users of this AD `DOMAIN`"},
		{&f.words.Search, "search", "only users with this `TEXT` in their name, 3 characters or more"},
		{&f.words.Include, "include", "include accounts of this `KIND`: disabled, external"},
		{&f.words.Licenses, "licenses", "assign these `SKU`s; repeatable"},
		{&f.words.Replace, "replace", "replace OLD with NEW for users who have OLD, as `OLD=NEW`; repeatable"},
		{&f.words.Absent, "absent", "remove these `SKU`s, or all; repeatable"},
		{&f.words.Others, "others", "`WHAT` to do with other managed SKUs: keep, remove"},
		{&f.words.PlansOff, "plans-off", "turn off these service `PLAN`s; repeatable"},
		{&f.words.UsageLocation, "usage-location", "set this `LOCATION`, two letters, for users without a usage location"},
	} {
		cmd.Flags().StringArrayVar(word.into, word.name, nil, word.usage)
		group(cmd.Flags(), policyFlags, word.name)
	}
}
