package policies

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// decodeDirectories reads `directories`: each under its name.
func decodeDirectories(v value) map[string]Directory {
	directories := map[string]Directory{}
	for _, entry := range v.filled("a mapping from names to directories") {
		d := Directory{Name: entry.name(), Pos: entry.keyPos(), Anchors: state.AnchorAttributes()}
		checkName(entry, d.Pos, d.Name)
		var urls []value
		written := entry.fields(directoryMapping, keys{
			"url":       func(v value) { urls = append(urls, v) },
			"start_tls": func(v value) { d.StartTLS = v.boolean() },
			"ca_file":   func(v value) { d.CAFile, _ = v.word(); d.CAFilePos = v.pos() },
			"bind":      func(v value) { d.UserEnv, d.PasswordEnv = decodeBind(v) },
			"anchor":    func(v value) { d.Anchors = decodeAnchors(v) },
		})
		for _, v := range urls { // what is right depends on start_tls, which may come after them
			d.URLs = decodeServers(v, d.StartTLS)
		}
		entry.complete(directoryMapping, entry.keyPos(), written)
		directories[d.Name] = d
	}
	return directories
}

// decodeServers reads the URLs of domain controllers.
func decodeServers(v value, startTLS bool) []string {
	var servers []string
	for _, item := range v.oneOrMore("a URL or a list of them", "write the URL of a domain controller, such as ldaps://dc1.corp.contoso.com") {
		text, ok := item.word()
		if !ok {
			continue
		}
		fault, hint := serverFault(text)
		plain := strings.HasPrefix(text, "ldap:")
		switch {
		case fault != "":
			item.problem(diag.RuleValue, hint, "the URL %s", fault)
		case plain && !startTLS:
			item.problem(diag.RuleValue, "write ldaps://, or start_tls: true", "ldap:// would send the password in clear text")
		case !plain && startTLS:
			item.problem(diag.RuleConflict, "keep one of the two", "ldaps:// uses TLS from the first byte, and \"start_tls\" starts it later")
		default:
			servers = append(servers, text)
		}
	}
	return servers
}

// serverFault returns what is wrong with a URL. It never quotes the URL, which may have a
// password in it.
func serverFault(text string) (fault, hint string) {
	const form = "write ldaps://HOST or ldaps://HOST:PORT"
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "cannot be read", form
	case u.User != nil:
		return "holds a user name", "keep secrets out of files: write bind: {user_env: SEATWRIGHT_AD_USER, password_env: SEATWRIGHT_AD_PASSWORD}"
	case u.Scheme != "ldaps" && u.Scheme != "ldap":
		return "is neither ldaps:// nor ldap://", form
	case u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "is not of the form ldaps://HOST", form
	}
	return "", ""
}

// secretEnv matches the environment variables that may hold secrets of Seatwright. With
// any other name, a change of the settings could send any variable to another server.
var secretEnv = regexp.MustCompile(`^SEATWRIGHT_[A-Z0-9_]{1,64}$`)

// decodeBind reads which environment variables hold the account, since no file may hold a
// secret.
func decodeBind(v value) (user, password string) {
	name := func(into *string) func(value) {
		return func(v value) {
			text, ok := v.word()
			if ok && !secretEnv.MatchString(text) {
				v.problem(diag.RuleValue, "write the name of the variable, such as SEATWRIGHT_AD_PASSWORD, and put the value into it", "expected the name of an environment variable that begins with SEATWRIGHT_")
			}
			*into = text
		}
	}
	written := v.fields(bindMapping, keys{"user_env": name(&user), "password_env": name(&password)})
	v.complete(bindMapping, v.pos(), written)
	return user, password
}

func decodeAnchors(v value) []string {
	var anchors []string
	for _, item := range v.items("a list of attributes", "write the attributes that Entra Connect uses as the anchor, or remove the key to use both") {
		if anchor, ok := item.choice(state.AnchorAttributes()...); ok && !slices.Contains(anchors, anchor) {
			anchors = append(anchors, anchor)
		}
	}
	return anchors
}

// decodeDirectoryNames reads which directories a tenant uses.
func decodeDirectoryNames(v value, known map[string]Directory) []Directory {
	var directories []Directory
	for _, item := range v.oneOrMore("the name of a directory or a list of them", "write the name of a directory, or remove the key to use the values of the last sync") {
		name, ok := item.word()
		if !ok {
			continue
		}
		d, found := known[name]
		switch {
		case !found:
			item.problem(diag.RuleValue, cmp.Or(catalog.DidYouMean(name, slices.Sorted(maps.Keys(known))), "add it under \"directories\""), "there is no directory %s", diag.Quote(name))
		case slices.ContainsFunc(directories, func(o Directory) bool { return o.Name == name }):
			item.problem(diag.RuleConflict, "keep one of them", "the directory %s is listed twice", diag.Quote(name))
		default:
			directories = append(directories, d)
		}
	}
	return directories
}
