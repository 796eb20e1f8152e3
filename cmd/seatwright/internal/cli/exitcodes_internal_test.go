package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestExitReasonsAreExactlyThoseOfTheCode reads the source: a word without a row, and a row
// that no code uses, would make the reference wrong.
func TestExitReasonsAreExactlyThoseOfTheCode(t *testing.T) {
	t.Parallel()
	listed := map[exitReason]bool{}
	for _, row := range exitReasons {
		if listed[row.reason] || len(row.codes) == 0 || row.meaning == "" {
			t.Errorf("%q has two rows, or one without code or meaning", row.reason)
		}
		listed[row.reason] = true
	}
	used := reasonsOfEarlyErrors(t)
	constants, uses := reasonsOfPackage(t)
	for name, word := range constants {
		if slices.Contains(uses, name) {
			used = append(used, word)
		}
	}
	for _, word := range used {
		if !listed[word] {
			t.Errorf("the code uses the exit reason %q: add a row to exitReasons", word)
		}
	}
	for word := range listed {
		if !slices.Contains(used, word) {
			t.Errorf("no code uses the exit reason %q: remove its row", word)
		}
	}
}

// reasonsOfPackage returns the constants of type exitReason, and the names that are used
// outside of the file that has them.
func reasonsOfPackage(t *testing.T) (constants map[string]exitReason, uses []string) {
	t.Helper()
	constants = map[string]exitReason{}
	eachSource(t, ".", func(name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && isIdent(spec.Type, "exitReason") {
				constants[spec.Names[0].Name] = exitReason(unquote(t, spec.Values[0]))
			}
			if id, ok := n.(*ast.Ident); ok && name != "exitcodes.go" {
				uses = append(uses, id.Name)
			}
			if literal, ok := n.(*ast.CompositeLit); ok && isIdent(literal.Type, "exit") && name != "exit.go" {
				t.Errorf("%s: an exit is made without ends, so its code is not from the table", name)
			}
			call, ok := n.(*ast.CallExpr)
			if ok && isIdent(call.Fun, "ends") && isLiteral(call.Args[0]) {
				t.Errorf("%s: the exit reason %q is no constant", name, unquote(t, call.Args[0]))
			}
			return true
		})
	})
	return constants, uses
}

// reasonsOfEarlyErrors returns the words of runs that stop early, which apply chooses.
func reasonsOfEarlyErrors(t *testing.T) []exitReason {
	t.Helper()
	var words []exitReason
	eachSource(t, filepath.Join("..", "..", "..", "..", "plan"), func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			of := literal.Type
			if qualified, ok := of.(*ast.SelectorExpr); ok {
				of = qualified.Sel
			}
			if !isIdent(of, "EarlyError") {
				return true
			}
			for _, element := range literal.Elts {
				if field, ok := element.(*ast.KeyValueExpr); ok && isIdent(field.Key, "Reason") {
					words = append(words, exitReason(unquote(t, field.Value)))
				}
			}
			return true
		})
	})
	if len(words) < 4 {
		t.Errorf("found the words %v only: does the test still look at the right type?", words)
	}
	return words
}

func eachSource(t *testing.T, root string, do func(name string, file *ast.File)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, 0)
		if err == nil {
			do(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func isLiteral(x ast.Expr) bool {
	_, ok := x.(*ast.BasicLit)
	return ok
}

func unquote(t *testing.T, x ast.Expr) string {
	t.Helper()
	literal, ok := x.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%v is no literal", x)
	}
	word, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return word
}

// TestExitCodesAreExactlyThoseOfTheReasons finds a code that no reason has, and a code of a
// reason that the table of codes does not have.
func TestExitCodesAreExactlyThoseOfTheReasons(t *testing.T) {
	t.Parallel()
	var codes, ofReasons []ExitCode
	for _, row := range exitCodes {
		codes = append(codes, row.code)
	}
	for _, row := range exitReasons {
		ofReasons = append(ofReasons, row.codes...)
	}
	slices.Sort(ofReasons)
	if got := slices.Compact(ofReasons); !slices.Equal(got, codes) {
		t.Errorf("reasons have the codes %v, the table has %v", got, codes)
	}
}
