package policies

import (
	"regexp"

	"strings"

	"github.com/seatwright/seatwright/policies/diag"
)

// yamlWord is a word as it can be pasted into a list in brackets.
func yamlWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return diag.Quote(s)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9](?:[\w .@/*-]*[\w.@/*-])?$`)

// namePattern is what policies and tenants may be called: it stands in flags, in
// file names and in reports, and is the same in all of them.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// checkName reports what cannot be the name of a policy or tenant.
func checkName(v value, pos Pos, name string) {
	if namePattern.MatchString(name) {
		return
	}
	hint := ""
	if lower := strings.ReplaceAll(strings.ToLower(name), " ", "-"); namePattern.MatchString(lower) {
		hint = "write " + lower
	}
	v.doc.problems.Add(pos, diag.RuleName, hint,
		"%s is no name: want small letters, digits, dots, dashes and underscores, 63 at most, a letter or digit first", diag.Quote(name))
}

var domainPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})+$`)

// domainFault says why text cannot be the DNS name of a domain.
func domainFault(text string) (fault, hint string) {
	switch {
	case len(text) <= 253 && domainPattern.MatchString(text):
		return "", ""
	case strings.Contains(text, "@"):
		return "is no domain", "write what stands behind the @, if that is the Active Directory domain too"
	case !strings.Contains(text, "."):
		return "is no DNS name", "write the full name of the domain, such as corp.contoso.com"
	}
	return "is no DNS name", ""
}
