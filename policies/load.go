package policies

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/rows"
)

// SettingsFile is the name of the file that holds the settings, at the root of the
// project.
const SettingsFile = "seatwright.yaml"

// maxPolicyFiles is how many policy files a tenant may have.
const maxPolicyFiles = 10_000

// LoadSettings reads seatwright.yaml. The error holds all problems, which
// [diag.ProblemsIn] returns.
func LoadSettings(fsys fs.FS) (*Settings, error) { return loadSettings(fsys, guard.All()) }

func loadSettings(fsys fs.FS, guards guard.Table) (*Settings, error) {
	var problems Problems
	if _, err := fs.Stat(fsys, SettingsFile); errors.Is(err, fs.ErrNotExist) {
		hint := cmp.Or(nearestFile(fsys, SettingsFile), "give the folder that has it, such as -C FOLDER")
		problems.Add(Pos{File: SettingsFile}, diag.RuleFile, hint, "%q does not exist", SettingsFile)
		return nil, problems.Err()
	}
	data, ok := readFile(fsys, SettingsFile, maxYAMLBytes, Pos{File: SettingsFile}, &problems)
	if !ok {
		return nil, problems.Err()
	}
	var settings Settings
	if root, ok := parseYAML(SettingsFile, data, &problems); ok {
		settings = decodeSettings(root, guards)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(settings.Tenants, func(a, b Tenant) int { return cmp.Compare(a.Name, b.Name) })
	var names []string
	for _, tenant := range settings.Tenants {
		names = append(names, tenant.Name)
	}
	for i := range settings.Tenants {
		settings.Tenants[i].Among = names
	}
	settings.Digest = digest(data)
	return &settings, nil
}

// Load reads the policies of a tenant, every CSV file and list that they or its
// settings name, its prices, and from beside the settings its waivers and its lock.
// Problems that do not prevent a plan are warnings. The error holds all others, which
// [diag.ProblemsIn] returns.
func Load(fsys fs.FS, t Tenant) (*Set, []Problem, error) { return newLoader(fsys).load(t) }

// LoadWith loads like [Load], with the files of the settings from another file system:
// the waivers, the prices, and the files that `protect` names. So a change of policies that
// was not reviewed yet is held to the limits of a reviewed revision.
func LoadWith(settings, fsys fs.FS, t Tenant) (*Set, []Problem, error) {
	l := newLoader(fsys)
	l.settings, l.apart = settings, true
	return l.load(t)
}

func (l *loader) load(t Tenant) (*Set, []Problem, error) {
	policies := l.readPolicies(t)
	return l.newSet(t, policies, l.readWaivers(t))
}

// newSet reads what policies and settings refer to, and checks it all together.
func (l *loader) newSet(t Tenant, policies []Policy, waivers []Waiver) (*Set, []Problem, error) {
	t.Protect = l.fillRows(t.Protect, l.apart)
	for i := range policies {
		policies[i].Users = l.fillRows(policies[i].Users, false)
		policies[i].Except = l.fillRows(policies[i].Except, false)
	}
	lock, prices := l.readLock(t), l.readPrices(t)
	l.checkNames(policies)
	if l.problems.Len() == 0 { // files that were not understood allow no conclusion
		l.checkPurpose(policies)
		l.checkManage(t, policies)
		l.checkWaivers(waivers, policies)
		l.checkWindows(t, policies)
		l.checkPins(t, policies)
	}
	if err := l.problems.Err(); err != nil {
		return nil, l.warnings.List(), err
	}
	slices.SortFunc(policies, func(a, b Policy) int { return cmp.Compare(a.Name, b.Name) })
	inputs := slices.SortedFunc(slices.Values(l.inputs), func(a, b Input) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Digest, b.Digest))
	})
	set := &Set{
		Tenant: t, Policies: policies, Waivers: waivers, Prices: prices, Lock: lock,
		Inputs: inputs, Digest: inputsDigest(inputs),
	}
	return set, l.warnings.List(), nil
}

// inputsDigest returns the digest over the names and the digests of the inputs.
func inputsDigest(inputs []Input) string {
	sum := sha256.New()
	for _, input := range inputs {
		_, _ = fmt.Fprintf(sum, "%s %s %q\n", input.Digest, input.Kind, input.Path) // a hash takes everything
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// DigestOf returns [Set.Digest] over some of the inputs, by their paths.
func (s *Set) DigestOf(of func(path string) bool) string {
	return inputsDigest(slices.DeleteFunc(slices.Clone(s.Inputs), func(i Input) bool { return !of(i.Path) }))
}

// loader reads the files of one tenant.
type loader struct {
	fsys     fs.FS
	settings fs.FS // of the files that belong to the settings
	apart    bool  // it is another one than fsys
	guards   guard.Table
	problems Problems
	warnings Problems
	inputs   []Input
	rows     map[rowFile][]Row
}

func newLoader(fsys fs.FS) *loader {
	return &loader{fsys: fsys, settings: fsys, guards: guard.All(), rows: map[rowFile][]Row{}}
}

// rowFile is a file of rows, which is read once even if several selectors name it.
type rowFile struct {
	kind     SourceKind
	path     string
	settings bool // the file of the other file system
}

func (l *loader) addInput(path string, kind InputKind, rows int, data []byte) {
	l.inputs = append(l.inputs, Input{Path: path, Kind: kind, Rows: rows, Digest: digest(data)})
}

// readPolicies reads every policy file that a pattern of the tenant matches.
func (l *loader) readPolicies(t Tenant) []Policy {
	named := map[string]Pos{}
	for _, pattern := range t.Policies {
		l.matchPattern(pattern, t, named)
	}
	if len(named) > maxPolicyFiles {
		l.problems.Add(t.Policies[0].Pos, diag.RuleLimit, "", "there are %d policy files; the limit is %d", len(named), maxPolicyFiles)
		return nil
	}
	var policies []Policy
	for _, path := range slices.Sorted(maps.Keys(named)) {
		policies = append(policies, l.readPolicyFile(path, named[path])...)
	}
	return policies
}

// matchPattern adds the files of one pattern to those that others matched.
func (l *loader) matchPattern(pattern Pattern, t Tenant, named map[string]Pos) {
	found, err := fs.Glob(l.fsys, pattern.Glob)
	found = slices.DeleteFunc(found, func(path string) bool { fault, _ := pathFault(path); return fault != "" })
	if err != nil || len(found) == 0 {
		l.problems.Add(pattern.Pos, diag.RuleFile, l.patternHint(pattern.Glob), "%s matches no file", diag.Quote(pattern.Glob))
		return
	}
	for _, path := range found {
		if slices.Contains([]string{SettingsFile, WaiversFile, AcceptFile, LockFile, t.Sandbox, t.Prices}, path) {
			l.problems.Add(pattern.Pos, diag.RuleFile, "move the policies to a directory of their own",
				"%s matches %s, which holds no policies", diag.Quote(pattern.Glob), diag.Quote(path))
			continue
		}
		if _, twice := named[path]; !twice {
			named[path] = pattern.Pos
		}
	}
}

// patternHint suggests a file for a pattern that is a plain name.
func (l *loader) patternHint(glob string) string {
	if strings.ContainsAny(glob, "*?[") {
		return ""
	}
	return nearestFile(l.fsys, glob)
}

func (l *loader) readPolicyFile(path string, at Pos) []Policy {
	data, ok := readFile(l.fsys, path, maxYAMLBytes, at, &l.problems)
	if !ok {
		return nil
	}
	root, ok := parseYAML(path, data, &l.problems)
	if !ok {
		return nil
	}
	policies := decodePolicies(root)
	l.addInput(path, InputPolicies, len(policies), data)
	return policies
}

// fillRows returns a copy of selectors with the rows of the files they name, which lie among
// the policies or the settings.
func (l *loader) fillRows(selectors []Selector, settings bool) []Selector {
	selectors = slices.Clone(selectors)
	for i := range selectors {
		s := &selectors[i]
		switch {
		case s.Kind == KindUPNs || s.Kind == KindIDs:
			s.Rows = rows.Settle(s.Pos.File, "item", slices.Clone(s.Rows), &l.problems, &l.warnings)
		case s.File != "":
			s.Rows = l.rowsOf(s, settings)
		}
	}
	return selectors
}

// rowsOf reads a CSV file or a list, once.
func (l *loader) rowsOf(s *Selector, settings bool) []Row {
	name, fsys := rowFile{s.Kind, s.File, settings}, l.fsys
	if settings {
		fsys = l.settings
	}
	if read, known := l.rows[name]; known {
		return read
	}
	data, ok := readFile(fsys, s.File, maxRowsBytes, s.FilePos, &l.problems)
	if !ok {
		return nil
	}
	read, kind := rows.ReadCSV, InputCSV
	if s.Kind == KindList {
		read, kind = rows.ReadList, InputList
	}
	users := read(s.File, data, &l.problems, &l.warnings)
	l.rows[name] = users
	l.addInput(s.File, kind, len(users), data)
	return users
}
