package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// stateDir is where runs leave things behind: 0700, ignored by git, and refused if
// it could have come from somebody else.
const stateDir = ".seatwright"

// openState opens, and makes where it is missing, a folder below .seatwright beside
// the policies.
func openState(ctx context.Context, dir, below string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	defer root.Close()
	if err := root.Mkdir(stateDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	if err := trustState(ctx, root, dir); err != nil {
		return nil, err
	}
	state, err := root.OpenRoot(stateDir)
	if err != nil {
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	defer state.Close()
	if err := replaceFile(state, ".gitignore", []byte("*\n")); err != nil {
		return nil, err
	}
	if err := state.Mkdir(below, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	return state.OpenRoot(below)
}

// trustState refuses a folder that a pull request, or another user, could have made.
func trustState(ctx context.Context, root *os.Root, dir string) error {
	info, err := root.Lstat(stateDir)
	if err != nil {
		return fmt.Errorf("look at state folder: %w", err)
	}
	place := filepath.Join(dir, stateDir)
	const hint = "remove it, it is made again"
	owner, isUnix := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return usage(hint, "refuse %s: it is no folder, or a link", place)
	case isUnix && int(owner.Uid) != os.Geteuid():
		return usage(hint, "refuse %s: it belongs to another user", place)
	case info.Mode().Perm()&0o022 != 0:
		return usage(hint, "refuse %s: others may write to it", place)
	case tracked(ctx, dir):
		return usage("git rm -r --cached "+stateDir, "refuse %s: it is tracked by git, so anybody may have put things there", place)
	}
	return nil
}

// tracked says whether git keeps anything below the state folder. No git, no repository: no.
func tracked(ctx context.Context, dir string) bool {
	out, err := exec.CommandContext(ctx, "git", "-C", dir, "ls-files", "--", stateDir).Output()
	return err == nil && len(strings.TrimSpace(string(out))) > 0
}

// commit names the commit of the policies, for people; "" where there is none.
func commit(ctx context.Context, dir string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "--verify", "--quiet", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// replaceFile writes a file whole or not at all, readable by its owner alone.
func replaceFile(root *os.Root, name string, data []byte) error {
	return writeFile(root, name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile writes by way of a temporary file beside it, synced and renamed.
func writeFile(root *os.Root, name string, write func(io.Writer) error) error {
	temp := fmt.Sprintf("%s.%d.tmp", name, os.Getpid())
	file, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
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

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
