package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// planFlags are the flags that shape a plan, of every command that makes one.
type planFlags struct {
	words         policies.PolicyWords
	baseline      string
	firstRun      bool
	noRemovals    bool
	only, exclude []string
	allow         []string
	hold          bool
	rate          int // percent of the documented quota of writes; 0: the default. A flag of those that write
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.baseline, "baseline", "", "compare with this snapshot, so that a source that shrank is seen")
	flags.BoolVar(&f.firstRun, "first-run", false, "nothing is known of an earlier run: take licences from people who match no more all the same, this once")
	flags.BoolVar(&f.noRemovals, "no-removals", false, "leave out every step that takes something away, replacements too")
	flags.StringArrayVar(&f.only, "only", nil, "only steps of user=UPN, sku=SKU, policy=NAME or kind=KIND, whole ones; may be repeated")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "leave out such steps; may be repeated")
	flags.StringArrayVar(&f.allow, "allow", nil, "lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	flags.BoolVar(&f.hold, "hold", false, "where a guard of class hold is breached, hold what takes something and go on with the rest")
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

// loadWords makes the set of the one policy that the words say, and shows it.
func (j *job) loadWords(words policies.PolicyWords) error {
	set, text, warnings, err := policies.ParsePolicy(j.project, j.tenant, words)
	j.warn(warnings)
	j.set = set
	if text != "" {
		_ = view.CommandLinePolicy(j.Err, text) // a text that cannot be shown stops nothing
	}
	if err != nil {
		return &exit{code: ExitUsage, reason: "usage", err: err, hint: "the flags take what the keys of a policy take"}
	}
	return nil
}

// readBaseline finds whom the policies at hand picked in an earlier snapshot. Who was
// not there yet matched nothing.
func (j *job) readBaseline(name string) (*plan.Baseline, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nothing is known of an earlier time
	}
	before, err := loadSnapshot(name)
	if err != nil {
		return nil, err
	}
	sandbox := func(s *state.Snapshot) bool { return s.Source == state.SourceSandbox }
	if before.Organization.ID != j.snapshot.Organization.ID || sandbox(before) != sandbox(j.snapshot) {
		return nil, usage("give a snapshot of the tenant that is planned", "read baseline %s: it is of tenant %s (%s), this is %s (%s)",
			name, before.Organization.ID, before.Source, j.snapshot.Organization.ID, j.snapshot.Source)
	}
	if !before.Complete {
		return nil, usage("take another, and keep it when the tenant was read to the end", "read baseline %s: the tenant was not read to the end: %s", name, before.Incomplete)
	}
	if before.ReadAt.After(j.Now()) {
		return nil, usage("give a snapshot of an earlier time", "read baseline %s: it was read at %s, which is yet to come", name, before.ReadAt.Format(time.RFC3339))
	}
	set := j.set
	if j.snapshot.Directory != nil { // it knows where OUs that are named by objectGUID lie
		set = selector.Pin(set, j.snapshot.Directory)
	}
	matches, _, _ := selector.Resolve(set, before) // rows that name nobody there are no problem of today
	origin := fmt.Sprintf("the snapshot of %s", before.ReadAt.UTC().Format("2006-01-02 15:04 MST"))
	if err := checkBrought(selector.Needs(j.set), before); err != nil {
		return nil, err
	}
	baseline := plan.NewBaseline(origin, j.set, matches, before)
	baseline.FilesUnknown = true
	return baseline, nil
}
