package view

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/plan"
)

// Links makes links to lines of policy files. The zero value makes none.
type Links struct {
	base string
	dir  string // of the project in the repository, or ""
}

// NewLinks returns links to a repository. Base is an address such as
// https://github.com/contoso/licenses/blob/main, to which FILE#LINE is added, or one with
// {file} and {line}. Dir is the folder of the project in the repository; a folder outside of
// the current one is ignored.
func NewLinks(base, dir string) (Links, error) {
	links := Links{dir: path.Clean(dir)}
	if links.dir == "." || path.IsAbs(links.dir) || strings.HasPrefix(links.dir, "..") {
		links.dir = ""
	}
	if base == "" {
		return links, nil
	}
	plain := strings.NewReplacer("{file}", "x", "{line}", "1").Replace(base)
	address, err := url.Parse(plain)
	switch {
	case err != nil:
		return Links{}, errors.New("it is not a URL")
	case address.Scheme != "https" || address.Host == "" || address.User != nil:
		return Links{}, errors.New("want https://HOST/PATH")
	case strings.ContainsAny(base, "<>()[]\"'`\\| ") || escape.Text(base) != base:
		return Links{}, errors.New("it has a character that a URL must encode")
	case strings.Contains(base, "{line}") && !strings.Contains(base, "{file}"):
		return Links{}, errors.New("{line} needs {file} too")
	}
	links.base = strings.TrimSuffix(base, "/")
	return links, nil
}

// alsoInQueries encodes what ends a value behind a question mark.
var alsoInQueries = strings.NewReplacer("&", "%26", "+", "%2B", "=", "%3D")

// place returns where a policy asks for something.
func (l Links) place(b plan.Because) place {
	at := place{File: b.File, Line: b.Line, Column: b.Column}
	if l.dir != "" && b.File != "" {
		at.File = l.dir + "/" + b.File
	}
	if l.base == "" || b.File == "" {
		return at
	}
	segments := strings.Split(at.File, "/")
	for i, segment := range segments {
		segments[i] = alsoInQueries.Replace(url.PathEscape(segment))
	}
	file, line := strings.Join(segments, "/"), strconv.Itoa(b.Line)
	if strings.Contains(l.base, "{file}") {
		at.URL = strings.NewReplacer("{file}", file, "{line}", line).Replace(l.base)
		return at
	}
	at.URL = fmt.Sprintf("%s/%s#L%s", l.base, file, line)
	return at
}
