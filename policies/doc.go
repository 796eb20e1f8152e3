// Package policies is the language: what administrators write in YAML, CSV files
// and lists, turned into types that know their place.
//
//	# seatwright.yaml                       # policies/staff.yaml
//	version: 1                              policies:
//	tenants:                                  - name: staff
//	  contoso:                                  users: {ou: "OU=Staff,DC=contoso,DC=com"}
//	    id: contoso.onmicrosoft.com             except: {list: data/contractors.txt}
//	    policies: [policies/*.yaml]             licenses: [SPE_E5, Power BI Pro]
//	                                            usage_location: CH
//
// The words of this package:
//
//   - Settings say which tenant, with which identity, within which limits; a
//     policy says who should hold what. They are two classes of trust.
//   - A selector picks users: one source (an OU, a file, a list), narrowed by
//     filters. A row is one user that a file or an inline list names.
//   - A problem is something wrong at a place in a file, with a hint and the
//     [diag.Rule] it breaks. All problems are told at once.
//   - A waiver lifts one limit of a guard for a while; it stands in waivers.yaml,
//     beside the settings, and is reviewed like them.
//   - An acceptance lets one item of drift be for a while; it stands in accept.yaml.
//   - To bind a set is to find the id of every SKU and service plan it names.
//
// What is absent has no opinion, what is empty is refused, and what this version
// does not know is refused: nothing is ever accepted and ignored, since whoever
// wrote it believes that it counts.
//
// Files are foreign input. They are read only through the fs.FS handed in, within
// limits of size, depth and number, and never quoted before they have proved to
// be what they should be. This package must never talk to a tenant, know the time,
// or decide who matches: that is for policies/selector.
//
// The files:
//
//   - settings.go, tenant.go: the settings of tenants, and which tenant is asked for
//   - policy.go, words.go: policies and what they are made of; names
//   - load.go, files.go, paths.go, textfile.go: files of a project, read within limits
//   - yaml.go, value.go: between the YAML library and the rest
//   - decode_policy.go, decode_selector.go, decode_license.go, decode_location.go: the language of policies, one key a line
//   - decode_settings.go, decode_credential.go, decode_directory.go, decode_records.go: the language of settings
//   - mappings.go: every mapping of the language with its keys, for decoders, the reference and a schema
//   - mappings_policies.go, mappings_settings.go, mappings_files.go: the keys
//   - check_policy.go, check_set.go, check_window.go: what contradicts itself
//   - bind.go, bind_plans.go: names of SKUs and service plans become ids
//   - waivers.go, accept.go, prices.go: files beside the settings
//   - lock.go, lock_changes.go: the file that keeps the service plans of SKUs
//   - one_policy.go, command_line.go: a policy or a selector out of flags
//   - problem.go: names of policies/diag and policies/rows that the types here use
//
// Begin with [Load] and [Policy]; [ParsePolicy] makes a policy of a command line.
package policies
