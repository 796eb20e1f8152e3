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
// The words of this room:
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
// be what they should be. This room must never talk to a tenant, know the time,
// or decide who matches: that is for policies/selector.
//
// Begin with [Load] and [Policy]; [ParsePolicy] makes a policy of a command line. The
// files yaml.go and value.go stand between the YAML library and the rest, and
// decode_policy.go reads like the language itself.
package policies
