package sandbox

import (
	"regexp"
	"strings"
)

// The forms of $filter that are modelled.
var (
	comparison = regexp.MustCompile(`^\s*(\w+)\s+(\w+)\s+(\S.*?)\s*$`)
	function   = regexp.MustCompile(`^\s*(\w+)\(\s*(\w+)\s*,\s*('(?:[^']|'')*')\s*\)\s*$`)
	holdsSKU   = regexp.MustCompile(`^\s*assignedLicenses/any\(\s*(\w+)\s*:\s*(\w+)/skuId\s+eq\s+([0-9A-Fa-f-]+)\s*\)\s*$`)
	quotedText = regexp.MustCompile(`^'((?:[^']|'')*)'$`)
)

// parseUserFilter compiles a $filter on users. What is not modelled is refused
// in the words of the service (Graph: advanced queries).
func parseUserFilter(filter string) (func(*user) bool, *refusal) {
	if strings.TrimSpace(filter) == "" {
		return nil, nil
	}
	if m := holdsSKU.FindStringSubmatch(filter); m != nil && m[1] == m[2] {
		return skuFilter(m[3])
	}
	if m := function.FindStringSubmatch(filter); m != nil {
		return functionFilter(m[1], m[2], m[3])
	}
	if m := comparison.FindStringSubmatch(filter); m != nil {
		return comparisonFilter(m[1], m[2], m[3])
	}
	return nil, unsupportedQuery("Unsupported or invalid query filter clause.")
}

func unsupportedClause(property string) *refusal {
	return unsupportedQuery("Unsupported or invalid query filter clause specified for property '%s' of resource 'User'.", property)
}

func skuFilter(literal string) (func(*user) bool, *refusal) {
	id, ok := parseGUID(literal)
	if !ok {
		return nil, unsupportedClause("assignedLicenses")
	}
	return func(u *user) bool {
		for s := range u.held(u.state) {
			if s.id == id {
				return true
			}
		}
		return false
	}, nil
}

func functionFilter(name, property, literal string) (func(*user) bool, *refusal) {
	switch {
	case strings.EqualFold(name, "endsWith"):
		return nil, unsupportedQuery("Operator 'endsWith' is not supported because the required parameters might be missing. " +
			"Try adding $count=true query parameter and ConsistencyLevel:eventual header.")
	case strings.EqualFold(property, "id"):
		return nil, unsupportedQuery("The 'id' property can only be used with eq filter")
	case !strings.EqualFold(name, "startsWith") || !strings.EqualFold(property, "userPrincipalName"):
		return nil, unsupportedClause(property)
	}
	prefix, ok := unquote(literal)
	if !ok {
		return nil, unsupportedClause(property)
	}
	return func(u *user) bool {
		return len(u.upn) >= len(prefix) && strings.EqualFold(u.upn[:len(prefix)], prefix)
	}, nil
}

func comparisonFilter(property, operator, literal string) (func(*user) bool, *refusal) {
	value, isText := unquote(literal)
	switch {
	case operator != "eq":
	case strings.EqualFold(property, "userPrincipalName") && isText:
		return func(u *user) bool { return strings.EqualFold(u.upn, value) }, nil
	case strings.EqualFold(property, "id") && isText:
		return func(u *user) bool { return strings.EqualFold(u.id, value) }, nil
	case strings.EqualFold(property, "accountEnabled") && (literal == "true" || literal == "false"):
		return func(u *user) bool { return u.enabled == (literal == "true") }, nil
	}
	return nil, unsupportedClause(property)
}

// unquote reads a string literal, in which quotes are doubled.
func unquote(literal string) (string, bool) {
	m := quotedText.FindStringSubmatch(literal)
	if m == nil {
		return "", false
	}
	return strings.ReplaceAll(m[1], "''", "'"), true
}
