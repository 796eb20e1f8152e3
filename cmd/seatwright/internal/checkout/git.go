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

// git asks git about a folder that a pull request may have filled. A bare repository
// among its files, or its configuration, must not make git run anything.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := gitBytes(ctx, dir, args...)
	return strings.TrimSpace(string(out)), err
}

// gitBytes is what git prints, to the byte.
func gitBytes(ctx context.Context, dir string, args ...string) ([]byte, error) {
	return gitCommand(ctx, dir, args...).Output()
}

// gitSpeaking is what git prints, and what it warns of.
func gitSpeaking(ctx context.Context, dir string, args ...string) (out, warnings string, err error) {
	var spoken bytes.Buffer
	cmd := gitCommand(ctx, dir, args...)
	cmd.Stderr = &spoken
	printed, err := cmd.Output()
	return strings.TrimSpace(string(printed)), strings.TrimSpace(spoken.String()), err
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

// tracked says whether git keeps anything below the state folder. Outside of a
// checkout nothing is.
func tracked(ctx context.Context, dir, name string) (bool, error) {
	if !InCheckout(dir) {
		return false, nil
	}
	files, err := git(ctx, dir, "ls-files", "--", name)
	return files != "", err
}

// InCheckout says whether the folder, or one above it, has a .git.
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
	return true // who cannot tell asks git
}

// Commit names the commit of the policies, for people; "" where there is none.
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
