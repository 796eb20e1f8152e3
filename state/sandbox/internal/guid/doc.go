// Package guid reads, derives and encodes the ids of a sandbox tenant.
//
// It must not draw ids at random: a tenant file without ids gives the same ids in
// every run.
//
// # Where to begin
//
//   - guid.go: Parse for ids from files and requests, Derived for objects that the
//     file gives none.
package guid
