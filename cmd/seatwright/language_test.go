package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The language of the project is plain technical English with US spelling. Readers are
// administrators, reviewers and engineers in many countries: one word has one meaning,
// and a sentence has one idea. This file holds names, comments, messages and pages to it.

// phrase is something that is not written here, with what to write.
type phrase struct {
	pattern *regexp.Regexp
	instead string
}

// phrases are looked for in comments, string literals, Markdown and examples.
var phrases = []phrase{
	{regexp.MustCompile(`(?i)\blicenc(e[ds]?|ing)\b`), `"license", as Microsoft Graph writes it`},
	{regexp.MustCompile(`(?i)\b(catalogue|organisation|recognise|behaviour|colour|cancelled|neighbour|honour|favour|centre|grey|defence|authorise|summarise|initialise|normalise|serialise|synchronise|minimise|maximise|optimise|prioritise)[ds]?\b`), "US spelling"},
	{regexp.MustCompile(`(?i)\b(whom|whoever|whomever)\b`), `the thing that is meant, such as "users that no policy selects"`},
	{regexp.MustCompile(`(?i)\b(nobody|somebody|everybody|someone|anybody)\b`), `the thing that is meant, such as "no user" or "an administrator"`},
	{regexp.MustCompile(`(?i)\b(he|him|his|she|hers?)\b`), `"the user" or "they"`},
	{regexp.MustCompile(`(?i)\b(tells|telling|told)\b`), `"reports", "returns", "shows" or "distinguishes"`},
	{regexp.MustCompile(`(?i)\bsay(s|ing)? (that|whether|how)\b`), `"reports whether" or "explains"`},
	{regexp.MustCompile(`(?i)\b(stands|stood)\b`), `"is", "is in" or "means"`},
	{regexp.MustCompile(`(?i)\bcalls? for (somebody|attention)\b`), `"need attention"`},
	{regexp.MustCompile(`(?i)\bcome to rest\b`), `"converge"`},
}

// dialect are parts of names that version 1 used for things that have a common name.
var dialect = map[string]string{
	"asleep": "inactive", "awake": "active", "bared": "exceptionShrunk", "chronicle": "timeline", "crew": "workers", "crowd": "userCollector",
	"deed": "write", "dice": "rng", "dispute": "joinConflict", "disputes": "joinConflicts", "dormant": "inactive", "doubts": "inconsistent",
	"fate": "disposition", "fight": "flapping", "harvest": "shardResult", "hungry": "hasIdleWorker", "hushed": "redacted", "knotted": "isCyclic",
	"licence": "license", "licences": "licenses", "loudness": "severity", "moot": "superseded", "shields": "protectedUsers", "tangle": "cycle", "told": "reported",
}

// unconverted are the folders and files that still have the language of version 1. It is
// empty, and should stay so. An entry that ends in "/." is the folder without the folders
// in it.
var unconverted = []string{}

// The longest sentence of a page, and the longest median of all sentences, in words.
const (
	longestSentence = 30
	longestMedian   = 15
)

func isUnconverted(path string) bool {
	return slices.ContainsFunc(unconverted, func(entry string) bool {
		if folder, alone := strings.CutSuffix(entry, "/."); alone {
			return filepath.ToSlash(filepath.Dir(path)) == folder
		}
		return path == entry || strings.HasPrefix(path, entry+"/")
	})
}

// eachText calls do for every text file of the repository that the language holds for.
func eachText(t *testing.T, extensions []string, do func(path string, data []byte)) {
	t.Helper()
	root := os.DirFS(filepath.Join("..", ".."))
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".seatwright", "node_modules"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !slices.Contains(extensions, filepath.Ext(path)) || isUnconverted(path) || path == "cmd/seatwright/language_test.go":
			return nil
		}
		data, err := fs.ReadFile(root, path)
		if err == nil {
			do(path, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLanguageOfCommentsAndMessages(t *testing.T) {
	t.Parallel()
	eachText(t, []string{".go"}, func(path string, data []byte) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, data, parser.ParseComments)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				checkPhrases(t, fset.Position(comment.Pos()), comment.Text)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					checkPhrases(t, fset.Position(n.Pos()), n.Value)
				}
			case *ast.Ident:
				checkName(t, fset.Position(n.Pos()), n.Name)
			}
			return true
		})
	})
}

func TestLanguageOfPagesAndExamples(t *testing.T) {
	t.Parallel()
	eachText(t, []string{".md", ".yaml", ".yml", ".html", ".txtar", ".tmpl"}, func(path string, data []byte) {
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 16<<20)
		for n := 1; lines.Scan(); n++ {
			checkPhrases(t, token.Position{Filename: path, Line: n, Column: 1}, lines.Text())
		}
	})
}

// exceptions are texts by file that have a word of the lists for a reason.
var exceptions = map[string][]string{
	// Words of earlier versions that fault profiles may still have, and their test.
	"state/sandbox/internal/faults/profile.go": {"catalogue", "licences-in-answer", "delta-licences"},
	"state/sandbox/faultprofile_test.go":       {"catalogue", "licences-in-answer", "delta-licences"},
	// Spellings that a test feeds in, and that a hint corrects.
	".golangci.yml": {"cancelled"},
	"cmd/seatwright/testdata/script/invalid_policies.txtar": {"licences"},
	"policies/catalog/nearest_test.go":                      {"licences"},
	"policies/testdata/err/unknown-keys.yaml":               {"licences"},
}

func checkPhrases(t *testing.T, at token.Position, text string) {
	t.Helper()
	text = strings.ReplaceAll(text, "!cancelled()", "") // a function of GitHub Actions
	for _, exception := range exceptions[filepath.ToSlash(at.Filename)] {
		text = strings.ReplaceAll(text, exception, "")
	}
	for _, p := range phrases {
		if found := p.pattern.FindString(text); found != "" {
			t.Errorf("%s: %q: write %s", at, found, p.instead)
		}
	}
}

// checkName looks at the words that a name is made of.
func checkName(t *testing.T, at token.Position, name string) {
	t.Helper()
	for _, word := range wordsOf(name) {
		if instead, found := dialect[word]; found {
			t.Errorf("%s: %s has the word %q: write %s, or what the glossary has for it", at, name, word, instead)
		}
	}
}

// wordsOf splits a name where its letters change from small to capital.
func wordsOf(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) || runes[i] == '_' {
			words = append(words, strings.ToLower(strings.Trim(string(runes[start:i]), "_")))
			start = i
		}
	}
	return words
}

func TestLanguageOfSentences(t *testing.T) {
	t.Parallel()
	var lengths []int
	eachText(t, []string{".md"}, func(path string, data []byte) {
		if path == "CHANGELOG.md" {
			return
		}
		for _, sentence := range sentences(string(data)) {
			n := len(strings.Fields(sentence))
			lengths = append(lengths, n)
			if n > longestSentence {
				t.Errorf("%s: a sentence of %d words, more than %d: %q", path, n, longestSentence, sentence)
			}
		}
	})
	if len(lengths) == 0 {
		return
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > longestMedian {
		t.Errorf("the median sentence of the pages has %d words, more than %d", median, longestMedian)
	}
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?:](\s|$)`)
	codeSpan    = regexp.MustCompile("`[^`]*`")
	linkTarget  = regexp.MustCompile(`\]\([^)]*\)`)
)

// sentences returns the sentences of the paragraphs and lists of a page. A code span
// counts as one word. Code blocks, tables and headings have no sentences.
func sentences(page string) []string {
	var found []string
	paragraph, inCode := "", false
	end := func() {
		text := linkTarget.ReplaceAllString(codeSpan.ReplaceAllString(paragraph, "code"), "]")
		for _, sentence := range sentenceEnd.Split(text, -1) {
			if len(strings.Fields(sentence)) > 2 {
				found = append(found, strings.TrimSpace(sentence))
			}
		}
		paragraph = ""
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			end()
			inCode = !inCode
		case inCode:
		case line == "" || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "<"):
			end()
		case strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") || len(line) > 2 && line[1] == '.' && unicode.IsDigit(rune(line[0])):
			end()
			paragraph = line[2:]
		default:
			paragraph += " " + line
		}
	}
	end()
	return found
}

func TestSentencesOfAPage(t *testing.T) {
	t.Parallel()
	page := "# A title is no sentence\n\nOne sentence of\nsix words. `a b c` is one word: three more words here.\n\n```sh\nnot this code\n```\n\n| nor | a table |\n\n- An item of four.\n- Another [link](https://example.com/a.b) here.\n"
	want := []string{"One sentence of six words", "code is one word", "three more words here", "An item of four", "Another [link] here"}
	if got := sentences(page); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
