package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The architecture: which package may import which, what the pure packages
// may touch, and how large things may grow. A failure says what, where, why, and
// what to do instead.

const module = "github.com/seatwright/seatwright"

// rule is what one package may import of ours. Everything else is forbidden; why has the
// reason.
type rule struct {
	may  []string
	why  string
	pure bool // no I/O, no clock
}

var rules = map[string]rule{
	"state":                             {nil, "it is the vocabulary: whatever it imported, every room would", true},
	"policies/guard":                    {nil, "it is a table: what measures a guard needs the planner, which reads the table", true},
	"policies/guard/guardtest":          {[]string{"policies/guard"}, "one more row for the tests of all that read the table", true},
	"policies/catalog":                  {[]string{"state", "policies/diag"}, "names and ids mean the same, whatever policies say", true},
	"policies":                          {[]string{"state", "policies/catalog", "policies/guard", "policies/diag", "policies/rows"}, "the language must be checked without a tenant or a plan at hand", true},
	"policies/selector":                 {[]string{"state", "policies/catalog", "policies", "policies/diag"}, "who matches may not depend on what a plan does", true},
	"policies/diag":                     {nil, "a problem in a file is the same, whatever the file is about", true},
	"policies/rows":                     {[]string{"state", "policies/catalog", "policies/diag"}, "a file of users is the same, whichever policy names it", true},
	"plan/seats":                        {nil, "who gets a seat must not depend on who asks: numbers alone", true},
	"plan":                              {[]string{"state", "policies/catalog", "policies/guard", "policies", "policies/selector", "plan/seats", "plan/effective"}, "a planner that can reach a backend can write", true},
	"plan/drift":                        {[]string{"state", "policies/catalog", "plan", "plan/explain"}, "it compares plans and records; what users should have is decided elsewhere", true},
	"plan/planfile":                     {[]string{"state", "plan"}, "bytes and plans, nothing else: what a file claims decides nothing", false},
	"plan/apply":                        {[]string{"state", "policies/catalog", "plan"}, "it carries out what the plan says through interfaces; what should be held is decided elsewhere", false},
	"plan/apply/journal":                {[]string{"state", "plan", "plan/apply"}, "it writes down what a run does; what to do is decided elsewhere", false},
	"plan/apply/journal/blob":           {[]string{"state", "state/wire", "plan/apply/journal"}, "it is a place to keep things in: what they say is for the journal to know", false},
	"plan/apply/journal/blob/blobtest":  {[]string{"state/slowtest"}, "shared code would share misunderstandings with the client that it tests", false},
	"state/snapfile":                    {[]string{"state"}, "bytes and snapshots, nothing else: a file knows no tenant but the one it was taken from", false},
	"state/join":                        {[]string{"state"}, "who is who depends on both directories alone, and on no policy", true},
	"state/wire":                        {nil, "a transport that knew a host or a token could send one to the other", false},
	"state/graph":                       {[]string{"state", "state/wire"}, "a client knows no policy, and no other backend", false},
	"state/ad":                          {[]string{"state"}, "what reads the directory knows no policy, and no other backend", false},
	"state/ad/adtest":                   {[]string{"state/slowtest"}, "shared code would share misunderstandings with the reader that it tests", false},
	"state/statetest":                   {[]string{"state"}, "one suite for every backend can know none of them", false},
	"state/slowtest":                    {nil, "it says which tests are slow, and must be at hand for each of them", false},
	"state/sandbox":                     {[]string{"state/sandbox/entra", "state/sandbox/internal/directory", "state/sandbox/internal/faults", "state/sandbox/internal/guid", "state/sandbox/internal/loopback", "state/sandbox/internal/ordered", "state/sandbox/internal/query", "state/sandbox/internal/refusal", "state/sandbox/internal/strict", "state/sandbox/internal/variant"}, "shared code would share misunderstandings with the client that it tests", false},
	"cmd/seatwright/internal/view":      {[]string{"state", "policies/catalog", "policies/guard", "policies", "plan", "plan/drift", "plan/planfile", "plan/apply", "plan/apply/journal", "policies/diag", "plan/explain", "cmd/seatwright/internal/screen", "cmd/seatwright/internal/escape"}, "a view that reads a tenant shows something else than was planned", false},
	"cmd/seatwright/internal/cli":       {[]string{"state", "policies/catalog", "policies/guard", "policies", "policies/selector", "plan", "plan/drift", "plan/planfile", "plan/apply", "plan/apply/journal", "plan/apply/journal/blob", "state/ad", "state/graph", "state/sandbox", "state/snapfile", "cmd/seatwright/internal/view", "policies/diag", "state/join", "plan/session", "cmd/seatwright/internal/checkout", "plan/explain", "state/sandbox/entra", "state/sandbox/generate", "cmd/seatwright/internal/topics"}, "it is the one place where backends and plans meet", false},
	"cmd/seatwright/internal/screen":    {nil, "lines, colors and tables are the same, whatever they show", false},
	"cmd/seatwright/internal/escape":    {nil, "what a terminal obeys is the same, whatever the text is about", false},
	"cmd/seatwright/internal/topics":    {nil, "it lays out text: what a table means is for the code to know that made it", false},
	"cmd/seatwright/internal/pipelines": {nil, "it has tests alone: pipelines know the program by its commands and files", false},
	"cmd/seatwright":                    {[]string{"cmd/seatwright/internal/cli"}, "main makes a context and an exit status and nothing else", false},
	"plan/session":                      {[]string{"state", "policies/catalog", "policies", "policies/selector", "plan", "plan/drift", "plan/planfile", "plan/apply", "plan/apply/journal", "policies/guard", "policies/diag", "plan/explain"}, "what decides about a run takes readers, stores and the clock as values: a session that can build them can write", true},
	"cmd/seatwright/internal/checkout":  {nil, "files and revisions mean the same, whatever settings and policies say", false},
	"plan/effective":                    {[]string{"state", "policies/catalog"}, "what works for a user follows from paths alone, whatever policies or a plan want", true},
	"plan/explain":                      {[]string{"state", "policies/catalog", "policies", "policies/selector", "plan", "plan/effective", "plan/seats"}, "what is explained must be what was decided: it reads plans and details, and decides nothing", true},
	"state/sandbox/entra":               {[]string{"state/sandbox/internal/guid", "state/sandbox/internal/loopback", "state/sandbox/internal/ordered", "state/sandbox/internal/strict"}, "who signs in must not depend on what the tenant holds: an id and names alone", false},
	"state/sandbox/generate":            {[]string{"state/sandbox/internal/guid", "state/sandbox/internal/strict"}, "a made-up tenant is a file: whatever it knew of the server, the file would not show", false},
	"state/sandbox/internal/directory":  {[]string{"state/sandbox/internal/guid", "state/sandbox/internal/ordered", "state/sandbox/internal/refusal", "state/sandbox/internal/strict", "state/sandbox/internal/variant"}, "rules that knew how they are asked for would answer each client otherwise", true},
	"state/sandbox/internal/faults":     {[]string{"state/sandbox/internal/strict", "state/sandbox/internal/variant"}, "what goes wrong must not depend on what the tenant holds: calls and times alone", false},
	"state/sandbox/internal/guid":       {nil, "an id depends on what it is derived from, and on nothing else", true},
	"state/sandbox/internal/loopback":   {nil, "a host is compared, and nothing is asked", false},
	"state/sandbox/internal/ordered":    {nil, "how JSON is written must not depend on what it says", true},
	"state/sandbox/internal/query":      {[]string{"state/sandbox/internal/guid", "state/sandbox/internal/ordered", "state/sandbox/internal/refusal"}, "how queries are read must not depend on what is asked for", false},
	"state/sandbox/internal/refusal":    {[]string{"state/sandbox/internal/ordered", "state/sandbox/internal/variant"}, "an error is words and a status: who is refused what is decided elsewhere", false},
	"state/sandbox/internal/strict":     {[]string{"state/sandbox/internal/guid"}, "how files are read must not depend on what they describe", true},
	"state/sandbox/internal/variant":    {nil, "a choice that depended on anything could not be made in a file", true},
}

// listed is what the go command knows of a package.
type listed struct {
	ImportPath     string
	Dir            string
	GoFiles        []string
	IgnoredGoFiles []string // of other platforms
	Imports        []string
}

func (p listed) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// lists keeps what the go command said: a call costs half a second of CPU, and most
// tests here ask the same.
var lists struct {
	sync.Mutex
	known map[string][]listed
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	lists.Lock()
	defer lists.Unlock()
	key := strings.Join(args, " ")
	if packages, known := lists.known[key]; known {
		return packages
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("decode go list: %v", err)
		}
		packages = append(packages, p)
	}
	if lists.known == nil {
		lists.known = map[string][]listed{}
	}
	lists.known[key] = packages
	return packages
}

func TestArchitectureImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range goList(t, "-json", "./...") {
		allowed, known := rules[p.name()]
		if !known {
			t.Errorf("%s has no row in the table of this test: add one with its reason, or move the code into a package that exists", p.name())
			continue
		}
		seen[p.name()] = true
		for _, path := range p.Imports {
			target, ours := strings.CutPrefix(path, module+"/")
			if ours && !slices.Contains(allowed.may, target) {
				t.Errorf("%s imports %s, which its row does not allow: %s; pass a value or an interface in instead", p.name(), target, allowed.why)
			}
		}
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("the table has a row for %s, which does not exist: remove the row", name)
		}
	}
}

// impure are the packages that pure packages may not import, with what they would bring in.
var impure = map[string]string{
	"os": "files and the environment", "os/exec": "other programs", "net": "the network", "net/http": "the network",
	"log": "output", "log/slog": "output", "math/rand": "chance", "math/rand/v2": "chance", "crypto/rand": "chance",
}

func TestArchitecturePurePackagesDoNoIO(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		if !rules[p.name()].pure {
			continue
		}
		for _, path := range p.Imports {
			if brings, forbidden := impure[path]; forbidden {
				t.Errorf("%s imports %s: that brings %s into a pure package; take a value, or an fs.FS, as input instead", p.name(), path, brings)
			}
		}
		eachFile(t, p, func(name string, file *ast.File, _ *token.FileSet) {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok && isPackage(call.X, "time") && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After"}, call.Sel.Name) {
					t.Errorf("%s calls time.%s: the time is an input here (plan.Input.Now)", name, call.Sel.Name)
				}
				if call, ok := n.(*ast.SelectorExpr); ok && isPackage(call.X, "fmt") && strings.HasPrefix(call.Sel.Name, "Print") {
					t.Errorf("%s calls fmt.%s: return the text instead", name, call.Sel.Name)
				}
				return true
			})
		})
	}
}

func isPackage(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name && id.Obj == nil
}

func eachFile(t *testing.T, p listed, do func(name string, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	for _, name := range p.GoFiles {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse %s: %v", name, err)
		}
		do(p.name()+"/"+name, file, fset)
	}
}

func TestArchitectureHeavyPartsOfTheGraphSDKStayOut(t *testing.T) {
	t.Parallel()
	const sdk = "github.com/microsoftgraph/msgraph-sdk-go"
	forbidden := map[string]string{sdk: "", sdk + "/models": "", sdk + "/users": ""}
	for _, p := range goList(t, "-deps", "-json=ImportPath", "./cmd/seatwright") {
		if _, heavy := forbidden[p.ImportPath]; heavy {
			t.Errorf("the binary depends on %s: a first build would take minutes and gigabytes; decode into our own structs", p.ImportPath)
		}
	}
}

// storageSDK is the SDK of Azure's blobs.
const storageSDK = "github.com/Azure/azure-sdk-for-go/sdk/storage/"

func TestArchitectureOnlyBlobImportsTheStorageSDK(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		for _, path := range p.Imports {
			if strings.HasPrefix(path, storageSDK) && !strings.HasPrefix(p.name(), "plan/apply/journal/blob") {
				t.Errorf("%s imports %s: code that keeps runs goes through journal.Place", p.name(), path)
			}
		}
	}
}

// TestArchitectureSDKsOfOtherCloudsStayOut also keeps out what later versions of the storage SDK
// bring along to list blobs faster: 5 MB and half a minute of the first build.
func TestArchitectureSDKsOfOtherCloudsStayOut(t *testing.T) {
	t.Parallel()
	forbidden := []string{"github.com/aws/", "cloud.google.com/", "google.golang.org/api", "gocloud.dev", "github.com/apache/arrow", "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/"}
	storage := false
	for _, p := range goList(t, "-deps", "-json=ImportPath", "./cmd/seatwright") {
		storage = storage || strings.HasPrefix(p.ImportPath, storageSDK)
		for _, path := range forbidden {
			if strings.HasPrefix(p.ImportPath, path) {
				t.Errorf("the binary depends on %s: azblob alone keeps runs, in the version of go.mod", p.ImportPath)
			}
		}
	}
	if !storage {
		t.Errorf("the binary does not depend on %s: this test looks at the wrong thing", storageSDK)
	}
}

// The sizes above which a reader loses the thread.
const (
	maxFunctionLines = 60
	maxFileLines     = 400
)

func TestArchitectureFunctionsAndFilesStayShort(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		eachFile(t, p, func(name string, file *ast.File, fset *token.FileSet) {
			if lines := fset.Position(file.End()).Line; lines > maxFileLines {
				t.Errorf("%s has %d lines, more than %d: split it by what its parts are about", name, lines, maxFileLines)
			}
			for _, decl := range file.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok {
					if lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; lines > maxFunctionLines {
						t.Errorf("%s: %s has %d lines, more than %d: name its stages", name, f.Name.Name, lines, maxFunctionLines)
					}
				}
			}
		})
	}
}

func TestArchitectureOnePackageComment(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		comments := 0
		eachFile(t, p, func(_ string, file *ast.File, _ *token.FileSet) {
			if file.Doc != nil {
				comments++
			}
		})
		if comments != 1 {
			t.Errorf("%s has %d package comments, want one that says what it is, its words, what it must never do, where to begin", p.name(), comments)
		}
	}
}

func TestArchitectureNothingRunsBeforeMainOrExitsElsewhere(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		eachFile(t, p, func(name string, file *ast.File, _ *token.FileSet) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Name.Name == "init" && n.Recv == nil {
						t.Errorf("%s has an init function: wire it up where it is used", name)
					}
				case *ast.SelectorExpr:
					if p.name() != "cmd/seatwright" && isPackage(n.X, "os") && n.Sel.Name == "Exit" {
						t.Errorf("%s calls os.Exit: return an error, main alone exits", name)
					}
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "InsecureSkipVerify" {
						t.Errorf("%s mentions InsecureSkipVerify: TLS is always verified", name)
					}
				}
				return true
			})
		})
	}
}

func TestArchitectureTopLevel(t *testing.T) {
	t.Parallel()
	allowed := []string{"cmd", "plan", "state", "policies", "examples", "go.mod", "go.sum", "README.md", "LICENSE", "CHANGELOG.md"}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(allowed, entry.Name()) {
			t.Errorf("%s does not belong at the top level: it is given and not to be changed", entry.Name())
		}
	}
	mod, err := fs.ReadFile(os.DirFS(filepath.Join("..", "..")), "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(mod, []byte("\nreplace ")) {
		t.Error("go.mod has a replace directive: an installation of the module would not get it")
	}
}
