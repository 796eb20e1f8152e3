package checkout

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// repository returns the folder of a new git repository with one commit. A value that begins
// with "->" is a link.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	runGit(t, dir, "init", "--quiet", "--initial-branch=main")
	commitFiles(t, dir, files)
	return dir
}

func commitFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if target, link := strings.CutPrefix(content, "->"); link {
			if err := os.Symlink(target, file); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runGit(t, dir, "add", "--all")
	runGit(t, dir, "-c", "user.name=A", "-c", "user.email=a@contoso.com", "commit", "--quiet", "-m", "files")
}

func runGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := git(t.Context(), dir, args...); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestRevisionIsAFileSystem(t *testing.T) {
	for _, folder := range []string{".", "tenants/contoso"} {
		t.Run(folder, func(t *testing.T) {
			dir := repository(t, map[string]string{
				folder + "/seatwright.yaml": "version: 1\n", folder + "/policies/a.yaml": "a", folder + "/policies/sub/b c.yaml": "b", folder + "/data/ä.csv": "ObjectId\r\n",
				"elsewhere/x": "",
			})
			commit, err := OpenRevision(t.Context(), filepath.Join(dir, folder), "HEAD")
			if err != nil {
				t.Fatal(err)
			}
			if err := fstest.TestFS(commit, "seatwright.yaml", "policies/a.yaml", "policies/sub/b c.yaml", "data/ä.csv"); err != nil {
				t.Error(err)
			}
			if folder != "." {
				if _, err := fs.Stat(commit, "elsewhere"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("a file outside of the folder: %v", err)
				}
			}
		})
	}
}

func TestRevisionHasWhatWasCommitted(t *testing.T) {
	dir := repository(t, map[string]string{"a.yaml": "then", ".gitattributes": "a.yaml export-ignore text eol=crlf\n"})
	commitFiles(t, dir, map[string]string{"a.yaml": "now\n"})
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("not committed"), 0o600); err != nil {
		t.Fatal(err)
	}
	for rev, want := range map[string]string{"HEAD~1": "then", "HEAD": "now\n", "main": "now\n"} {
		commit, err := OpenRevision(t.Context(), dir, rev)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fs.ReadFile(commit, "a.yaml"); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", rev, got, err, want)
		}
	}
}

func TestRevisionLinksStayInside(t *testing.T) {
	dir := repository(t, map[string]string{
		"data/real.csv": "rows", "near.csv": "->data/real.csv", "folder": "->data", "out": "->../../etc/passwd", "absolute": "->/etc/passwd",
		"hidden": "->.git/config", "a": "->b", "b": "->a", ".env": "secret", "up/x.csv": "->../data/real.csv",
	})
	commit, err := OpenRevision(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for name, opens := range map[string]bool{
		"near.csv": true, "folder/real.csv": true, "up/x.csv": true,
		"out": false, "absolute": false, "hidden": false, "a": false, ".env": false, "../x": false,
	} {
		got, err := fs.ReadFile(commit, name)
		if opens && (err != nil || string(got) != "rows") || !opens && err == nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestRevisionWithUntrackedFiles(t *testing.T) {
	dir := repository(t, map[string]string{"a.yaml": "a", ".gitignore": "export.csv\n"})
	commitFiles(t, dir, map[string]string{"new.csv": "tracked since", "led": "->other", "other/x.csv": "tracked since"})
	if err := os.WriteFile(filepath.Join(dir, "export.csv"), []byte("of today"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkout, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer checkout.Close()
	before, err := OpenRevision(t.Context(), dir, "HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(before, "export.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a checkout beside it: %v", err)
	}
	tracked, err := TrackedFiles(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	beside := before.With(checkout, tracked)
	if got, err := fs.ReadFile(beside, "export.csv"); err != nil || string(got) != "of today" {
		t.Errorf("export.csv: %q, %v", got, err)
	}
	if info, err := fs.Stat(beside, "export.csv"); err != nil || info.Size() != 8 {
		t.Errorf("export.csv: %v, %v", info, err)
	}
	for _, name := range []string{"new.csv", "led/x.csv"} {
		if _, err := fs.Stat(beside, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, which git tracks now and did not then: %v", name, err)
		}
		if got, err := fs.ReadFile(beside, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s, which git tracks now and did not then: %q, %v", name, got, err)
		}
	}
	if found, err := fs.Glob(beside, "*.csv"); err != nil || len(found) != 0 {
		t.Errorf("a pattern finds %v, %v: only what was committed may count", found, err)
	}
}

func TestOpenRevisionRefusesOtherNames(t *testing.T) {
	dir := repository(t, map[string]string{"a.yaml": "a"})
	for _, rev := range []string{"", "nowhere", "--help", "-h", "HEAD:a.yaml", "HEAD\nHEAD", "$(id)"} {
		if _, err := OpenRevision(t.Context(), dir, rev); err == nil {
			t.Errorf("%q was opened", rev)
		}
	}
	if _, err := OpenRevision(t.Context(), t.TempDir(), "HEAD"); err == nil {
		t.Error("a folder outside of a checkout has a revision")
	}
}

func TestMergeBaseIsWhereTheBranchBegan(t *testing.T) {
	dir := repository(t, map[string]string{"a.yaml": "a"})
	began, err := git(t.Context(), dir, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	runGit(t, dir, "checkout", "--quiet", "-b", "change")
	commitFiles(t, dir, map[string]string{"b.yaml": "of the change"})
	runGit(t, dir, "checkout", "--quiet", "main")
	commitFiles(t, dir, map[string]string{"c.yaml": "of main meanwhile"})
	runGit(t, dir, "checkout", "--quiet", "change")
	if got, err := MergeBase(t.Context(), dir, "main"); err != nil || got != began {
		t.Errorf("got %q, %v, want %s", got, err, began)
	}
	runGit(t, dir, "checkout", "--quiet", "--orphan", "other")
	commitFiles(t, dir, map[string]string{"d.yaml": "of nowhere"})
	if got, err := MergeBase(t.Context(), dir, "main"); err == nil {
		t.Errorf("a branch of its own has the base %s", got)
	}
}
