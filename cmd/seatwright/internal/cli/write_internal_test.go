package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOnlyApplyAndCorrectCanWrite reads the source. Only a locked tenant builds a client that
// can write, or opens the store to record a run. Only two commands make one.
func TestOnlyApplyAndCorrectCanWrite(t *testing.T) {
	t.Parallel()
	made, wrote, kept := usesOf(t, isLockedTenant), usesOf(t, setsWrite), usesOf(t, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		return ok && slices.ContainsFunc(call.Args, func(x ast.Expr) bool { return isIdent(x, "toKeep") })
	})
	if want := []string{"applyPlan", "correctDrift"}; !slices.Equal(made, want) {
		t.Errorf("a lockedTenant is made in %v, want %v", made, want)
	}
	if want := []string{"lockedTenant.signIn"}; !slices.Equal(wrote, want) {
		t.Errorf("a client that can write is built in %v, want %v", wrote, want)
	}
	if want := []string{"lockedTenant.openStore"}; !slices.Equal(kept, want) {
		t.Errorf("the store of runs is opened to keep one in %v, want %v", kept, want)
	}
}

func isIdent(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

func isLockedTenant(n ast.Node) bool {
	literal, ok := n.(*ast.CompositeLit)
	if ok && isIdent(literal.Type, "lockedTenant") {
		return true
	}
	call, ok := n.(*ast.CallExpr)
	return ok && isIdent(call.Fun, "new") && isIdent(call.Args[0], "lockedTenant")
}

// setsWrite finds graph.Options{Write: ...} and options.Write = ...
func setsWrite(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		return isIdent(n.Key, "Write")
	case *ast.AssignStmt:
		return slices.ContainsFunc(n.Lhs, func(x ast.Expr) bool {
			field, ok := x.(*ast.SelectorExpr)
			return ok && field.Sel.Name == "Write"
		})
	}
	return false
}

// usesOf returns the functions of the package in which something is, sorted.
func usesOf(t *testing.T, found func(ast.Node) bool) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var in []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			where := name
			if f, ok := decl.(*ast.FuncDecl); ok {
				where = receiver(f) + f.Name.Name
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if n != nil && found(n) && !slices.Contains(in, where) {
					in = append(in, where)
				}
				return true
			})
		}
	}
	slices.Sort(in)
	return in
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	x := f.Recv.List[0].Type
	if pointer, ok := x.(*ast.StarExpr); ok {
		x = pointer.X
	}
	return x.(*ast.Ident).Name + "."
}
