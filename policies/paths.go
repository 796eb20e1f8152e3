package policies

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
)

// decodePath reads the path of a file in the project. A path that is refused comes
// back as "", which is never opened.
func decodePath(v value) string {
	text, ok := v.word()
	if !ok {
		return ""
	}
	if fault, hint := pathFault(text); fault != "" {
		v.problem(diag.RulePath, hint, "%s %s", diag.Quote(text), fault)
		return ""
	}
	return text
}

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// pathFault returns why a path may not be opened. Names that begin with a dot hold what
// programs keep for themselves: .git, .ssh, .env.
func pathFault(text string) (fault, hint string) {
	switch {
	case strings.Contains(text, `\`):
		return "has a backslash", "write paths with slashes"
	case strings.HasPrefix(text, "/") || drive.MatchString(text):
		return "is an absolute path", "write it relative to seatwright.yaml"
	case strings.Contains(text, "://"):
		return "is a URL, not a path", "put the file into the project"
	}
	for part := range strings.SplitSeq(text, "/") {
		switch {
		case part == "..":
			return "leaves the project", "put the file into the project"
		case part == ".":
			return "has a part that is only a dot", "remove ./"
		case strings.HasPrefix(part, "."):
			return "has a part that begins with a dot", "files and directories that begin with a dot are never read"
		case part == "":
			return "has an empty part", "write one slash between names and none at the end"
		}
	}
	return "", ""
}

// globFault returns why text is not a pattern of files.
func globFault(text string) (fault, hint string) {
	if fault, hint = pathFault(text); fault != "" {
		return fault, hint
	}
	if strings.Contains(text, "**") {
		return "has two stars in a row", "a star matches any name in one directory; list the directories one by one"
	}
	if _, err := path.Match(text, ""); err != nil {
		return "is not a file pattern", "close every bracket"
	}
	return "", ""
}

// maxLinks is how many symbolic links may follow on one another.
const maxLinks = 8

// linkFault returns why the links on the way to a file may not be followed: where a
// link leads must be a path that could have been written.
func linkFault(fsys fs.FS, name string) string {
	for range maxLinks {
		target, isLink := resolveFirstLink(fsys, name)
		if !isLink {
			return ""
		}
		if fault, _ := pathFault(target); fault != "" {
			return "is a link to a path that " + fault
		}
		name = target
	}
	return "is a link to a link, too many times"
}

// resolveFirstLink replaces the first symbolic link in a path by where it leads.
func resolveFirstLink(fsys fs.FS, name string) (resolved string, isLink bool) {
	for end := 0; end < len(name); end++ {
		if next := strings.IndexByte(name[end:], '/'); next >= 0 {
			end += next
		} else {
			end = len(name)
		}
		info, err := fs.Lstat(fsys, name[:end])
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		target, err := fs.ReadLink(fsys, name[:end])
		if err != nil {
			return "", false // opening it returns the error
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(name[:end]), target)
		}
		return path.Join(target, name[end:]), true
	}
	return "", false
}
