package policies

import (
	"regexp"

	"strings"

	"github.com/seatwright/seatwright/policies/diag"
)

// yamlWord returns a word as it can be pasted into a list in brackets.
func yamlWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return diag.Quote(s)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9](?:[\w .@/*-]*[\w.@/*-])?$`)

// namePattern matches names of policies and tenants. They appear in flags, file names and
// reports, and are the same in all of them.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// checkName reports a text that cannot be the name of a policy or tenant.
func checkName(v value, pos Pos, name string) {
	if namePattern.MatchString(name) {
		return
	}
	hint := ""
	if lower := strings.ReplaceAll(strings.ToLower(name), " ", "-"); namePattern.MatchString(lower) {
		hint = "write " + lower
	}
	v.doc.problems.Add(pos, diag.RuleName, hint,
		"%s is not a name: use up to 63 small letters, digits, dots, dashes and underscores, and begin with a letter or digit", diag.Quote(name))
}

var domainPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})+$`)

// domainFault returns why text cannot be the DNS name of a domain.
func domainFault(text string) (fault, hint string) {
	switch {
	case len(text) <= 253 && domainPattern.MatchString(text):
		return "", ""
	case strings.Contains(text, "@"):
		return "is not a domain", "write the part after the @, if that is the Active Directory domain too"
	case !strings.Contains(text, "."):
		return "is not a DNS name", "write the full name of the domain, such as corp.contoso.com"
	}
	return "is not a DNS name", ""
}
