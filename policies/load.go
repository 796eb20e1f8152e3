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

	"github.com/seatwright/seatwright/policies/guard"
)

// SettingsFile is the name of the file that holds the settings, at the root of the
// project.
const SettingsFile = "seatwright.yaml"

// maxPolicyFiles is how many policy files a tenant may have.
const maxPolicyFiles = 10_000

// LoadSettings reads seatwright.yaml. Everything wrong with it comes back at once,
// as an error that [ProblemsIn] takes apart.
func LoadSettings(fsys fs.FS) (*Settings, error) { return loadSettings(fsys, guard.All()) }

func loadSettings(fsys fs.FS, guards guard.Table) (*Settings, error) {
	var problems Problems
	if _, err := fs.Stat(fsys, SettingsFile); errors.Is(err, fs.ErrNotExist) {
		hint := cmp.Or(nearestFile(fsys, SettingsFile), "name the folder that holds it with -C")
		problems.Add(Pos{File: SettingsFile}, RuleFile, hint, "%q does not exist", SettingsFile)
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
// Warnings are what is doubtful but can be worked with. Everything wrong comes back
// at once, as an error that [ProblemsIn] takes apart.
func Load(fsys fs.FS, t Tenant) (*Set, []Problem, error) { return newLoader(fsys).load(t) }

// LoadWith does so where what belongs to the settings is somewhere else: the waivers,
// the prices, and whom the settings protect. A change of policies that cannot be
// trusted yet is held to the limits of what can.
func LoadWith(settings, fsys fs.FS, t Tenant) (*Set, []Problem, error) {
	l := newLoader(fsys)
	l.settings, l.apart = settings, true
	return l.load(t)
}

func (l *loader) load(t Tenant) (*Set, []Problem, error) {
	policies := l.policies(t)
	return l.set(t, policies, l.waivers(t))
}

// set reads what policies and settings refer to, and checks it all together.
func (l *loader) set(t Tenant, policies []Policy, waivers []Waiver) (*Set, []Problem, error) {
	t.Protect = l.fill(t.Protect, l.apart)
	for i := range policies {
		policies[i].Users = l.fill(policies[i].Users, false)
		policies[i].Except = l.fill(policies[i].Except, false)
	}
	lock, prices := l.lock(t), l.prices(t)
	l.checkNames(policies)
	if l.problems.Len() == 0 { // of what was not understood no conclusion may be drawn
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

// inputsDigest is over the names and, by their digests, the bytes of the inputs.
func inputsDigest(inputs []Input) string {
	sum := sha256.New()
	for _, input := range inputs {
		_, _ = fmt.Fprintf(sum, "%s %s %q\n", input.Digest, input.Kind, input.Path) // a hash takes everything
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// DigestOf is [Set.Digest] over some of the inputs, by their paths.
func (s *Set) DigestOf(of func(path string) bool) string {
	return inputsDigest(slices.DeleteFunc(slices.Clone(s.Inputs), func(i Input) bool { return !of(i.Path) }))
}

// loader reads the files of one tenant.
type loader struct {
	fsys     fs.FS
	settings fs.FS // of the files that belong to the settings
	apart    bool  // that is another one
	guards   guard.Table
	problems Problems
	warnings Problems
	inputs   []Input
	rows     map[rowFile][]Row
}

func newLoader(fsys fs.FS) *loader {
	return &loader{fsys: fsys, settings: fsys, guards: guard.All(), rows: map[rowFile][]Row{}}
}

// rowFile is a file of rows, which is read once however many selectors name it.
type rowFile struct {
	kind     SourceKind
	path     string
	settings bool // the one among the settings, which are apart
}

func (l *loader) input(path string, kind InputKind, rows int, data []byte) {
	l.inputs = append(l.inputs, Input{Path: path, Kind: kind, Rows: rows, Digest: digest(data)})
}

// policies reads every policy file that a pattern of the tenant matches.
func (l *loader) policies(t Tenant) []Policy {
	named := map[string]Pos{}
	for _, pattern := range t.Policies {
		l.match(pattern, t, named)
	}
	if len(named) > maxPolicyFiles {
		l.problems.Add(t.Policies[0].Pos, RuleLimit, "", "%d policy files; %d at most are read", len(named), maxPolicyFiles)
		return nil
	}
	var policies []Policy
	for _, path := range slices.Sorted(maps.Keys(named)) {
		policies = append(policies, l.policyFile(path, named[path])...)
	}
	return policies
}

// match adds the files of one pattern to those that others matched.
func (l *loader) match(pattern Pattern, t Tenant, named map[string]Pos) {
	found, err := fs.Glob(l.fsys, pattern.Glob)
	found = slices.DeleteFunc(found, func(path string) bool { fault, _ := pathFault(path); return fault != "" })
	if err != nil || len(found) == 0 {
		l.problems.Add(pattern.Pos, RuleFile, l.patternHint(pattern.Glob), "%s matches no file", quote(pattern.Glob))
		return
	}
	for _, path := range found {
		if slices.Contains([]string{SettingsFile, WaiversFile, AcceptFile, LockFile, t.Sandbox, t.Prices}, path) {
			l.problems.Add(pattern.Pos, RuleFile, "keep policies in a directory of their own",
				"%s matches %s, which holds no policies", quote(pattern.Glob), quote(path))
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

func (l *loader) policyFile(path string, at Pos) []Policy {
	data, ok := readFile(l.fsys, path, maxYAMLBytes, at, &l.problems)
	if !ok {
		return nil
	}
	root, ok := parseYAML(path, data, &l.problems)
	if !ok {
		return nil
	}
	policies := decodePolicies(root)
	l.input(path, InputPolicies, len(policies), data)
	return policies
}

// fill is a copy of selectors with the rows of the files they name, which lie among
// the policies or the settings.
func (l *loader) fill(selectors []Selector, settings bool) []Selector {
	selectors = slices.Clone(selectors)
	for i := range selectors {
		s := &selectors[i]
		switch {
		case s.Kind == KindUPNs || s.Kind == KindIDs:
			source := newRowSource(s.Pos.File, "item", &l.problems, &l.warnings)
			s.Rows = source.settle(slices.Clone(s.Rows))
			source.close()
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
	if rows, known := l.rows[name]; known {
		return rows
	}
	data, ok := readFile(fsys, s.File, maxRowsBytes, s.FilePos, &l.problems)
	if !ok {
		return nil
	}
	read, kind := readCSV, InputCSV
	if s.Kind == KindList {
		read, kind = readList, InputList
	}
	rows := read(s.File, data, &l.problems, &l.warnings)
	l.rows[name] = rows
	l.input(s.File, kind, len(rows), data)
	return rows
}
