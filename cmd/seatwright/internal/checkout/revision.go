package checkout

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Revision is the folder of the policies as a commit has it: read out of git's
// objects, and not checked out. What holds for paths and links in a [Project] holds
// here too.
type Revision struct {
	commit  string
	nodes   map[string]*treeNode // by path below the folder; "." is the folder itself
	content func(object string) ([]byte, error)
	// beside opens what git does not have at all: an export that a pipeline puts into
	// the checkout is the same for every commit. nil: there is nothing beside.
	beside  fs.FS
	tracked map[string]bool // what git has in the commit that is checked out
}

// treeNode is a file, a link or a folder of a commit.
type treeNode struct {
	name   string
	mode   fs.FileMode
	object string
	size   int64
	below  []fs.DirEntry // of a folder, sorted by name
}

// OpenRevision reads which files a commit has in a folder of a checkout. The name of
// the commit may come from anywhere.
func OpenRevision(ctx context.Context, dir, name string) (*Revision, error) {
	commit, err := findCommit(ctx, dir, name)
	if err == nil {
		err = notByLink(dir)
	}
	if err != nil {
		return nil, err
	}
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("read revision %s: %w", name, err)
	}
	listing, err := gitBytes(ctx, dir, "ls-tree", "-r", "-z", "--long", "--full-tree", commit, "--", cmp.Or(prefix, "."))
	if err != nil {
		return nil, fmt.Errorf("read revision %s: %w", name, err)
	}
	r := &Revision{commit: commit, nodes: map[string]*treeNode{".": {name: ".", mode: fs.ModeDir}}}
	r.content = func(object string) ([]byte, error) { return gitBytes(ctx, dir, "cat-file", "blob", object) }
	for entry := range bytes.SplitSeq(listing, []byte{0}) {
		if err := r.add(string(entry), prefix); err != nil {
			return nil, fmt.Errorf("read revision %s: %w", name, err)
		}
	}
	return r, nil
}

// findCommit finds the commit that a name means.
func findCommit(ctx context.Context, dir, name string) (string, error) {
	if !InCheckout(dir) {
		return "", usage("run it in a git checkout of the policies", "find revision %q: %s is in no git checkout", name, dir)
	}
	commit, warnings, err := gitSpeaking(ctx, dir, "-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
	switch {
	case err == nil && strings.Contains(warnings, "is ambiguous"): // a tag goes before the branch of its name, and whoever may push can make one
		return "", usage("write it in full, such as refs/remotes/origin/main, and find out who made the other", "find revision %q: git knows several of this name, such as a branch and a tag", name)
	case err != nil || commit == "":
		return "", usage("fetch it first: a shallow clone has the last commit alone (in GitHub Actions: fetch-depth: 0)", "find revision %q: git does not know it", name)
	}
	return commit, nil
}

// notByLink refuses a folder that is reached by a link inside of the checkout: whoever may
// change the checkout would choose which folder of another commit it is compared with.
func notByLink(dir string) error {
	at, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return nil
		}
		if info, err := os.Lstat(at); err == nil && info.Mode().Type() == fs.ModeSymlink {
			return usage("name the folder itself with -C", "look into another commit: %s is a link", at)
		}
		parent := filepath.Dir(at)
		if parent == at {
			return nil
		}
		at = parent
	}
	return err
}

// NotInside refuses a checkout that is a part of another one: whoever may change that
// says which repository it is, with which branches.
func NotInside(ctx context.Context, dir string) error {
	if !InCheckout(dir) {
		return nil // as findCommit says
	}
	outer, err := git(ctx, dir, "rev-parse", "--show-superproject-working-tree")
	if err != nil {
		return fmt.Errorf("look for the repository around the checkout: %w", err)
	}
	if outer != "" {
		return usage("check the policies out as a repository of their own", "trust a revision: %s is a submodule of %s", dir, outer)
	}
	return nil
}

// MergeBase is the commit from which HEAD and another commit went different ways.
func MergeBase(ctx context.Context, dir, name string) (string, error) {
	other, err := findCommit(ctx, dir, name)
	if err != nil {
		return "", err
	}
	base, err := git(ctx, dir, "merge-base", other, "HEAD")
	if err != nil || base == "" {
		return "", usage("fetch the whole history (in GitHub Actions: fetch-depth: 0)", "find where HEAD left %q: git knows no commit that both come from", name)
	}
	return base, nil
}

// TrackedFiles are the files below a folder that git knows in the checkout.
func TrackedFiles(ctx context.Context, dir string) (map[string]bool, error) {
	listing, err := gitBytes(ctx, dir, "ls-files", "-z")
	if err != nil {
		return nil, fmt.Errorf("list the files that git tracks: %w", err)
	}
	files := map[string]bool{}
	for name := range bytes.SplitSeq(listing, []byte{0}) {
		files[string(name)] = true
	}
	return files, nil
}

// Commit returns the full name of the commit.
func (r *Revision) Commit() string { return r.commit }

// With returns the revision with those files of a checkout that git does not track there.
func (r *Revision) With(checkout fs.FS, tracked map[string]bool) fs.FS {
	with := *r
	with.beside, with.tracked = checkout, tracked
	return &with
}

// Has reports whether the commit itself has a file, a link or a folder of this name.
func (r *Revision) Has(name string) bool { return r.nodes[name] != nil }

// add takes one line of `git ls-tree --long -z`: "100644 blob OBJECT    SIZE\tPATH".
func (r *Revision) add(line, prefix string) error {
	if line == "" {
		return nil
	}
	facts, name, _ := strings.Cut(line, "\t")
	fields := strings.Fields(facts)
	below, inside := strings.CutPrefix(name, prefix)
	if len(fields) != 4 || !inside || !fs.ValidPath(below) {
		return fmt.Errorf("git lists %q, which is not understood", name)
	}
	node := &treeNode{name: path.Base(below), object: fields[2]}
	switch fields[0] {
	case "100644", "100755", "100664":
	case "120000":
		node.mode = fs.ModeSymlink
	default: // of another repository, say: there is nothing to open
		return nil
	}
	size, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return fmt.Errorf("git lists %q with the size %q", name, fields[3])
	}
	node.size = size
	r.nodes[below] = node
	r.hang(below, node)
	return nil
}

// hang puts a node into its folder, which is made where it is not known yet.
func (r *Revision) hang(name string, node *treeNode) {
	folder := path.Dir(name)
	parent := r.nodes[folder]
	if parent == nil {
		parent = &treeNode{name: path.Base(folder), mode: fs.ModeDir}
		r.nodes[folder] = parent
		r.hang(folder, parent)
	}
	at, _ := slices.BinarySearchFunc(parent.below, node.name, func(e fs.DirEntry, name string) int { return cmp.Compare(e.Name(), name) })
	parent.below = slices.Insert(parent.below, at, fs.FileInfoToDirEntry(node))
}

// Open opens a file or a folder.
func (r *Revision) Open(name string) (fs.File, error) {
	node, err := r.find(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.isBeside(name):
		return r.openBeside(name)
	case err != nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	case node.mode.IsDir():
		return &openFolder{treeNode: node, left: node.below}, nil
	}
	data, err := r.content(node.object)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("git cannot read it: %w", err)}
	}
	return &openBlob{treeNode: node, Reader: bytes.NewReader(data)}, nil
}

// isBeside says that git has nothing of a name in the commit that is checked out, nor, as
// a link or a repository of its own, a folder above it.
func (r *Revision) isBeside(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if r.tracked[name] {
			return false
		}
	}
	return r.beside != nil
}

// openBeside opens a file of the checkout. A folder there is not the commit's.
func (r *Revision) openBeside(name string) (fs.File, error) {
	file, err := r.beside.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return nil, errors.Join(&fs.PathError{Op: "open", Path: name, Err: cmp.Or(err, fs.ErrNotExist)}, file.Close())
	}
	return file, nil
}

// Stat says what a name leads to, without reading it.
func (r *Revision) Stat(name string) (fs.FileInfo, error) {
	node, err := r.find(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.isBeside(name):
		file, err := r.openBeside(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return file.Stat()
	case err != nil:
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return node, nil
}

func (r *Revision) find(name string) (*treeNode, error) {
	real, err := resolve(treeOf{r}, name)
	if err != nil {
		return nil, err
	}
	node := r.nodes[real]
	if node == nil {
		return nil, fs.ErrNotExist
	}
	return node, nil
}

// treeOf shows the links of a revision.
type treeOf struct{ *Revision }

// Lstat looks at a name, and does not follow it.
func (t treeOf) Lstat(name string) (fs.FileInfo, error) {
	node := t.nodes[name]
	if node == nil {
		return nil, fs.ErrNotExist
	}
	return node, nil
}

// Readlink says where a link leads.
func (t treeOf) Readlink(name string) (string, error) {
	target, err := t.content(t.nodes[name].object)
	return string(target), err
}

// The facts of a node. Commits have no times.
func (n *treeNode) Name() string       { return n.name }
func (n *treeNode) Size() int64        { return n.size }
func (n *treeNode) Mode() fs.FileMode  { return n.mode | 0o444 }
func (n *treeNode) ModTime() time.Time { return time.Time{} }
func (n *treeNode) IsDir() bool        { return n.mode.IsDir() }
func (n *treeNode) Sys() any           { return nil }

// openBlob is a file that was opened.
type openBlob struct {
	*treeNode
	*bytes.Reader
}

func (f *openBlob) Stat() (fs.FileInfo, error) { return f.treeNode, nil }
func (f *openBlob) Size() int64                { return f.size }
func (f *openBlob) Close() error               { return nil }

// openFolder is a folder that was opened.
type openFolder struct {
	*treeNode
	left []fs.DirEntry
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.treeNode, nil }
func (f *openFolder) Close() error               { return nil }

func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.name, Err: errors.New("it is a folder")}
}

// ReadDir lists what is in the folder, in portions of n; 0 or less is all.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.left)
	} else if len(f.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.left))
	portion := f.left[:n:n]
	f.left = f.left[n:]
	return slices.Clone(portion), nil
}
