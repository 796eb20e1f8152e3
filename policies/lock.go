package policies

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// LockFile is the name of the file, beside the settings, that keeps which service plans
// the SKUs of each tenant had at the last review. Microsoft adds plans to SKUs, and they
// are on for every holder. Compared with the lock file that is a change to review. The
// file changes no plan.
const LockFile = "catalog.lock.yaml"

// The file has a line for every plan of every SKU of every tenant.
const maxLockBytes = 8 << 20

// Lock is a lock file.
type Lock struct {
	Tenants []LockedTenant // sorted by name
}

// LockedTenant is what one tenant owned, by the name that settings give it.
type LockedTenant struct {
	Name string
	SKUs []LockedSKU // for users; sorted by id
}

// LockedSKU is a SKU with the service plans that are switched per user.
type LockedSKU struct {
	ID    state.SKUID
	Name  string       // part number
	Plans []LockedPlan // sorted by id
}

// LockedPlan is a service plan.
type LockedPlan struct {
	ID   state.PlanID
	Name string
}

// LoadLock reads the lock file, or returns nil if there is none. The error holds all
// problems, which [diag.ProblemsIn] returns.
func LoadLock(fsys fs.FS) (*Lock, error) {
	var problems Problems
	lock, _ := loadLock(fsys, &problems)
	return lock, problems.Err()
}

func loadLock(fsys fs.FS, problems *Problems) (*Lock, []byte) {
	if _, err := fs.Stat(fsys, LockFile); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	data, ok := readFile(fsys, LockFile, maxLockBytes, Pos{File: LockFile}, problems)
	if !ok {
		return nil, nil
	}
	root, ok := parseYAML(LockFile, data, problems)
	if !ok {
		return nil, nil
	}
	lock := decodeLock(root)
	return &lock, data
}

// readLock reads what the lock file has of the tenant.
func (l *loader) readLock(t Tenant) *LockedTenant {
	lock, data := loadLock(l.fsys, &l.problems)
	tenant, locked := lock.Tenant(t.Name)
	if !locked {
		return nil
	}
	l.addInput(LockFile, InputLock, len(tenant.SKUs), data)
	return &tenant
}

// lockHint is the hint for a broken file, which a command can write again.
const lockHint = "write the file again with `seatwright catalog lock`"

func decodeLock(root value) Lock {
	var lock Lock
	written := root.fields(lockMapping, keys{
		"version": checkVersion,
		"tenants": func(v value) {
			for _, tenant := range v.filled("a mapping from names to tenants") {
				checkName(tenant, tenant.keyPos(), tenant.name())
				lock.Tenants = append(lock.Tenants, LockedTenant{tenant.name(), decodeLocked(tenant)})
			}
		},
	})
	root.complete(lockMapping, root.pos(), written)
	slices.SortFunc(lock.Tenants, func(a, b LockedTenant) int { return cmp.Compare(a.Name, b.Name) })
	return lock
}

func decodeLocked(v value) []LockedSKU {
	var skus []LockedSKU
	for _, entry := range v.filled("a mapping from ids of SKUs to what they contain") {
		id, ok := lockedID[state.SKU](entry)
		if !ok {
			continue
		}
		sku := LockedSKU{ID: id}
		written := entry.fields(lockedSKUMapping, keys{
			"name":  func(v value) { sku.Name, _ = v.word() },
			"plans": func(v value) { sku.Plans = decodeLockedPlans(v) },
		})
		entry.complete(lockedSKUMapping, entry.keyPos(), written)
		skus = append(skus, sku)
	}
	slices.SortStableFunc(skus, func(a, b LockedSKU) int { return a.ID.Compare(b.ID) })
	return slices.CompactFunc(skus, func(a, b LockedSKU) bool { return a.ID == b.ID })
}

func decodeLockedPlans(v value) []LockedPlan {
	var plans []LockedPlan
	for _, entry := range v.filled("a mapping from ids of service plans to their names") {
		id, isID := lockedID[state.ServicePlan](entry)
		if name, ok := entry.word(); ok && isID {
			plans = append(plans, LockedPlan{id, name})
		}
	}
	return sortedLocked(plans)
}

func lockedID[Of any](v value) (state.ID[Of], bool) {
	id, err := state.ParseID[Of](v.name())
	if err != nil || id.IsZero() {
		v.doc.problems.Add(v.keyPos(), diag.RuleValue, lockHint, "%s is not a GUID", diag.Quote(v.name()))
		return id, false
	}
	return id, true
}

func sortedLocked(plans []LockedPlan) []LockedPlan {
	slices.SortStableFunc(plans, func(a, b LockedPlan) int { return a.ID.Compare(b.ID) })
	return slices.CompactFunc(plans, func(a, b LockedPlan) bool { return a.ID == b.ID })
}

// LockOf returns what a tenant owns now, as the lock file keeps it. It leaves out SKUs for
// the whole tenant, and plans that cannot be switched per user.
func LockOf(name string, skus []state.SKU) LockedTenant {
	tenant := LockedTenant{Name: name}
	for _, sku := range skus {
		if sku.AppliesTo == state.ScopeCompany || sku.ID.IsZero() {
			continue
		}
		locked := LockedSKU{ID: sku.ID, Name: lockedName(sku.PartNumber)}
		for _, plan := range sku.Plans {
			if plan.AppliesTo != state.ScopeCompany && !plan.ID.IsZero() {
				locked.Plans = append(locked.Plans, LockedPlan{plan.ID, lockedName(plan.Name)})
			}
		}
		locked.Plans = sortedLocked(locked.Plans)
		tenant.SKUs = append(tenant.SKUs, locked)
	}
	slices.SortStableFunc(tenant.SKUs, func(a, b LockedSKU) int { return a.ID.Compare(b.ID) })
	tenant.SKUs = slices.CompactFunc(tenant.SKUs, func(a, b LockedSKU) bool { return a.ID == b.ID })
	return tenant
}

// lockedName returns a name of the service as our YAML files accept it: one line of visible
// characters, and not empty.
func lockedName(name string) string {
	name = strings.Map(func(r rune) rune {
		if diag.IsInvisible(r) || r == '\n' || r == '\r' || r == '\t' || r == utf8Replacement {
			return -1
		}
		return r
	}, name)
	return cmp.Or(strings.TrimSpace(diag.Cut(name)), "?")
}

// utf8Replacement replaces bytes that are not UTF-8.
const utf8Replacement = '\uFFFD'

// Tenant returns what the lock file has of a tenant. A nil Lock has nothing.
func (l *Lock) Tenant(name string) (LockedTenant, bool) {
	if l == nil {
		return LockedTenant{}, false
	}
	i := slices.IndexFunc(l.Tenants, func(t LockedTenant) bool { return t.Name == name })
	if i < 0 {
		return LockedTenant{}, false
	}
	return l.Tenants[i], true
}

// With returns a copy of the lock in which the tenant is as given. A nil Lock has no other.
func (l *Lock) With(tenant LockedTenant) *Lock {
	all := &Lock{Tenants: []LockedTenant{tenant}}
	if l != nil {
		for _, other := range l.Tenants {
			if other.Name != tenant.Name {
				all.Tenants = append(all.Tenants, other)
			}
		}
	}
	slices.SortFunc(all.Tenants, func(a, b LockedTenant) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Format returns the lock file as bytes: equal locks have equal bytes, and each plan has
// a line of its own, so that a diff of two files reads well.
func (l *Lock) Format() []byte {
	var b strings.Builder
	b.WriteString("# The service plans of each tenant's SKUs, as of the last review. Written by `seatwright catalog lock`.\nversion: 1\ntenants:\n")
	for _, tenant := range l.Tenants {
		fmt.Fprintf(&b, "  %s:%s\n", tenant.Name, emptyMapping(len(tenant.SKUs)))
		for _, sku := range tenant.SKUs {
			fmt.Fprintf(&b, "    %s:\n      name: %s\n      plans:%s\n", sku.ID, strconv.Quote(sku.Name), emptyMapping(len(sku.Plans)))
			for _, plan := range sku.Plans {
				fmt.Fprintf(&b, "        %s: %s\n", plan.ID, strconv.Quote(plan.Name))
			}
		}
	}
	return []byte(b.String())
}

func emptyMapping(entries int) string {
	if entries == 0 {
		return " {}"
	}
	return ""
}
