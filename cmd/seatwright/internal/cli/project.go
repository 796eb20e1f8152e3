package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// project is the folder of the policies as a file system that cannot be led out of
// it: no path, and no link in it, goes to a name that begins with a dot or leaves
// the folder, and nothing but regular files is opened (a pipe would hang for ever).
type project struct {
	root *os.Root
}

// openProject opens the folder.
func openProject(dir string) (*project, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, usage("name the folder that holds seatwright.yaml with -C", "open project: %w", err)
	}
	return &project{root}, nil
}

func (p *project) Close() error { return p.root.Close() }

// errOutside is the reason why a path is not opened.
var errOutside = errors.New("it leads out of the project or to a hidden file")

// maxLinks is how many links are followed on one way.
const maxLinks = 16

// Open opens a regular file or a folder.
func (p *project) Open(name string) (fs.File, error) {
	real, err := p.resolve(name, maxLinks)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	file, err := p.root.OpenFile(real, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("it is no regular file but a %s", kindOfFile(info.Mode()))}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// resolve follows links by hand, so that where they lead can be judged.
func (p *project) resolve(name string, links int) (string, error) {
	if !fs.ValidPath(name) || links == 0 {
		return "", errOutside
	}
	if name == "." {
		return name, nil
	}
	parent, err := p.resolve(path.Dir(name), links)
	if err != nil {
		return "", err
	}
	base := path.Base(name)
	if strings.HasPrefix(base, ".") {
		return "", errOutside
	}
	full := path.Join(parent, base)
	info, err := p.root.Lstat(full)
	switch {
	case err != nil:
		return "", err
	case info.Mode().Type() != fs.ModeSymlink:
		return full, nil
	}
	target, err := p.root.Readlink(full)
	if err != nil {
		return "", err
	}
	if path.IsAbs(target) {
		return "", errOutside
	}
	return p.resolve(path.Join(parent, target), links-1)
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
