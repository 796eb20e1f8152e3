package checkout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// Project is the folder of the policies as a file system that cannot be led out of it. No
// path, and no link in it, leaves the folder or goes to a name that begins with a dot. Only
// regular files are opened: a pipe would block forever.
type Project struct {
	root *os.Root
}

// Open opens the folder.
func Open(dir string) (*Project, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, usage("name the folder that holds seatwright.yaml with -C", "open project: %w", err)
	}
	return &Project{root}, nil
}

// Close closes the folder.
func (p *Project) Close() error { return p.root.Close() }

// Replace writes a file of the folder completely or not at all.
func (p *Project) Replace(name string, data []byte) error {
	return ReplaceFile(p.root, name, data)
}

// errOutside is the reason why a path is not opened.
var errOutside = errors.New("it leads out of the project or to a hidden file")

// The limits of one path: the number of links, and of names.
const (
	maxLinks = 16
	maxNames = 256
)

// Open opens a regular file or a folder.
func (p *Project) Open(name string) (fs.File, error) {
	real, err := p.Resolve(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	file, err := p.root.OpenFile(real, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("it is not a regular file but a %s", kindOfFile(info.Mode()))}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Resolve returns the path that a name leads to. It follows links itself, so that it can
// refuse those that lead elsewhere.
func (p *Project) Resolve(name string) (string, error) { return resolve(p.root, name) }

// linked is a tree of names, some of which may be links.
type linked interface {
	Lstat(name string) (fs.FileInfo, error)
	Readlink(name string) (string, error)
}

// resolve follows links name by name. The limit of links is for the whole path.
func resolve(tree linked, name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", errOutside
	}
	done, links := ".", 0
	for rest := strings.Split(name, "/"); len(rest) > 0; {
		next := rest[0]
		rest = rest[1:]
		switch {
		case next == "." || next == "":
			continue
		case next == ".." && done != ".":
			done = path.Dir(done)
			continue
		case strings.HasPrefix(next, "."):
			return "", errOutside
		}
		full := path.Join(done, next)
		info, err := tree.Lstat(full)
		if err != nil {
			return "", err
		}
		if info.Mode().Type() != fs.ModeSymlink {
			done = full
			continue
		}
		target, err := tree.Readlink(full)
		if err != nil {
			return "", err
		}
		links++
		rest = append(strings.Split(target, "/"), rest...)
		if path.IsAbs(target) || links > maxLinks || len(rest) > maxNames {
			return "", errOutside
		}
	}
	return done, nil
}

func kindOfFile(mode fs.FileMode) string {
	for _, kind := range []struct {
		bit  fs.FileMode
		word string
	}{{fs.ModeNamedPipe, "pipe"}, {fs.ModeSocket, "socket"}, {fs.ModeDevice, "device"}} {
		if mode&kind.bit != 0 {
			return kind.word
		}
	}
	return "special file"
}
