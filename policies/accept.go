package policies

import (
	"errors"
	"io/fs"
	"regexp"
	"time"

	"github.com/seatwright/seatwright/policies/diag"
)

// AcceptFile is the name of the optional file of acceptances, beside the settings.
const AcceptFile = "accept.yaml"

// longestAcceptance is how many days ahead the last day of an acceptance may be. After
// half a year an administrator has to review it.
const longestAcceptance = 180

// Acceptance accepts one item of drift for a while: it does not count as drift, and it is
// not corrected. It does not change what policies want.
type Acceptance struct {
	Pos     Pos
	Key     string // of the item
	Reason  string
	Expires time.Time // midnight UTC after the last day on which it counts
}

// InForce reports whether the acceptance counts at the moment, and if not, why.
func (a Acceptance) InForce(now time.Time) (ok bool, why string) {
	return inForce(a.Expires, now, longestAcceptance)
}

// LoadAccepted reads the accepted items of a tenant, if there is a file of them. The file
// belongs to the settings, and not to the policies. The error holds all problems, which
// [diag.ProblemsIn] returns.
func LoadAccepted(fsys fs.FS, t Tenant) ([]Acceptance, error) {
	if _, err := fs.Lstat(fsys, AcceptFile); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var problems Problems
	data, ok := readFile(fsys, AcceptFile, maxYAMLBytes, Pos{File: AcceptFile}, &problems)
	if !ok {
		return nil, problems.Err()
	}
	var accepted []Acceptance
	if root, ok := parseYAML(AcceptFile, data, &problems); ok {
		accepted = decodeAccepted(root, t)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return accepted, nil
}

// decodeAccepted reads the root of the file: the acceptances of one tenant.
func decodeAccepted(root value, t Tenant) []Acceptance {
	var accepted []Acceptance
	written := root.fields(acceptFileMapping, keys{
		"accepted": func(v value) {
			if v.isList() && len(v.node.Content) == 0 {
				return // all of them were removed again
			}
			seen := map[string]Pos{}
			for _, item := range v.items("a list of accepted items", "") {
				acceptance, ours := decodeAcceptance(item, t)
				if first, twice := seen[acceptance.Key]; twice && acceptance.Key != "" {
					item.problem(diag.RuleDuplicate, "remove one of the two", "the key is already accepted in %s", first)
				}
				seen[acceptance.Key] = acceptance.Pos
				if ours {
					accepted = append(accepted, acceptance)
				}
			}
		},
	})
	root.complete(acceptFileMapping, root.pos(), written)
	return accepted
}

// decodeAcceptance reads one acceptance and reports whether it is for the tenant.
func decodeAcceptance(v value, t Tenant) (acceptance Acceptance, ours bool) {
	acceptance, ours = Acceptance{Pos: v.pos()}, true
	written := v.fields(acceptedMapping, keys{
		"key":     func(v value) { acceptance.Key = decodeDriftKey(v) },
		"reason":  func(v value) { acceptance.Reason = decodeReason(v, acceptedMapping.Subject) },
		"expires": func(v value) { acceptance.Expires = decodeDate(v).AddDate(0, 0, 1) },
		"tenant":  func(v value) { ours = decodeWaiverTenant(v, t) },
	})
	v.complete(acceptedMapping, v.pos(), written)
	if len(t.Among) > 1 {
		v.required(v.pos(), acceptedMapping.Subject, written, "tenant")
	}
	return acceptance, ours
}

// driftKey is the form of the keys that drift prints.
var driftKey = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:(location|[^:]+:(missing|extra|plans|waiting|held|blocked:[a-z_]+))$`)

func decodeDriftKey(v value) string {
	key, ok := v.word()
	if ok && !driftKey.MatchString(key) {
		v.problem(diag.RuleValue, "copy the key that seatwright drift prints, such as 6a1fc0de-0000-4000-8000-000000000001:SPE_E3:missing", "%s is not a key of drift", diag.Quote(key))
	}
	return key
}
