package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
	"github.com/seatwright/seatwright/policies/diag"
)

// The width of help: of the terminal, but at most the widest; without a terminal the usual.
const (
	usualWidth  = 80
	widestWidth = 100
)

func (s Streams) helpWidth() int {
	return min(cmp.Or(s.Width, usualWidth), widestWidth)
}

// flagGroup is the annotation of a flag that --help lists under a title of its own.
const flagGroup = "seatwright_group"

// group puts flags of a command under a title in --help.
func group(flags *pflag.FlagSet, title string, names ...string) {
	for _, name := range names {
		_ = flags.SetAnnotation(name, flagGroup, []string{title}) // fails for an unknown flag only: a test looks at the titles
	}
}

func helpCommand(p Program) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND | TOPIC]",
		Short:   "Show the help of a command, or a page of the reference",
		Long:    "Help shows the flags of a command, or a page of the reference. Without an argument it lists both. Where a command and a page have the same name, it shows both.",
		Example: "  seatwright help plan\n  seatwright help selectors",
		RunE:    func(cmd *cobra.Command, words []string) error { return showHelp(p, cmd.Root(), words) },
	}
}

// showHelp shows the help of a command, the topic of that name, or both.
func showHelp(p Program, root *cobra.Command, words []string) error {
	if len(words) == 0 {
		return root.Help()
	}
	command, rest, err := root.Find(words)
	isCommand := err == nil && command != root && len(rest) == 0
	topic, isTopic := topics.Find(strings.Join(words, " "))
	if !isCommand && !isTopic {
		return unknownWord(command, cmp.Or(strings.Join(rest, " "), strings.Join(words, " ")), "command or topic", topics.Names())
	}
	if isCommand {
		if err := command.Help(); err != nil {
			return err
		}
	}
	if isCommand && isTopic {
		_, _ = fmt.Fprintln(p.Out)
	}
	if isTopic {
		return topics.Render(p.Out, topic.Text, p.helpWidth())
	}
	return nil
}

// unknownWord returns the error for a word that is no command below another one, with the
// names that it may be a slip of.
func unknownWord(below *cobra.Command, word, what string, more []string) error {
	names := slices.Clone(more)
	for _, cmd := range below.Commands() {
		if !cmd.Hidden {
			names = append(names, cmd.Name())
		}
	}
	hint := "see seatwright help"
	if below.HasParent() {
		hint = "see " + below.CommandPath() + " --help"
	}
	if _, isTopic := topics.Find(word); isTopic {
		hint = "see seatwright help " + word
	} else if near := similar(word, names); len(near) > 0 {
		hint = diag.DidYouMean(near...) + " " + hint
	}
	full := strings.TrimPrefix(below.CommandPath()+" "+word, below.Root().Name()+" ")
	return usage(hint, "there is no %s %q", what, full)
}

// similar returns up to three names that a word may be a slip of, the nearest first.
func similar(word string, names []string) []string {
	word = strings.ToLower(word)
	farthest := min(2, len(word)/2)
	distances := map[string]int{}
	for _, name := range names {
		distance := levenshtein.ComputeDistance(word, name)
		if distance <= farthest || len(word) > 2 && strings.HasPrefix(name, word) {
			distances[name] = distance
		}
	}
	near := slices.SortedFunc(maps.Keys(distances), func(a, b string) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), cmp.Compare(a, b))
	})
	return near[:min(3, len(near))]
}

// misplaced returns the first word of a call that asks for the help of a command that does
// not exist, or "": such a call finds the command above it.
func misplaced(cmd *cobra.Command) string {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return words[0]
	}
	return ""
}

// setHelp replaces cobra's templates. They cannot group flags, and do not know the width.
func setHelp(root *cobra.Command, p Program) {
	root.SetHelpCommand(helpCommand(p))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if misplaced(cmd) == "" { // else Main reports an error
			_ = writeHelp(p.Out, cmd, p.helpWidth())
		}
	})
}

// writeHelp writes the help of one command.
func writeHelp(w io.Writer, cmd *cobra.Command, width int) error {
	cmd.InitDefaultHelpFlag() // cobra adds it only to the command that it runs
	if err := topics.Render(w, cmp.Or(cmd.Long, cmd.Short), width); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\nUsage:\n")
	if cmd.Runnable() && cmd.HasParent() {
		b.WriteString("  " + cmd.UseLine() + "\n")
	}
	if cmd.HasSubCommands() {
		b.WriteString("  " + cmd.CommandPath() + " COMMAND [flags]\n")
	}
	if cmd.HasExample() {
		b.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	writeCommands(&b, cmd)
	writeFlags(&b, cmd, width)
	if !cmd.HasParent() {
		writeTopics(&b)
	}
	b.WriteString("\n")
	if cmd.HasSubCommands() {
		b.WriteString("Help of a command: " + cmd.CommandPath() + " COMMAND --help\n")
	} else if _, isTopic := topics.Find(cmd.Name()); isTopic && cmd.Parent() == cmd.Root() {
		b.WriteString("Reference: seatwright help " + cmd.Name() + "\n")
	}
	b.WriteString("Exit codes: seatwright help exit-codes\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	b.WriteString("\nCommands:\n")
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			fmt.Fprintf(b, "  %-10s %s\n", sub.Name(), sub.Short)
		}
	}
}

// writeFlags writes the flags of a command: those of its own, each group of them under its
// title, and those of every command.
func writeFlags(b *strings.Builder, cmd *cobra.Command, width int) {
	write := func(title string, flags *pflag.FlagSet) {
		if flags.HasAvailableFlags() {
			b.WriteString("\n" + title + ":\n" + strings.TrimRight(flags.FlagUsagesWrapped(width), "\n") + "\n")
		}
	}
	groups, titles := map[string]*pflag.FlagSet{}, []string{"Flags"}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		title := "Flags"
		if annotated := flag.Annotations[flagGroup]; len(annotated) > 0 {
			title = annotated[0]
		}
		if groups[title] == nil {
			groups[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			if title != "Flags" {
				titles = append(titles, title)
			}
		}
		groups[title].AddFlag(flag)
	})
	for _, title := range titles {
		if groups[title] != nil {
			write(title, groups[title])
		}
	}
	write("Flags of every command", cmd.InheritedFlags())
}

func writeTopics(b *strings.Builder) {
	b.WriteString("\nTopics of the reference (seatwright help TOPIC):\n")
	for _, topic := range topics.All() {
		fmt.Fprintf(b, "  %-17s %s\n", topic.Name, topic.Title)
	}
}
