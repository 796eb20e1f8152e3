package topics_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/topics"
)

func TestRenderLaysAPageOutForTheWidth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, page, want string
		width            int
	}{
		{"a heading is in capitals and a paragraph is wrapped between words", "# Seats\n\nA seat is a prepaid unit that\ncan be assigned to a user.\n", `
SEATS

A seat is a prepaid unit that can be
assigned to a user.
`, 40},
		{"code in a heading stays as it is", "## What `--hold` does\n", "\nWHAT `--hold` DOES\n", 40},
		{"a heading of a section keeps its letters", "### In detail\n\nText.\n", "\nIn detail\n\nText.\n", 40},
		{"code stays whole and is indented", "Run:\n\n```sh\nseatwright plan --detailed-exitcode --format markdown\n```\n", `
Run:

    seatwright plan --detailed-exitcode --format markdown
`, 40},
		{"items of a list hang under their mark", "- the first item has more words than a line\n- `absent: all`\n\n1. one\n2. two\n", `
- the first item has more words than a
  line
- ` + "`absent: all`" + `

1. one
2. two
`, 40},
		{"a list within a list is indented", "- outer\n  - inner\n", "\n- outer\n\n  - inner\n", 40},
		{"the widest column of a table wraps", "| guard | counts |\n|---|---|\n| `removals` | users who lose a license in this run |\n| a\\|b | c |\n", `
guard       counts
----------------------------------------
` + "`removals`" + `  users who lose a license in
            this run
a|b         c
`, 40},
		{"a table with too much in a row becomes a block for each row", "| guard | counts | class |\n|---|---|---|\n| `removals` | users who lose a license or a service plan in this run or in the seven days before it, without a replacement, in any SKU | hold |\n| `read` | an incomplete read | stop |\n", `
` + "`removals`" + `
    counts: users who lose a license
        or a service plan in this run or
        in the seven days before it,
        without a replacement, in any
        SKU
    class: hold

` + "`read`" + `
    counts: an incomplete read
    class: stop
`, 40},
		{"a link to a topic names the command, another one its address", "See [guards](guards.md), [limits](settings.md) and [Graph](https://example.com/graph).\n", `
See ` + "`seatwright help guards`, limits (`seatwright help settings`) and Graph" + `
(https://example.com/graph).
`, 100},
		{"the marks of generated blocks are not shown", "Text.\n\n<!-- generated: guards -->\n\n| a |\n|---|\n| b |\n\n<!-- end of guards -->\n\nMore.\n", `
Text.

a
-
b

More.
`, 40},
		{"escaped marks and entities are shown as they are meant", "A `*` and a \\* and \\_x\\_.\n", "\nA `*` and a * and _x_.\n", 40},
		{"a width of nothing is a narrow page", "Twelve words that do not fit into a page of forty characters at all.\n", `
Twelve words that do not fit into a page
of forty characters at all.
`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			if err := topics.Render(&got, test.page, test.width); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestInsertWritesGeneratedBlocksAgain(t *testing.T) {
	t.Parallel()
	table := topics.Table{Name: "codes", Columns: []string{"code", "means"}, Rows: [][]string{{"`0`", "done | or nothing\nto do"}}}
	page := "# Codes\n\n<!-- generated: codes -->\nold\n<!-- end of codes -->\n\nAfter.\n"
	want := "# Codes\n\n<!-- generated: codes -->\n\n| code | means |\n| --- | --- |\n| `0` | done \\| or nothing to do |\n\n<!-- end of codes -->\n\nAfter.\n"
	used := map[string]int{}
	got, err := topics.Insert(page, []topics.Table{table, {Name: "other"}}, used)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if used["codes"] != 1 || used["other"] != 0 {
		t.Errorf("used = %v, want the block codes once", used)
	}
	if again, err := topics.Insert(got, []topics.Table{table}, map[string]int{}); err != nil || again != got {
		t.Errorf("a second Insert changed the page, or failed: %v", err)
	}
}

func TestInsertRefusesABlockWithoutTableOrEnd(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"<!-- generated: codes -->\n":                            `the block "codes" has no end`,
		"<!-- generated: nothing -->\n<!-- end of nothing -->\n": `no table of the code is called "nothing"`,
	} {
		_, err := topics.Insert(page, []topics.Table{{Name: "codes"}}, map[string]int{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Insert(%q) = %v, want %q", page, err, want)
		}
	}
}

func TestTopicsBeginWithATitleAndASummary(t *testing.T) {
	t.Parallel()
	for _, topic := range topics.All() {
		if !strings.HasPrefix(topic.Text, "# ") || topic.Title == "" {
			t.Errorf("%s does not begin with a title (# ...)", topic.Name)
		}
		if topic.Summary == "" || strings.HasPrefix(topic.Summary, "#") || len(topic.Summary) > 160 {
			t.Errorf("%s: the first sentence is %q, want one of at most 160 characters", topic.Name, topic.Summary)
		}
	}
	if _, found := topics.Find("../doc"); found {
		t.Error("Find takes a path, want names of topics only")
	}
}
