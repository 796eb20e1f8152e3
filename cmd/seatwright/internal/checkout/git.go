package checkout

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// git returns what git prints about a folder that a pull request may have filled. A bare
// repository among its files, or its configuration, must not make git run anything.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := gitBytes(ctx, dir, args...)
	return strings.TrimSpace(string(out)), err
}

// gitBytes returns what git prints, unchanged.
func gitBytes(ctx context.Context, dir string, args ...string) ([]byte, error) {
	return gitCommand(ctx, dir, args...).Output()
}

// gitWithWarnings returns what git prints, and its warnings.
func gitWithWarnings(ctx context.Context, dir string, args ...string) (out, warnings string, err error) {
	var warned bytes.Buffer
	cmd := gitCommand(ctx, dir, args...)
	cmd.Stderr = &warned
	printed, err := cmd.Output()
	return strings.TrimSpace(string(printed)), strings.TrimSpace(warned.String()), err
}

func gitCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	safe := []string{
		"-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
		"--no-optional-locks", "--no-replace-objects", "--no-pager", "-C", dir,
	}
	cmd := exec.CommandContext(ctx, "git", append(safe, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "GIT_") })
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C") // its warnings are read
	return cmd
}

// tracked reports whether git tracks anything below the state folder. Outside of a
// checkout nothing is tracked.
func tracked(ctx context.Context, dir, name string) (bool, error) {
	if !InCheckout(dir) {
		return false, nil
	}
	files, err := git(ctx, dir, "ls-files", "--", name)
	return files != "", err
}

// InCheckout reports whether the folder, or one above it, has a .git.
func InCheckout(dir string) bool {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if _, statErr := os.Lstat(filepath.Join(dir, ".git")); statErr == nil {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
	return true // not known: git decides
}

// Commit returns the commit of the policies, for display; "" if there is none.
func Commit(ctx context.Context, dir string) string {
	if !InCheckout(dir) {
		return ""
	}
	head, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "HEAD")
	if err != nil {
		return ""
	}
	return head
}
