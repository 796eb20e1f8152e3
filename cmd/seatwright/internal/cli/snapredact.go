package cli

import (
	"crypto/rand"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
)

// keepRedacted writes the snapshot with other names. The key that makes them is in no file,
// and in no variable that outlives the call.
func keepRedacted(c *call, set *policies.Set, snapshot *state.Snapshot, out string) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	redactor := snapfile.NewRedactor(key)
	redacted, err := redactor.Snapshot(snapshot)
	if err != nil {
		return err
	}
	if err := checkout.SaveFile("snapshot", out, func(w io.Writer) error { return snapfile.Write(w, redacted) }); err != nil {
		return err
	}
	if err := view.SnapshotKept(c.program.Out, out, c.tenant.Name, redacted); err != nil {
		return err
	}
	return view.OtherNames(c.program.Out, otherNames(c.tenant, set, snapshot, redactor))
}

// otherNames returns the names in settings and policies, with the name of each in the file.
// Names in CSV files and lists are not among them.
func otherNames(tenant policies.Tenant, set *policies.Set, snapshot *state.Snapshot, r *snapfile.Redactor) [][2]string {
	names := [][2]string{{"the tenant's id: " + snapshot.Organization.ID.String(), r.Tenant(snapshot.Organization.ID).String()}}
	selectors := tenant.Protect
	for _, policy := range set.Policies {
		selectors = append(append(selectors[:len(selectors):len(selectors)], policy.Users...), policy.Except...)
	}
	known := map[[2]string]bool{}
	add := func(name, other string) {
		if pair := [2]string{name, other}; name != "" && !known[pair] {
			known[pair] = true
			names = append(names, pair)
		}
	}
	for _, s := range selectors {
		for _, ou := range s.OUs {
			if other, err := r.DN(ou.DN); err == nil {
				add(ou.DN.String(), other.String())
			}
		}
		if !s.Group.ID.IsZero() {
			add(s.Group.ID.String(), r.Group(s.Group.ID).String())
		}
		add(s.Domain, r.Domain(s.Domain))
		for _, row := range s.Rows {
			switch s.Kind {
			case policies.KindUPNs:
				add(row.UPN, r.UPN(row.UPN))
			case policies.KindIDs:
				add(row.ID.String(), r.User(row.ID).String())
			}
		}
	}
	return names
}
