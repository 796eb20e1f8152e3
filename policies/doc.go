// Package policies is the policy language. It decodes what administrators write in YAML,
// CSV files and lists into types that keep their positions.
//
//	# seatwright.yaml                       # policies/staff.yaml
//	version: 1                              policies:
//	tenants:                                  - name: staff
//	  contoso:                                  users: {ou: "OU=Staff,DC=contoso,DC=com"}
//	    id: contoso.onmicrosoft.com             except: {list: data/contractors.txt}
//	    policies: [policies/*.yaml]             licenses: [SPE_E5, Power BI Pro]
//	                                            usage_location: CH
//
// The terms of this package:
//
//   - Settings have the tenants with their identities and limits. A policy has the
//     licenses that its users should hold. Settings need a stricter review.
//   - A selector selects users: one source (an OU, a file, a list), narrowed by
//     filters. A row is one user that a file or an inline list names.
//   - A problem is a mistake at a position in a file, with a hint and the [diag.Rule] it
//     breaks. All problems are reported together.
//   - A waiver raises one limit of a guard for a while. It is in waivers.yaml, beside the
//     settings, and is reviewed like them.
//   - An acceptance accepts one item of drift for a while. It is in accept.yaml.
//   - To bind a set is to find the id of every SKU and service plan it names.
//
// A missing key has no effect. An empty value is refused, and so is a key that this version
// does not know. Nothing is accepted and ignored, since its author would believe that it
// counts.
//
// Files are untrusted input. They are read only through the fs.FS that the caller passes,
// within limits of size, depth and number. They are quoted only after they have proved to
// be the expected kind of file. This package must never talk to a tenant, know the time, or
// decide which users match: policies/selector does that.
//
// The files:
//
//   - settings.go, tenant.go: the settings of tenants, and the choice of a tenant
//   - policy.go, words.go: policies and their parts; names
//   - load.go, files.go, paths.go, textfile.go: files of a project, read within limits
//   - yaml.go, value.go: between the YAML library and the rest
//   - decode_policy.go, decode_selector.go, decode_license.go, decode_location.go: the language of policies, one key a line
//   - decode_settings.go, decode_credential.go, decode_directory.go, decode_records.go: the language of settings
//   - mappings.go: every mapping of the language with its keys, for decoders, the reference and a schema
//   - mappings_policies.go, mappings_settings.go, mappings_files.go: the keys
//   - check_policy.go, check_set.go, check_window.go: contradictions
//   - bind.go, bind_plans.go: names of SKUs and service plans become ids
//   - waivers.go, accept.go, prices.go: files beside the settings
//   - lock.go, lock_changes.go: the file that keeps the service plans of SKUs
//   - one_policy.go, command_line.go: a policy or a selector from flags
//   - problem.go: names of policies/diag and policies/rows that the types here use
//
// Begin with [Load] and [Policy]; [ParsePolicy] makes a policy of a command line.
package policies
