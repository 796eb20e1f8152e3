package topics

import (
	"fmt"
	"io"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The widths between which a page is laid out: narrower than the first nothing fits,
// wider than the second lines are hard to follow.
const (
	narrowest = 40
	widest    = 100
)

// Render writes a page as text for a terminal that is width characters wide. Code stays
// as it is, whatever its width.
func Render(w io.Writer, page string, width int) error {
	source := []byte(page)
	r := renderer{source: source, width: min(max(width, narrowest), widest)}
	document := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(source))
	r.blocks(document, "")
	_, err := io.WriteString(w, strings.TrimLeft(r.out.String(), "\n"))
	return err
}

// renderer collects the text of one page.
type renderer struct {
	source []byte
	width  int
	out    strings.Builder
}

// blocks writes the blocks below a node, a blank line between two.
func (r *renderer) blocks(parent ast.Node, indent string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		r.block(n, indent)
	}
}

func (r *renderer) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.Heading:
		title := r.inline(n)
		if n.Level <= 2 {
			title = strings.ToUpper(title)
		}
		r.lines("", []string{title})
	case *ast.List:
		r.list(n, indent)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		r.code(n, indent+"    ")
	case *tables.Table:
		r.table(n, indent)
	case *ast.HTMLBlock: // the marks of generated blocks
	case *ast.ThematicBreak:
	case *ast.Blockquote:
		r.blocks(n, indent+"  ")
	default:
		r.lines(indent, wrapWords(r.inline(n), r.width-len(indent)))
	}
}

// lines writes one block after a blank line.
func (r *renderer) lines(indent string, lines []string) {
	r.out.WriteString("\n")
	for _, line := range lines {
		r.out.WriteString(strings.TrimRight(indent+line, " ") + "\n")
	}
}

func (r *renderer) code(n ast.Node, indent string) {
	var lines []string
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		lines = append(lines, strings.TrimRight(string(segment.Value(r.source)), "\n"))
	}
	r.lines(indent, lines)
}

// list writes the items of a list. Items of one paragraph follow each other without
// a blank line.
func (r *renderer) list(list *ast.List, indent string) {
	r.out.WriteString("\n")
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		hanging := indent + strings.Repeat(" ", len(mark))
		for n := item.FirstChild(); n != nil; n = n.NextSibling() {
			if n != item.FirstChild() {
				r.block(n, hanging)
				continue
			}
			for i, line := range wrapWords(r.inline(n), r.width-len(hanging)) {
				if i == 0 {
					r.out.WriteString(indent + mark + line + "\n")
				} else {
					r.out.WriteString(hanging + line + "\n")
				}
			}
		}
	}
}

func (r *renderer) table(table *tables.Table, indent string) {
	var rows [][]string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, r.inline(cell))
		}
		rows = append(rows, cells)
	}
	r.lines(indent, layTable(rows, r.width-len(indent)))
}

// inline returns the text below a node. Code keeps its backquotes, so that a command
// within a sentence is seen as one; a link to another page names the topic.
func (r *renderer) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			value := n.Segment.Value(r.source)
			if !n.IsRaw() {
				value = util.UnescapePunctuations(value)
			}
			b.Write(value)
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteString(" ")
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.CodeSpan:
			b.WriteString("`" + r.inline(n) + "`")
		case *ast.AutoLink:
			b.Write(n.URL(r.source))
		case *ast.Link:
			b.WriteString(r.link(n))
		case *ast.RawHTML:
		default:
			b.WriteString(r.inline(n))
		}
	}
	return b.String()
}

// link returns what a link says, and where it leads if that is outside the reference.
func (r *renderer) link(n *ast.Link) string {
	words, target := r.inline(n), string(n.Destination)
	if topic, isTopic := strings.CutSuffix(target, ".md"); isTopic && !strings.Contains(topic, "/") {
		if topic == words {
			return "`seatwright help " + topic + "`"
		}
		return words + " (`seatwright help " + topic + "`)"
	}
	if strings.Contains(target, "://") {
		return words + " (" + target + ")"
	}
	return words
}
