package pipelines_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
)

// The tools that the scripts of examples/ci call, as far as those call them: gh, glab and az
// before a made-up platform that keeps comments and issues in a file, jq, and what would
// install things. Whatever a script asks that its platform does not have ends in an error.

// platform is what a made-up platform keeps, and what it was asked.
type platform struct {
	Me    string // who the token belongs to
	Texts []posting
	Calls []string
	Down  string // calls with this in them fail
}

// posting is a comment or an issue.
type posting struct {
	Kind, Author, Title, Body, State string // of the kinds "comment" and "issue"
	Number                           int
	PullRequest                      bool
}

// platformFile is where the tools keep the platform, by the environment of the script.
const platformFile = "SEATWRIGHT_TEST_PLATFORM"

// pipelineTool is what the tools on a script's PATH come down to: its first argument is the
// name of the tool.
func pipelineTool() {
	if err := callTool(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, os.Args[1]+":", err)
		os.Exit(1)
	}
}

func callTool(tool string, args []string) error {
	if tool == "jq" {
		return jq(args)
	}
	p, err := readPlatform(os.Getenv(platformFile))
	if err != nil {
		return err
	}
	p.Calls = append(p.Calls, tool+" "+strings.Join(args, " "))
	if p.Down != "" && strings.Contains(strings.Join(args, " "), p.Down) {
		return fmt.Errorf("503 Service Unavailable")
	}
	answer := map[string]func([]string) (string, error){"gh": p.gh, "glab": p.glab, "az": p.az}[tool]
	out, err := answer(args)
	if err != nil {
		return fmt.Errorf("%w: %q", err, args)
	}
	if _, err := io.WriteString(os.Stdout, out); err != nil {
		return err
	}
	return writePlatform(os.Getenv(platformFile), p)
}

func readPlatform(file string) (*platform, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var p platform
	return &p, json.Unmarshal(data, &p)
}

func writePlatform(file string, p *platform) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// tools makes a folder with the tools, for a script's PATH.
func tools(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	put(t, filepath.Join(bin, "go"), "#!/bin/sh\ncase \"$*\" in\n'install github.com/seatwright/seatwright/cmd/seatwright@v'*) ;;\n'env GOPATH') echo /go ;;\n*) exit 1 ;;\nesac\n")
	put(t, filepath.Join(bin, "apk"), "#!/bin/sh\ntest \"$1\" = add\n")
	for _, name := range []string{"go", "apk"} {
		if err := os.Chmod(filepath.Join(bin, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"gh", "glab", "az", "jq"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nexec pipeline-tool "+name+" \"$@\"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

var errUnknownCall = fmt.Errorf("the made-up platform knows no such call")

// request is a call of an API, as the flags of gh and glab say it.
type request struct {
	method, jq string
	url        *url.URL
	fields     map[string]string
}

// apiRequest reads the flags of `gh api` and `glab api`.
func apiRequest(args []string, flags []string) (request, error) {
	r := request{method: "GET", fields: map[string]string{}}
	if len(args) == 0 || args[0] != "api" {
		return r, errUnknownCall
	}
	for i := 1; i < len(args); i++ {
		flag := args[i]
		if !strings.HasPrefix(flag, "--") {
			if r.url != nil {
				return r, errUnknownCall
			}
			r.url, _ = url.Parse(flag)
			continue
		}
		if !slices.Contains(flags, flag) {
			return r, errUnknownCall
		}
		if flag == "--paginate" || flag == "--silent" {
			continue
		}
		i++
		if i == len(args) {
			return r, errUnknownCall
		}
		if err := r.flag(flag, args[i]); err != nil {
			return r, err
		}
	}
	if r.url == nil {
		return r, errUnknownCall
	}
	return r, nil
}

func (r *request) flag(flag, value string) error {
	switch flag {
	case "--method":
		r.method = value
		return nil
	case "--jq":
		r.jq = value
		return nil
	}
	name, value, _ := strings.Cut(value, "=")
	if file, is := strings.CutPrefix(value, "@"); is && flag == "--field" {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		value = string(data)
	}
	r.fields[name] = value
	return nil
}

// jq is as much of jq as the scripts use: the flags -R, -r, -s, --arg and --argjson.
func jq(args []string) error {
	var raw, slurp, text bool
	var names, rest []string
	var values []any
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch {
		case (flag == "--arg" || flag == "--argjson") && len(args) >= 2:
			var value any = args[1]
			if flag == "--argjson" {
				if err := json.Unmarshal([]byte(args[1]), &value); err != nil {
					return err
				}
			}
			names, values, args = append(names, "$"+args[0]), append(values, value), args[2:]
		case regexp.MustCompile(`^-[Rrs]+$`).MatchString(flag):
			text, raw, slurp = text || strings.Contains(flag, "R"), raw || strings.Contains(flag, "r"), slurp || strings.Contains(flag, "s")
		default:
			rest = append(rest, flag)
		}
	}
	in := os.Stdin
	if len(rest) == 2 {
		file, err := os.Open(rest[1])
		if err != nil {
			return err
		}
		in = file
	}
	input, err := jqInput(in, text, slurp)
	if err != nil || len(rest) == 0 || len(rest) > 2 {
		return fmt.Errorf("%w: %q", errors.Join(err, errUnknownCall), rest)
	}
	return runJQ(os.Stdout, rest[0], input, raw, gojq.WithVariables(names), values...)
}

func jqInput(in io.Reader, text, slurp bool) (any, error) {
	if text {
		data, err := io.ReadAll(in)
		return string(data), err
	}
	all := []any{}
	for decoder := json.NewDecoder(in); ; {
		var value any
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	if slurp {
		return all, nil
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("%d values", len(all))
	}
	return all[0], nil
}

// runJQ prints what an expression makes of an input.
func runJQ(out io.Writer, expression string, input any, raw bool, option gojq.CompilerOption, values ...any) error {
	query, err := gojq.Parse(expression)
	if err != nil {
		return err
	}
	code, err := gojq.Compile(query, option)
	if err != nil {
		return err
	}
	for results := code.Run(input, values...); ; {
		value, more := results.Next()
		if !more {
			return nil
		}
		if err, failed := value.(error); failed {
			return err
		}
		if word, is := value.(string); is && raw {
			fmt.Fprintln(out, word)
			continue
		}
		if err := json.NewEncoder(out).Encode(value); err != nil {
			return err
		}
	}
}

// find is the posting of a number, of those of a kind.
func (p *platform) find(kind, number string) (*posting, error) {
	for i := range p.Texts {
		if p.Texts[i].Kind == kind && strconv.Itoa(p.Texts[i].Number) == number {
			return &p.Texts[i], nil
		}
	}
	return nil, fmt.Errorf("there is no %s %s", kind, number)
}

func (p *platform) post(text posting) int {
	text.Author, text.Number = p.Me, len(p.Texts)+1
	p.Texts = append(p.Texts, text)
	return text.Number
}

// pages are what there is of a kind, in answers of two, the newest issues first.
func (p *platform) pages(kind, author string, show func(posting) map[string]any) [][]any {
	var all []any
	for _, text := range p.Texts {
		if text.Kind == kind && (author == "" || author == text.Author) {
			all = append(all, show(text))
		}
	}
	if kind == "issue" {
		slices.Reverse(all)
	}
	pages := slices.Collect(slices.Chunk(all, 2))
	if len(pages) == 0 {
		pages = [][]any{{}}
	}
	return pages
}

// gh is GitHub ("REST API endpoints for issues" and "... for issue comments").
func (p *platform) gh(args []string) (string, error) {
	r, err := apiRequest(args, []string{"--paginate", "--silent", "--method", "--jq", "--field", "--raw-field"})
	if err != nil {
		return "", err
	}
	path := regexp.MustCompile(`^repos/contoso/licenses/issues(/comments)?(?:/(\d+))?(/comments)?$`).FindStringSubmatch(r.url.Path)
	if path == nil {
		return "", errUnknownCall
	}
	ofIssue, number, query := path[3] != "", path[2], r.url.Query()
	switch {
	case r.method == "GET" && ofIssue && number == "7":
		return jqOfPages(r.jq, p.pages("comment", "", func(c posting) map[string]any {
			return map[string]any{"id": c.Number, "body": c.Body, "user": map[string]any{"login": c.Author}}
		}))
	case r.method == "POST" && ofIssue && number == "7":
		p.post(posting{Kind: "comment", Body: r.fields["body"]})
	case r.method == "PATCH" && path[1] != "":
		return "", p.edit("comment", number, posting{Body: r.fields["body"]})
	case r.method == "GET" && number == "" && query.Get("state") == "all":
		return jqOfPages(r.jq, p.pages("issue", query.Get("creator"), func(c posting) map[string]any {
			issue := map[string]any{"number": c.Number, "body": c.Body, "state": c.State, "user": map[string]any{"login": c.Author}}
			if c.PullRequest {
				issue["pull_request"] = map[string]any{}
			}
			return issue
		}))
	case r.method == "POST" && number == "" && path[1] == "":
		p.post(posting{Kind: "issue", Title: r.fields["title"], Body: r.fields["body"], State: "open"})
	case r.method == "PATCH" && path[1] == "" && !ofIssue:
		return "", p.edit("issue", number, posting{Body: r.fields["body"], State: r.fields["state"]})
	default:
		return "", errUnknownCall
	}
	return "", nil
}

// edit changes what is not empty in the change.
func (p *platform) edit(kind, number string, change posting) error {
	text, err := p.find(kind, number)
	if err != nil {
		return err
	}
	if text.Author != p.Me {
		return fmt.Errorf("%s %s is of %s, this is %s", kind, number, text.Author, p.Me)
	}
	if change.Body != "" {
		text.Body = change.Body
	}
	if change.State != "" {
		text.State = change.State
	}
	return nil
}

// jqOfPages is what --jq prints: of each page, with the environment.
func jqOfPages(expression string, pages [][]any) (string, error) {
	var out strings.Builder
	for _, page := range pages {
		if err := runJQ(&out, expression, page, true, gojq.WithEnvironLoader(os.Environ)); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// glab is GitLab ("Notes API", "Issues API").
func (p *platform) glab(args []string) (string, error) {
	r, err := apiRequest(args, []string{"--paginate", "--method", "--field"})
	if err != nil {
		return "", err
	}
	const notes, issues = "projects/11/merge_requests/7/notes", "projects/11/issues"
	path, number := r.url.Path, ""
	if last := filepath.Base(path); regexp.MustCompile(`^\d+$`).MatchString(last) {
		path, number = filepath.Dir(path), last
	}
	me := map[string]any{"id": userID(p.Me), "username": p.Me}
	switch call := r.method + " " + path; {
	case call == "GET user":
		return jsonLines([]any{me})
	case call == "GET "+notes:
		return jsonPages(p.pages("comment", "", func(c posting) map[string]any {
			return map[string]any{"id": c.Number, "body": c.Body, "author": map[string]any{"id": userID(c.Author)}}
		}))
	case call == "POST "+notes:
		p.post(posting{Kind: "comment", Body: r.fields["body"]})
	case call == "PUT "+notes:
		err = p.edit("comment", number, posting{Body: r.fields["body"]})
	case call == "GET "+issues && r.url.Query().Get("author_id") == strconv.Itoa(userID(p.Me)):
		return jsonPages(p.pages("issue", p.Me, func(c posting) map[string]any {
			return map[string]any{"iid": c.Number, "description": c.Body, "state": c.State, "author": map[string]any{"id": userID(c.Author)}}
		}))
	case call == "POST "+issues:
		p.post(posting{Kind: "issue", Title: r.fields["title"], Body: r.fields["description"], State: "opened"})
	case call == "PUT "+issues:
		states := map[string]string{"": "", "reopen": "opened", "close": "closed"}
		err = p.edit("issue", number, posting{Body: r.fields["description"], State: states[r.fields["state_event"]]})
	default:
		return "", errUnknownCall
	}
	if err != nil {
		return "", err
	}
	return "{}\n", nil
}

// userID is a number for a name.
func userID(name string) int {
	n := 0
	for _, r := range name {
		n = n*31%9973 + int(r)
	}
	return n
}

func jsonPages(pages [][]any) (string, error) {
	var out strings.Builder
	for _, page := range pages {
		if err := json.NewEncoder(&out).Encode(page); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func jsonLines(values []any) (string, error) {
	var out strings.Builder
	for _, value := range values {
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// azFlags are flags of az with their values.
func azFlags(args []string) map[string][]string {
	flags, name := map[string][]string{}, ""
	for _, arg := range args {
		if strings.HasPrefix(arg, "--") {
			name = arg
			flags[name] = nil // given twice, the last counts
			continue
		}
		flags[name] = append(flags[name], arg)
	}
	return flags
}

// az is Azure DevOps ("Pull Request Threads", "az boards").
func (p *platform) az(args []string) (string, error) {
	flags := azFlags(args)
	call := strings.Join(flags[""], " ")
	switch call {
	case "devops configure":
		return "", nil
	case "devops invoke":
		return p.azInvoke(flags)
	case "boards query":
		return p.azQuery(flags)
	case "boards work-item create", "boards work-item update":
		return "", p.azItem(call == "boards work-item create", flags)
	}
	return "", errUnknownCall
}

// azItem makes a work item or changes one.
func (p *platform) azItem(create bool, flags map[string][]string) error {
	item := posting{Kind: "issue"}
	if states := flags["--state"]; len(states) > 0 {
		item.State = states[0]
	}
	for _, field := range flags["--fields"] {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "System.Description":
			item.Body = value
		case "System.Tags":
			item.Title = value + " "
		default:
			return errUnknownCall
		}
	}
	if !create {
		return p.edit("issue", strings.Join(flags["--id"], ""), item)
	}
	item.Title, item.State = item.Title+strings.Join(flags["--title"], " "), "To Do"
	p.post(item)
	return nil
}

func (p *platform) azQuery(flags map[string][]string) (string, error) {
	tag := regexp.MustCompile(`\[System\.CreatedBy\] = @me AND \[System\.Tags\] CONTAINS '([^']+)' ORDER BY \[System\.Id\] DESC$`).FindStringSubmatch(strings.Join(flags["--wiql"], " "))
	if tag == nil {
		return "", errUnknownCall
	}
	found := []any{}
	for _, page := range p.pages("issue", p.Me, func(c posting) map[string]any {
		return map[string]any{"id": c.Number, "title": c.Title, "fields": map[string]any{"System.State": c.State}}
	}) {
		for _, item := range page {
			if strings.HasPrefix(fmt.Sprint(item.(map[string]any)["title"]), tag[1]+" ") {
				found = append(found, item)
			}
		}
	}
	return jsonLines([]any{found})
}

func (p *platform) azInvoke(flags map[string][]string) (string, error) {
	route, one := map[string]string{}, func(name string) string { return strings.Join(flags[name], " ") }
	for _, parameter := range flags["--route-parameters"] {
		name, value, _ := strings.Cut(parameter, "=")
		route[name] = value
	}
	var body struct {
		Content  string
		Comments []struct{ Content string }
	}
	if file := one("--in-file"); file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(data, &body); err != nil {
			return "", err
		}
	}
	if resource := one("--resource"); resource != "connectionData" && (route["project"] != "p-1" || route["repositoryId"] != "r-1" || route["pullRequestId"] != "7") {
		return "", errUnknownCall
	}
	switch one("--http-method") + " " + one("--area") + " " + one("--resource") {
	case " location connectionData":
		return jsonLines([]any{map[string]any{"authenticatedUser": map[string]any{"id": p.Me}}})
	case " git pullRequestThreads":
		threads := []any{map[string]any{"id": 900, "comments": []any{map[string]any{"author": map[string]any{"id": p.Me}}}}} // of a vote, without a text
		for _, page := range p.pages("comment", "", func(c posting) map[string]any {
			return map[string]any{"id": c.Number, "comments": []any{map[string]any{"content": c.Body, "author": map[string]any{"id": c.Author}}}}
		}) {
			threads = append(threads, page...)
		}
		return jsonLines([]any{map[string]any{"value": threads}})
	case "PATCH git pullRequestThreadComments":
		return "{}", p.edit("comment", route["threadId"], posting{Body: body.Content})
	case "POST git pullRequestThreads":
		p.post(posting{Kind: "comment", Body: body.Comments[0].Content})
		return "{}", nil
	}
	return "", errUnknownCall
}
