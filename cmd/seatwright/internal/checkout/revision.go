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

// Revision is the folder of the policies as a commit has it. It is read from git's objects
// and not checked out. The rules for paths and links of a [Project] apply here too.
type Revision struct {
	commit  string
	nodes   map[string]*treeNode // by path below the folder; "." is the folder itself
	content func(object string) ([]byte, error)
	// beside opens what git does not track: an export that a pipeline puts into the
	// checkout is the same for every commit. nil: there is no such file.
	beside  fs.FS
	tracked map[string]bool // files that git tracks in the checkout
}

// treeNode is a file, a link or a folder of a commit.
type treeNode struct {
	name   string
	mode   fs.FileMode
	object string
	size   int64
	below  []fs.DirEntry // of a folder, sorted by name
}

// OpenRevision reads which files a commit has in a folder of a checkout. The name of the
// commit need not be trusted.
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

// findCommit returns the commit of a name.
func findCommit(ctx context.Context, dir, name string) (string, error) {
	if !InCheckout(dir) {
		return "", usage("run it in a git checkout of the policies", "find revision %q: %s is not in a git checkout", name, dir)
	}
	commit, warnings, err := gitWithWarnings(ctx, dir, "-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
	switch {
	case err == nil && strings.Contains(warnings, "is ambiguous"): // a tag goes before the branch of its name, and everyone who may push can make one
		return "", usage("write the full name, such as refs/remotes/origin/main, and find out who made the other one", "find revision %q: git has several of this name, such as a branch and a tag", name)
	case err != nil || commit == "":
		return "", usage("fetch it first: a shallow clone has only the last commit (in GitHub Actions: fetch-depth: 0)", "find revision %q: git does not have it", name)
	}
	return commit, nil
}

// notByLink refuses a folder that is reached by a link inside of the checkout. The author of
// the link would choose which folder of another commit it is compared with.
func notByLink(dir string) error {
	at, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return nil
		}
		if info, err := os.Lstat(at); err == nil && info.Mode().Type() == fs.ModeSymlink {
			return usage("name the folder itself with -C", "read another commit: %s is a link", at)
		}
		parent := filepath.Dir(at)
		if parent == at {
			return nil
		}
		at = parent
	}
	return err
}

// NotInside refuses a checkout that is a part of another one. The author of the outer one
// decides which repository this is, and which branches it has.
func NotInside(ctx context.Context, dir string) error {
	if !InCheckout(dir) {
		return nil // findCommit reports that
	}
	outer, err := git(ctx, dir, "rev-parse", "--show-superproject-working-tree")
	if err != nil {
		return fmt.Errorf("look for the repository around the checkout: %w", err)
	}
	if outer != "" {
		return usage("check out the policies as a repository of their own", "trust a revision: %s is a submodule of %s", dir, outer)
	}
	return nil
}

// MergeBase returns the commit at which HEAD left another revision.
func MergeBase(ctx context.Context, dir, name string) (string, error) {
	other, err := findCommit(ctx, dir, name)
	if err != nil {
		return "", err
	}
	base, err := git(ctx, dir, "merge-base", other, "HEAD")
	if err != nil || base == "" {
		return "", usage("fetch the whole history (in GitHub Actions: fetch-depth: 0)", "find where HEAD left %q: git has no common commit of both", name)
	}
	return base, nil
}

// TrackedFiles returns the files below a folder that git tracks in the checkout.
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

// add adds one line of `git ls-tree --long -z`: "100644 blob OBJECT    SIZE\tPATH".
func (r *Revision) add(line, prefix string) error {
	if line == "" {
		return nil
	}
	facts, name, _ := strings.Cut(line, "\t")
	fields := strings.Fields(facts)
	below, inside := strings.CutPrefix(name, prefix)
	if len(fields) != 4 || !inside || !fs.ValidPath(below) {
		return fmt.Errorf("git lists %q in a form that is not supported", name)
	}
	node := &treeNode{name: path.Base(below), object: fields[2]}
	switch fields[0] {
	case "100644", "100755", "100664":
	case "120000":
		node.mode = fs.ModeSymlink
	default: // such as another repository: there is nothing to open
		return nil
	}
	size, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return fmt.Errorf("git lists %q with the size %q", name, fields[3])
	}
	node.size = size
	r.nodes[below] = node
	r.addToFolder(below, node)
	return nil
}

// addToFolder adds a node to its folder, and adds the folder if it is new.
func (r *Revision) addToFolder(name string, node *treeNode) {
	folder := path.Dir(name)
	parent := r.nodes[folder]
	if parent == nil {
		parent = &treeNode{name: path.Base(folder), mode: fs.ModeDir}
		r.nodes[folder] = parent
		r.addToFolder(folder, parent)
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

// isBeside reports whether git does not track a name in the checkout, nor a folder above it
// as a link or a repository of its own.
func (r *Revision) isBeside(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if r.tracked[name] {
			return false
		}
	}
	return r.beside != nil
}

// openBeside opens a file of the checkout. A folder there is not one of the commit.
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

// Stat describes the file of a name, without reading it.
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

// treeOf is a revision whose links can be read.
type treeOf struct{ *Revision }

// Lstat describes a name, and does not follow it if it is a link.
func (t treeOf) Lstat(name string) (fs.FileInfo, error) {
	node := t.nodes[name]
	if node == nil {
		return nil, fs.ErrNotExist
	}
	return node, nil
}

// Readlink returns the target of a link.
func (t treeOf) Readlink(name string) (string, error) {
	target, err := t.content(t.nodes[name].object)
	return string(target), err
}

// The methods of fs.FileInfo. Commits have no times.
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

// ReadDir returns up to n entries of the folder that it has not returned yet; all if n is 0
// or less.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.left)
	} else if len(f.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.left))
	entries := f.left[:n:n]
	f.left = f.left[n:]
	return slices.Clone(entries), nil
}
