package plan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/seatwright/seatwright/plan"
)

// A new reason without a hint fails here.
func TestReasonHintOfEveryReason(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "plan.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	reasons := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, named := spec.Type.(*ast.Ident)
		value, literal := spec.Values[0].(*ast.BasicLit)
		if !named || kind.Name != "Reason" || !literal {
			return true
		}
		reasons++
		reason, err := strconv.Unquote(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Reason(reason).Hint() == "" {
			t.Errorf("%s has no hint", spec.Names[0].Name)
		}
		return true
	})
	if reasons < 14 {
		t.Errorf("found %d reasons in plan.go: this test looks in the wrong place", reasons)
	}
}
