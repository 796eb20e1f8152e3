package policies

import (
	"net/netip"
	"net/url"
	"regexp"

	"github.com/seatwright/seatwright/policies/diag"
)

var (
	accountName   = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
	containerName = regexp.MustCompile(`^[a-z0-9](?:-?[a-z0-9])+$`)
)

// decodeRecords reads where runs are kept: `{account: contosostate, container: seatwright}`.
// The host follows from the cloud, so that no file can send a token to another host.
func decodeRecords(v value) Records {
	records := Records{Pos: v.pos()}
	written := v.fields(recordsMapping, keys{
		"account":   func(v value) { records.Account = decodeAccount(v) },
		"container": func(v value) { records.Container = decodeContainer(v) },
		"emulator":  func(v value) { records.Emulator = decodeEmulator(v) },
	})
	_, account := written["account"]
	at, emulator := written["emulator"]
	switch {
	case account && emulator:
		v.doc.problems.Add(at, diag.RuleConflict, "keep one of them", "\"emulator\" and \"account\" exclude each other")
	case !emulator:
		v.required(v.pos(), recordsMapping.Subject, written, "account")
	}
	v.complete(recordsMapping, v.pos(), written)
	return records
}

// decodeAccount reads the name of a storage account ("Storage account overview").
func decodeAccount(v value) string {
	name, ok := v.word()
	if ok && !accountName.MatchString(name) {
		v.problem(diag.RuleValue, "write the name without a host: 3 to 24 small letters and digits", "%s is not the name of a storage account", diag.Quote(name))
	}
	return name
}

// decodeContainer reads the name of a container ("Naming and referencing containers,
// blobs, and metadata").
func decodeContainer(v value) string {
	name, ok := v.word()
	if ok && (len(name) < 3 || len(name) > 63 || !containerName.MatchString(name)) {
		v.problem(diag.RuleValue, "write 3 to 63 small letters, digits and single dashes between them", "%s is not the name of a container", diag.Quote(name))
	}
	return name
}

// decodeEmulator reads the address of Azurite on this machine.
func decodeEmulator(v value) string {
	address, ok := v.word()
	if !ok {
		return ""
	}
	u, err := url.Parse(address)
	if err == nil {
		host, bad := netip.ParseAddr(u.Hostname())
		if bad == nil && host.IsLoopback() && u.Port() != "" && u.Scheme == "http" && u.Path == "/devstoreaccount1" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
			return address
		}
	}
	v.problem(diag.RuleValue, "write http://127.0.0.1:10000/devstoreaccount1", "the emulator must be at a loopback address such as 127.0.0.1, with the account devstoreaccount1") // not quoted: there may be a secret in it
	return ""
}

// checkRecords refuses records that do not fit the tenant: an emulator takes no
// credential, and a sandbox tenant has none.
func checkRecords(v value, tenant *Tenant, stated bool) {
	r := tenant.Records
	switch sandbox := tenant.IsSandbox(); {
	case sandbox && !stated:
		tenant.Records = Records{} // the defaults are for real tenants
	case sandbox && r.Account != "":
		v.doc.problems.Add(r.Pos, diag.RuleConflict, "remove the key, or write an emulator", "a sandbox tenant has no credential for a storage account")
	case !sandbox && r.Emulator != "":
		v.doc.problems.Add(r.Pos, diag.RuleConflict, "write {account: contosostate, container: seatwright}", "an emulator keeps the runs of sandbox tenants only")
	}
}
