package main_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The limits of receivers and packages. A receiver with more methods than this is
// several types that share their fields; a larger package has a seam that was not cut.
const (
	maxMethods      = 40
	maxPackageLines = 5000
)

// fewerMethods are the limits of packages in which a receiver must not collect what the
// packages below decide.
var fewerMethods = map[string]int{"cmd/seatwright/internal/cli": 15}

// exempt are the receivers and packages that are above the limits, each with the day
// from which the test fails all the same. It is empty, and should stay so.
var exempt = map[string]string{}

// receivers are the named types of the module: their own methods, and the types whose
// methods they have by embedding.
type receivers struct {
	methods  map[string]map[string]bool
	embedded map[string][]string
}

// readReceivers reads the declarations of all packages. It works on syntax alone, so
// methods of embedded types of other modules do not count.
func readReceivers(t *testing.T) receivers {
	t.Helper()
	r := receivers{map[string]map[string]bool{}, map[string][]string{}}
	for _, p := range goList(t, "-json", "./...") {
		eachFile(t, p, func(_ string, file *ast.File, _ *token.FileSet) {
			imports := moduleImports(file)
			for _, decl := range file.Decls {
				switch decl := decl.(type) {
				case *ast.FuncDecl:
					if decl.Recv != nil {
						r.addMethod(typeName(p.name(), nil, decl.Recv.List[0].Type), decl.Name.Name)
					}
				case *ast.GenDecl:
					for _, spec := range decl.Specs {
						if spec, ok := spec.(*ast.TypeSpec); ok {
							r.addType(p.name(), imports, spec)
						}
					}
				}
			}
		})
	}
	return r
}

func (r receivers) addMethod(receiver, method string) {
	if r.methods[receiver] == nil {
		r.methods[receiver] = map[string]bool{}
	}
	r.methods[receiver][method] = true
}

// addType notes what a type embeds, and the methods of an interface.
func (r receivers) addType(pkg string, imports map[string]string, spec *ast.TypeSpec) {
	name := pkg + "." + spec.Name.Name
	var fields *ast.FieldList
	switch underlying := spec.Type.(type) {
	case *ast.StructType:
		fields = underlying.Fields
	case *ast.InterfaceType:
		fields = underlying.Methods
	default:
		return
	}
	for _, field := range fields.List {
		if len(field.Names) == 0 {
			r.embedded[name] = append(r.embedded[name], typeName(pkg, imports, field.Type))
			continue
		}
		if _, method := field.Type.(*ast.FuncType); method {
			if _, isInterface := spec.Type.(*ast.InterfaceType); isInterface {
				r.addMethod(name, field.Names[0].Name)
			}
		}
	}
}

// all returns the names of a type's methods, promoted ones included.
func (r receivers) all(name string, seen map[string]bool) map[string]bool {
	methods := map[string]bool{}
	if seen[name] {
		return methods
	}
	seen[name] = true
	for method := range r.methods[name] {
		methods[method] = true
	}
	for _, embedded := range r.embedded[name] {
		for method := range r.all(embedded, seen) {
			methods[method] = true
		}
	}
	return methods
}

// typeName returns the package and name of a type expression, or "" for types of
// other modules.
func typeName(pkg string, imports map[string]string, x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(pkg, imports, x.X)
	case *ast.IndexExpr:
		return typeName(pkg, imports, x.X)
	case *ast.IndexListExpr:
		return typeName(pkg, imports, x.X)
	case *ast.Ident:
		return pkg + "." + x.Name
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok && imports[id.Name] != "" {
			return imports[id.Name] + "." + x.Sel.Name
		}
	}
	return ""
}

// moduleImports returns the packages of this module that a file imports, by the name
// that the file gives them.
func moduleImports(file *ast.File) map[string]string {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if target, ours := strings.CutPrefix(path, module+"/"); err == nil && ours {
			name := target[strings.LastIndex(target, "/")+1:]
			if spec.Name != nil {
				name = spec.Name.Name
			}
			imports[name] = target
		}
	}
	return imports
}

func TestArchitectureReceiversHaveFewMethods(t *testing.T) {
	t.Parallel()
	r := readReceivers(t)
	names := map[string]bool{}
	for name := range r.methods {
		names[name] = true
	}
	for name := range r.embedded {
		names[name] = true
	}
	above := map[string]bool{}
	for name := range names {
		limit := maxMethods
		if fewer, stricter := fewerMethods[name[:strings.LastIndex(name, ".")]]; stricter {
			limit = fewer
		}
		if count := len(r.all(name, map[string]bool{})); count > limit {
			above[name] = true
			checkExempt(t, name, "has %d methods (promoted ones count), more than %d: cut it along the stages its methods belong to", count, limit)
		}
	}
	for name := range exempt {
		if strings.Contains(name, ".") && !above[name] {
			t.Errorf("%s is within the limit of methods: remove it from the list of exemptions", name)
		}
	}
}

func TestArchitecturePackagesStaySmall(t *testing.T) {
	t.Parallel()
	above := map[string]bool{}
	for _, p := range goList(t, "-json", "./...") {
		lines := 0
		eachFile(t, p, func(_ string, file *ast.File, fset *token.FileSet) {
			lines += fset.Position(file.FileEnd).Line - 1
		})
		if lines > maxPackageLines {
			above[p.name()] = true
			checkExempt(t, p.name(), "has %d lines, more than %d: move a part with few ties to the rest into a package of its own", lines, maxPackageLines)
		}
	}
	for name := range exempt {
		if !strings.Contains(name, ".") && !above[name] {
			t.Errorf("%s is within the limit of %d lines: remove it from the list of exemptions", name, maxPackageLines)
		}
	}
}

// today returns the day on which the test runs, as the list of exemptions writes it.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// checkExempt fails for a receiver or package above its limit that is not exempt, or
// no longer.
func checkExempt(t *testing.T, name, format string, args ...any) {
	t.Helper()
	until, known := exempt[name]
	if !known || today() > until {
		t.Errorf("%s "+format, append([]any{name}, args...)...)
	}
}

func TestArchitectureDocNamesEveryFile(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-json", "./...") {
		if len(p.GoFiles) < 2 {
			continue
		}
		doc := ""
		eachFile(t, p, func(name string, file *ast.File, _ *token.FileSet) {
			if file.Doc != nil && strings.HasSuffix(name, "/doc.go") {
				doc = file.Doc.Text()
			}
		})
		if doc == "" {
			t.Errorf("%s has no doc.go with a package comment: add one that names its files and where to begin reading", p.name())
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			if name != "doc.go" && !namesFile(doc, name) {
				t.Errorf("%s/doc.go does not name %s: add what it is for", p.name(), name)
			}
		}
	}
}

// namesFile reports whether a text has the name of a file as a whole word.
func namesFile(text, name string) bool {
	for rest := text; ; {
		before, after, found := strings.Cut(rest, name)
		if !found {
			return false
		}
		if before == "" || !isNamePart(before[len(before)-1]) {
			return true
		}
		rest = after
	}
}

func isNamePart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
}
