package cli

import (
	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

// planFlags are the flags that shape a plan, of every command that makes one.
type planFlags struct {
	words       policies.PolicyWords
	planOptions session.Options
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.planOptions.Baseline, "baseline", "", "compare with this snapshot, so that a source that shrank is seen")
	flags.BoolVar(&f.planOptions.FirstRun, "first-run", false, "nothing is known of an earlier run: take licences from people who match no more all the same, this once")
	flags.BoolVar(&f.planOptions.NoRemovals, "no-removals", false, "leave out every step that takes something away, replacements too")
	flags.StringArrayVar(&f.planOptions.Only, "only", nil, "only steps of user=UPN, sku=SKU, policy=NAME or kind=KIND, whole ones; may be repeated")
	flags.StringArrayVar(&f.planOptions.Exclude, "exclude", nil, "leave out such steps; may be repeated")
	flags.StringArrayVar(&f.planOptions.Allow, "allow", nil, "lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	flags.BoolVar(&f.planOptions.Hold, "hold", false, "where a guard of class hold is breached, hold what takes something and go on with the rest")
	f.addWords(cmd)
}

// addWords adds the flags that stand for a policy, with the names of the language.
func (f *planFlags) addWords(cmd *cobra.Command) {
	for _, word := range []struct {
		into        *[]string
		name, usage string
	}{
		{&f.words.CSV, "csv", "one policy: for the users of this CSV file, in the project"},
		{&f.words.OU, "ou", "one policy: for the users of this OU; may be repeated"},
		{&f.words.UPNs, "upns", "one policy: for these users"},
		{&f.words.Domain, "domain", "one policy: narrows to an AD domain"},
		{&f.words.Search, "search", "one policy: narrows to names with this text, 3 characters or more"},
		{&f.words.Include, "include", "one policy: disabled or external accounts too"},
		{&f.words.Licenses, "licenses", "one policy: they must hold these SKUs"},
		{&f.words.Replace, "replace", "one policy: OLD=NEW, for holders of OLD"},
		{&f.words.Absent, "absent", "one policy: they must not hold these SKUs, or `all`"},
		{&f.words.Others, "others", "one policy: keep or remove what is not named"},
		{&f.words.PlansOff, "plans-off", "one policy: these service plans off"},
		{&f.words.UsageLocation, "usage-location", "one policy: two letters, where none is set"},
	} {
		cmd.Flags().StringArrayVar(word.into, word.name, nil, word.usage)
	}
}
