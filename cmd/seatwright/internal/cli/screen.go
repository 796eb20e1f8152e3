package cli

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
)

// screenFlags are the flags of text on a terminal.
type screenFlags struct {
	streams    Streams
	added      bool // the command has these flags
	color      string
	brief, all bool
}

// The values of --color.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

func (f *screenFlags) addScreen(cmd *cobra.Command, streams Streams) {
	f.streams, f.added = streams, true
	flags := cmd.Flags()
	flags.StringVar(&f.color, "color", colorAuto, "`WHEN` to color text: auto (on a terminal, unless NO_COLOR is set), always or never")
	flags.BoolVar(&f.brief, "brief", false, "text without steps: summary, seats, policies, guards and totals")
	flags.BoolVar(&f.all, "all", false, "show all steps and users in text; a terminal shows 200 steps")
}

// text returns how a plan is shown as text.
func (f *screenFlags) text() (view.TextOptions, error) {
	o := view.TextOptions{Screen: f.streams.screen(), Brief: f.brief, All: f.all}
	switch {
	case !f.added, f.color == colorAuto:
	case f.color == colorAlways:
		o.Screen.Color = true
	case f.color == colorNever:
		o.Screen.Color = false
	default:
		return o, usage("give auto, always or never", "--color is %q", f.color)
	}
	if f.brief && f.all {
		return o, usage("omit one of the two", "--brief shows no steps, and --all shows all of them")
	}
	return o, nil
}

// screen returns what text on stdout is written for. A file or a pipe has no width.
func (s Streams) screen() view.Screen {
	if !s.OutTerminal {
		return view.Screen{}
	}
	width := s.Width
	if width <= 0 {
		width = usualWidth
	}
	return view.Screen{Terminal: true, Width: width, Color: s.Color}
}

// allowsColor reports whether the environment has nothing against color. See no-color.org.
func allowsColor() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }

// stopped returns the end of the program for a plan that guards stop and that was shown. On a
// terminal, text has just listed the guards: only what to do next is repeated.
func (p Program) stopped(shown *plan.Plan, o view.PlanOptions) *exit {
	end := breached(shown)
	if !p.OutTerminal || o.Format != view.FormatText {
		return end
	}
	end.err, end.hint = errors.New("a guard stops this plan"), "see Guards above, and change the policies or add a waiver"
	if flags := view.AllowFlags(shown); len(flags) > 0 {
		end.hint = "if the changes are meant, add the waivers above, or run again with " + strings.Join(flags, " ")
	}
	return end
}
