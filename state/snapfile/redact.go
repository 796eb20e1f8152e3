package snapfile

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Redactor replaces the names of users, groups, containers and domains by pseudonyms,
// equal names by equal ones. A pseudonym is an HMAC under a key that is thrown away, so
// that names cannot be guessed and tried. Structure stays: the OUs of users, the members
// of groups, the domain of each UPN. SKUs, counts, paths, usage locations and times stay
// too.
type Redactor struct{ key []byte }

// NewRedactor returns a redactor with a key of 32 random bytes.
func NewRedactor(key []byte) *Redactor { return &Redactor{key} }

func (r *Redactor) sum(kind, name string) []byte {
	mac := hmac.New(sha256.New, r.key)
	fmt.Fprintf(mac, "%s\x00%s", kind, name)
	return mac.Sum(nil)
}

// pseudonym returns a pseudonym that does not depend on case, because names in a
// directory do not.
func (r *Redactor) pseudonym(kind, name string) string {
	return hex.EncodeToString(r.sum(kind, strings.ToLower(name))[:8])
}

// redactID returns another id. The zero id, which names nothing, stays.
func redactID[Of any](r *Redactor, id state.ID[Of]) state.ID[Of] {
	if id.IsZero() {
		return id
	}
	return state.ID[Of](r.sum("id", id.String())[:16])
}

// User returns the pseudonym of an object id.
func (r *Redactor) User(id state.UserID) state.UserID { return redactID(r, id) }

// Group returns the pseudonym of the id of a group.
func (r *Redactor) Group(id state.GroupID) state.GroupID { return redactID(r, id) }

// Tenant returns the pseudonym of the tenant's id.
func (r *Redactor) Tenant(id state.TenantID) state.TenantID { return redactID(r, id) }

// Domain returns the pseudonym of a DNS name, label by label.
func (r *Redactor) Domain(name string) string {
	if name == "" {
		return ""
	}
	labels := strings.Split(name, ".")
	for i, label := range labels {
		labels[i] = "d" + r.pseudonym("label", label)
	}
	return strings.Join(labels, ".")
}

// UPN returns the pseudonym of a user principal name. #EXT# stays, since it makes a user
// external.
func (r *Redactor) UPN(upn string) string {
	local, domain, _ := strings.Cut(upn, "@")
	if at := strings.LastIndex(upn, "@"); at >= 0 {
		local, domain = upn[:at], upn[at+1:]
	}
	name := "u" + r.pseudonym("upn", local)
	if strings.Contains(strings.ToUpper(upn), "#EXT#") {
		name += "#EXT#"
	}
	return name + "@" + cmp.Or(r.Domain(domain), "none")
}

// DN returns the pseudonym of a distinguished name, part by part; DC parts as in
// [Redactor.Domain].
func (r *Redactor) DN(dn state.DN) (state.DN, error) {
	if dn.IsZero() {
		return dn, nil
	}
	var parts []string
	for ; !dn.IsZero(); dn = dn.Parent() {
		rdn := strings.TrimSuffix(strings.TrimSuffix(dn.Key(), dn.Parent().Key()), ",")
		kind, value, _ := strings.Cut(rdn, "=")
		if kind == "dc" {
			parts = append(parts, "DC="+r.Domain(value))
			continue
		}
		parts = append(parts, strings.ToUpper(kind)+"=o"+r.pseudonym("rdn", rdn))
	}
	return state.ParseDN(strings.Join(parts, ","))
}

// Snapshot returns the tenant with all names replaced. Fields that are not known to be
// harmless are left out, such as texts of errors.
func (r *Redactor) Snapshot(s *state.Snapshot) (*state.Snapshot, error) {
	builder := state.NewBuilder()
	containers := make([]string, len(s.Containers()))
	for i, dn := range s.Containers() {
		other, err := r.DN(dn)
		if err != nil {
			return nil, fmt.Errorf("redact container: %w", err)
		}
		containers[i] = other.String()
	}
	for user := range s.Users() {
		record, err := r.record(user, containers[user.ContainerCode()])
		if err == nil {
			err = builder.Add(record)
		}
		if err != nil {
			return nil, fmt.Errorf("redact user: %w", err)
		}
	}
	redacted, err := builder.Snapshot(r.header(s.Header))
	if err != nil {
		return nil, fmt.Errorf("redact snapshot: %w", err)
	}
	return redacted, nil
}

func (r *Redactor) record(user state.User, container string) (state.Record, error) {
	record := state.Record{
		ID: r.User(user.ID()), UserPrincipalName: r.UPN(user.UserPrincipalName()), Disabled: !user.Enabled(), Synced: user.Synced(),
		Guest:        !user.Internal(), // for members with #EXT# it makes no difference
		Inconsistent: user.Inconsistent(), UsageLocation: user.UsageLocation(), Domain: r.Domain(user.Domain()),
	}
	if name := user.DisplayName(); name != "" {
		record.DisplayName = "Name " + r.pseudonym("name", name)
	}
	if country := user.Country(); len(country) == 2 { // longer ones are texts that people wrote
		record.Country = country
	}
	for _, path := range user.Paths() {
		path.Group = r.Group(path.Group)
		record.Paths = append(record.Paths, path)
	}
	if container == "" {
		return record, nil
	}
	dn, err := state.ParseDN("CN=x," + container)
	record.DN = dn
	return record, err
}

func (r *Redactor) header(h state.Header) state.Header {
	redacted := state.Header{
		Organization: state.Organization{ID: r.Tenant(h.Organization.ID), DisplayName: "Tenant " + r.pseudonym("name", h.Organization.DisplayName), LastSync: h.Organization.LastSync},
		Source:       h.Source, ReadAt: h.ReadAt, Complete: h.Complete, SKUs: h.SKUs, Caller: r.User(h.Caller),
	}
	if redacted.Source == state.SourceLive {
		redacted.Source = state.SourceFile
	}
	if h.Incomplete != "" {
		redacted.Incomplete = "the reason is redacted"
	}
	for range h.Unread {
		redacted.Unread = append(redacted.Unread, "redacted")
	}
	for _, domain := range h.Organization.Domains {
		redacted.Organization.Domains = append(redacted.Organization.Domains, r.Domain(domain))
	}
	slices.Sort(redacted.Organization.Domains)
	for _, group := range h.Groups {
		redacted.Groups = append(redacted.Groups, r.group(group))
	}
	return redacted
}

func (r *Redactor) group(g state.Group) state.Group {
	redacted := state.Group{ID: r.Group(g.ID), Licenses: g.Licenses, RoleAssignable: g.RoleAssignable, Members: r.users(g.Members), Everyone: r.users(g.Everyone)}
	if g.DisplayName != "" {
		redacted.DisplayName = "Group " + r.pseudonym("name", g.DisplayName)
	}
	return redacted
}

// users sorts the ids again. A nil list, which was not requested, stays nil.
func (r *Redactor) users(ids []state.UserID) []state.UserID {
	others := slices.Clone(ids)
	for i, id := range others {
		others[i] = r.User(id)
	}
	slices.SortFunc(others, state.UserID.Compare)
	return others
}
