package policies_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
)

// aliasBomb returns a few hundred bytes that would be 9^9 values if they were expanded.
func aliasBomb() string {
	var b strings.Builder
	b.WriteString("policies: &a0 [x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return b.String()
}

func TestLoadRefusesHostileYAML(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"an alias bomb":          {aliasBomb(), "policies/a.yaml:1:11: anchors (&) are not allowed; write the value out where it is used [anchor]"},
		"an anchor inside of it": {"policies: &p [*p]", "policies/a.yaml:1:11: anchors (&) are not allowed; write the value out where it is used [anchor]"},
		"too many values":        {"policies: [" + strings.Repeat("a,", 100_000) + "a]", "policies/a.yaml:1:11: more than 100000 values in one file; split the file [limit]"},
		"too many keys":          {strings.Repeat("a:\n", 60_000), "policies/a.yaml:1:1: more than 100000 values in one file; split the file [limit]"},
		"too deep a list":        {"policies: " + strings.Repeat("[", 33) + strings.Repeat("]", 33), "policies/a.yaml:1:42: nested more than 32 deep [limit]"},
		"too deep to be parsed":  {strings.Repeat("[", 20_000), "policies/a.yaml:1: not valid YAML: exceeded max depth of 10000 [syntax]"},
		"zero bytes":             {"policies: \x00", "policies/a.yaml:1: the file is UTF-16, or not text at all; save the file as UTF-8 [encoding]"},
		"an unknown alias":       {"policies: *p", "policies/a.yaml:1: not valid YAML: unknown anchor 'p' referenced [syntax]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := policies.Load(files("policies/a.yaml", test.text), tenant())
			first, _, _ := strings.Cut(report(nil, err), "\n")
			if diff := cmp.Diff(test.want, first); diff != "" {
				t.Errorf("first problem (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadReadsFilesJustWithinTheLimits(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("policies:\n")
	for i := range 9_000 { // 11 values each
		fmt.Fprintf(&b, "- {name: p%d, users: {all: true}, licenses: [E5]}\n", i)
	}
	set := mustLoad(t, files("policies/a.yaml", b.String()))
	if len(set.Policies) != 9_000 {
		t.Errorf("got %d policies, want 9000", len(set.Policies))
	}
}

// failing is a file system in which one file cannot be opened.
type failing struct {
	fstest.MapFS
	path string
	err  error
}

func (f failing) Open(path string) (fs.File, error) {
	if path == f.path {
		return nil, &fs.PathError{Op: "open", Path: path, Err: f.err}
	}
	return f.MapFS.Open(path)
}

func TestLoadReportsUnreadableFilesAtTheirName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"for want of permission": {fs.ErrPermission, "may not be read: permission denied"},
		"for another reason":     {errors.New("disk on fire"), "cannot be read: disk on fire"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project := files("policies/a.yaml", "policies: [{name: a, users: {list: l.txt}, licenses: [E5]}]", "l.txt", "a@b.ch")
			_, _, err := policies.Load(failing{project, "l.txt", test.err}, tenant())
			want := "policies/a.yaml:1:36: \"l.txt\" " + test.want + " [file]\n"
			if diff := cmp.Diff(want, report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
