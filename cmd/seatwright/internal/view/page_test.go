package view_test

import (
	"context"
	_ "embed" // what is asked of the page
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state/slowtest"
)

// browser is a page in a real Chromium, and what went on in it that should not.
type browser struct {
	context.Context

	t    *testing.T
	mu   sync.Mutex
	seen []string // requests, prompts, errors
}

// chromium opens a page. CI installs Debian's package; elsewhere the test needs it or is skipped.
func chromium(t *testing.T, text string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no chromium on PATH: .ci/run has to install it")
		}
		t.Skipf("the page is tested in a real browser: install Debian's package chromium and set %s=1 to run this test", slowtest.Variable)
	}
	slowtest.Require(t, "the page in Chromium")
	file := filepath.Join(t.TempDir(), "plan.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1360, 1000))
	allocator, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	ctx, stopWaiting := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(func() { stopWaiting(); stop(); stopAllocator() })
	b := &browser{Context: ctx, t: t}
	if err := chromedp.Listen(ctx, b.watch(ctx, "file://"+file)); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	b.do(chromedp.Navigate("file://" + file))
	return b
}

func (b *browser) watch(ctx context.Context, address string) func(any) {
	return func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				b.seen = append(b.seen, "a request: "+e.Request.URL)
			}
		case *page.EventJavascriptDialogOpening:
			b.seen = append(b.seen, "a dialog: "+e.Message)
			go func() { // or the page would stand still
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		case *runtime.EventExceptionThrown:
			b.seen = append(b.seen, "an exception: "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.seen = append(b.seen, "a word on the console")
		case *log.EventEntryAdded:
			b.seen = append(b.seen, "a log entry: "+e.Entry.Text)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// ask evaluates an expression of JavaScript.
func ask[V any](b *browser, expression string) V {
	b.t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[V](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

func (b *browser) counts(want string) {
	b.t.Helper()
	if got := ask[string](b, `document.getElementById("count").textContent`); got != want {
		b.t.Errorf("the page says %q, want %q (searching for %q)", got, want, ask[string](b, `document.getElementById("find").value`))
	}
	shown := ask[int](b, `[...document.querySelectorAll("#list tbody tr")].filter((r) => r.checkVisibility()).length`)
	if number, _, _ := strings.Cut(want, " "); fmt.Sprint(shown) != number {
		b.t.Errorf("%d rows are to be seen, want %s", shown, number)
	}
}

func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, what := range b.seen {
		b.t.Errorf("the page made %s", what)
	}
}

// reviewPlan has what a page can show.
func reviewPlan(removals, additions, blocked int) *plan.Plan {
	p := movingPlan(removals, additions, blocked)
	p.Steps[1].Loses = []plan.Loss{{Family: "mailbox", From: "enterprise", Days: 30, Undo: "assign any Exchange plan within 30 days", Plans: []string{"EXCHANGE_S_ENTERPRISE"}}}
	return p
}

func TestPageFindsAmong3000Changes(t *testing.T) {
	t.Parallel()
	b := chromium(t, show(t, reviewPlan(1000, 1900, 100), view.FormatHTML))
	b.counts("3000 of 3000 shown")

	// the keyboard alone: "/" goes to the search, words narrow, blanks part words
	b.do(chromedp.KeyEvent("/"))
	if at := ask[string](b, `document.activeElement.id`); at != "find" {
		t.Errorf("a slash goes to %q", at)
	}
	b.do(chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent("surname0042 LEAVERS")) // the driver types the slash all the same
	b.counts("1 of 3000 shown")
	b.do(chromedp.KeyEvent(" no-such-user"))
	b.counts("0 of 3000 shown")
	if !ask[bool](b, `document.getElementById("none").checkVisibility()`) {
		t.Error("a list without rows says nothing")
	}
	b.quiet()
}

func TestPageFiltersAndSorts(t *testing.T) {
	t.Parallel()
	b := chromium(t, show(t, reviewPlan(100, 190, 10), view.FormatHTML))
	b.do(chromedp.Focus(chromedp.CSS(`[value=remove]`)), chromedp.KeyEvent(" "))
	b.counts("200 of 300 shown")
	b.do(chromedp.Focus(chromedp.CSS(`[value=remove]`)), chromedp.KeyEvent(" "), chromedp.Click(chromedp.CSS("#losses")))
	b.counts("1 of 300 shown")
	b.do(chromedp.Click(chromedp.CSS("#losses")), chromedp.Click(chromedp.CSS(`a[data-policy="2"]`)))
	b.counts("10 of 300 shown") // movers
	b.do(chromedp.Click(chromedp.CSS("[type=reset]")), chromedp.SetValue(chromedp.CSS("#sku"), "0"))
	ask[bool](b, `document.getElementById("sku").dispatchEvent(new Event("input", {bubbles: true}))`)
	b.counts("300 of 300 shown")

	// by the OU: from its table with the keyboard, and from the list of all
	b.do(chromedp.Click(chromedp.CSS("[type=reset]")), chromedp.Focus(chromedp.CSS(`a[data-ou="2"]`)), chromedp.KeyEvent(kb.Enter))
	b.counts("96 of 300 shown")
	if ou := ask[string](b, `document.getElementById("ou").selectedOptions[0].textContent + " " + document.querySelector("#list tbody tr:not([hidden]) .ou").textContent`); ou != `OU=Team 2\, Zürich,DC=corp,DC=contoso,DC=com OU=Team 2\, Zürich,DC=corp,DC=contoso,DC=com` {
		t.Errorf("the page shows those of %q", ou)
	}
	b.do(chromedp.SetValue(chromedp.CSS("#ou"), "3"))
	ask[bool](b, `document.getElementById("ou").dispatchEvent(new Event("input", {bubbles: true}))`)
	b.counts("10 of 300 shown") // who has none
	b.do(chromedp.Click(chromedp.CSS("[type=reset]")))

	const first = `document.querySelector("#list tbody .who").textContent`
	if got := ask[string](b, first); got != "person0001@contoso.com" { // a loss is read first
		t.Errorf("the first row is %s", got)
	}
	b.do(chromedp.Focus(chromedp.CSS(`#list th:nth-child(2) button`)), chromedp.KeyEvent(kb.Enter))
	if got := ask[string](b, first); got != "person0000@contoso.com" {
		t.Errorf("sorted by user the first is %s", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	if got, state := ask[string](b, first), ask[string](b, `document.querySelector("#list th:nth-child(2)").getAttribute("aria-sort")`); got != "person0299@contoso.com" || state != "descending" {
		t.Errorf("sorted the other way the first is %s, and a screen reader hears %q", got, state)
	}
	b.quiet()
}

// TestPageRunsNoForeignScript opens the whole hostile corpus at once.
func TestPageRunsNoForeignScript(t *testing.T) {
	t.Parallel()
	all := hostilePlan("x")
	for _, s := range append(hostile, `"><img src=x onerror=alert(1)>`, `' onfocus=alert(1) autofocus='`, "<svg/onload=alert(1)>") {
		p := hostilePlan(s)
		all.Steps, all.Sources, all.SKUs, all.Guards = append(all.Steps, p.Steps...), append(all.Sources, p.Sources...), append(all.SKUs, p.SKUs...), append(all.Guards, p.Guards...)
		all.Outcomes.Blocked, all.Outcomes.Notes = append(all.Outcomes.Blocked, p.Outcomes.Blocked...), append(all.Outcomes.Notes, p.Outcomes.Notes...)
	}
	links, err := view.NewLinks("https://github.com/contoso/licenses/blob/main", ".")
	if err != nil {
		t.Fatal(err)
	}
	b := chromium(t, show(t, all, view.FormatHTML, func(o *view.PlanOptions) { o.Links = links }))
	b.do(chromedp.SendKeys(chromedp.CSS("#find"), "<script>alert"), chromedp.Click(chromedp.CSS("[type=reset]")))
	if stray := ask[int](b, `document.querySelectorAll("img, iframe, svg [onload], [onerror], [onfocus], script:not(:last-of-type), a:not([href^='https://github.com/'], [href='#changes'])").length`); stray > 0 {
		t.Errorf("%d elements are not ours", stray)
	}
	b.quiet()
}

// readable finds text that is hard to read.
//
//go:embed testdata/contrast.js
var readable string

func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	b := chromium(t, show(t, reviewPlan(3, 3, 2), view.FormatHTML))
	for _, scheme := range []string{"light", "dark"} {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		if poor := ask[[]string](b, readable); len(poor) > 0 {
			t.Errorf("%s: hard to read: %q", scheme, poor)
		}
		ground := ask[string](b, `getComputedStyle(document.body).backgroundColor`)
		if dark := ground == "rgb(18, 22, 28)"; dark != (scheme == "dark") {
			t.Errorf("%s: the ground is %s", scheme, ground)
		}
	}
	heard(b)
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 800, DeviceScaleFactor: 1, Mobile: true})
	if wide := ask[int](b, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a telephone the page is %d wide: %v", wide, ask[[]string](b, `[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 390 && !e.closest(".scroll")).map((e) => e.outerHTML.slice(0, 80))`))
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if ask[bool](b, `document.getElementById("tools").checkVisibility()`) || !ask[bool](b, `document.querySelector("#list tbody tr").checkVisibility()`) {
		t.Error("on paper there are controls, or no rows")
	}
	b.quiet()
}

// heard asks the accessibility tree what a screen reader says.
func heard(b *browser) {
	b.t.Helper()
	roles := map[string]int{}
	for _, node := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role := strings.Trim(string(node.Role.Value), `"`)
		roles[role]++
		switch role {
		case "button", "searchbox", "combobox", "checkbox", "link", "image", "region", "heading":
			if node.Name == nil || strings.Trim(string(node.Name.Value), `" `) == "" {
				b.t.Errorf("a screen reader hears a %s without a name", role)
			}
		}
	}
	for _, role := range []string{"main", "banner", "contentinfo", "searchbox", "combobox", "checkbox", "status", "columnheader", "rowheader", "image"} {
		if roles[role] == 0 {
			b.t.Errorf("a screen reader finds no %s among %v", role, roles)
		}
	}
}
