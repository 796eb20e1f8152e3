package topics

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed pages/*.md
var pages embed.FS

// Topic is one page of the reference.
type Topic struct {
	Name    string // as `seatwright help NAME` takes it
	Title   string
	Summary string // the first sentence of the page
	Text    string // the whole page, as Markdown
}

// Names returns the names of all topics, sorted.
func Names() []string {
	names, _ := fs.Glob(pages, "pages/*.md") // fails for a malformed pattern only
	for i, name := range names {
		names[i] = strings.TrimSuffix(path.Base(name), ".md")
	}
	slices.Sort(names)
	return names
}

// All returns all topics, sorted by name.
func All() []Topic {
	names := Names()
	topics := make([]Topic, 0, len(names))
	for _, name := range names {
		topic, _ := Find(name)
		topics = append(topics, topic)
	}
	return topics
}

// Find returns the topic of a name, and reports whether there is one.
func Find(name string) (Topic, bool) {
	if !slices.Contains(Names(), name) {
		return Topic{}, false
	}
	text, err := pages.ReadFile("pages/" + name + ".md")
	if err != nil {
		return Topic{}, false
	}
	topic := Topic{Name: name, Text: string(text)}
	title, rest, _ := strings.Cut(topic.Text, "\n")
	topic.Title = strings.TrimSpace(strings.TrimPrefix(title, "#"))
	topic.Summary = firstSentence(rest)
	return topic, true
}

// firstSentence returns the first sentence of the first paragraph, on one line.
func firstSentence(text string) string {
	paragraph, _, _ := strings.Cut(strings.TrimSpace(text), "\n\n")
	line := strings.Join(strings.Fields(paragraph), " ")
	if end := strings.Index(line, ". "); end >= 0 {
		line = line[:end+1]
	}
	return line
}
