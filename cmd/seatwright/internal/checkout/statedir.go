package checkout

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// StateDir is the folder in which runs leave their state. Its mode is 0700, git ignores it,
// and it is refused if another user or a pull request could have made it.
const StateDir = ".seatwright"

// OpenState opens a folder below .seatwright beside the policies, and makes it if it is
// missing.
func OpenState(ctx context.Context, dir, below string) (*os.Root, error) {
	return OpenStateAt(ctx, filepath.Join(dir, StateDir), below)
}

// OpenStateAt does the same below any state folder.
func OpenStateAt(ctx context.Context, place, below string) (*os.Root, error) {
	dir, name := filepath.Dir(place), filepath.Base(place)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	defer root.Close()
	if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	if err := trustState(ctx, root, dir, name); err != nil {
		return nil, err
	}
	state, err := root.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	defer state.Close()
	if err := ReplaceFile(state, ".gitignore", []byte("*\n")); err != nil {
		return nil, err
	}
	if err := state.Mkdir(below, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	return state.OpenRoot(below)
}

// trustState refuses a folder that a pull request, or another user, could have made.
func trustState(ctx context.Context, root *os.Root, dir, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return fmt.Errorf("look at state folder: %w", err)
	}
	place := filepath.Join(dir, name)
	const hint = "remove it: the next run makes it again"
	switch {
	case !info.IsDir():
		return usage(hint, "refuse %s: it is a link, or not a folder", place)
	case !ours(info):
		return usage(hint, "refuse %s: it belongs to another user", place)
	case info.Mode().Perm()&0o022 != 0:
		return usage(hint, "refuse %s: others may write to it", place)
	}
	tracked, err := tracked(ctx, dir, name)
	switch {
	case err != nil:
		return usage("make git work in this checkout", "refuse %s: git cannot check whether it is tracked: %w", place, err)
	case tracked:
		return usage("git rm -r --cached "+name, "refuse %s: it is tracked by git, so any author of a commit may have changed it", place)
	}
	return nil
}

// ReplaceFile writes a file completely or not at all. Only its owner can read it.
func ReplaceFile(root *os.Root, name string, data []byte) error {
	return writeFile(root, name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile writes to a temporary file beside the file, syncs it and renames it.
func writeFile(root *os.Root, name string, write func(io.Writer) error) error {
	temp := name + "." + rand.Text() + ".tmp" // a name that cannot exist already
	file, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	err = errors.Join(write(file), file.Sync(), file.Close())
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, ignoreMissing(root.Remove(temp))))
	}
	return nil
}

// SaveFile writes a file that a flag names, completely or not at all.
func SaveFile(what, name string, write func(io.Writer) error) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return usage("name a regular file", "write %s: %s is not a regular file", what, name)
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return usage("name a file in a folder that exists", "write %s: %w", what, err)
	}
	defer root.Close()
	return writeFile(root, filepath.Base(name), write)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
