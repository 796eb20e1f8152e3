// Package generate makes tenants and writes them as tenant files of the sandbox.
// A generated tenant has many users in the shape of a preset, and every special case
// once.
//
// It must not know the sandbox that serves the file: the file is all that the two
// have in common. It draws every user from the seed and the user's number, so it keeps
// a few bytes of each user and not the users themselves.
//
// # Where to begin
//
//   - generate.go: the presets, and [Generate], which checks the options and writes.
//   - tenant.go: what is bought, which groups give licenses, and the order of writing.
//   - people.go: what is drawn for one user.
//   - cases.go: the special cases, and the SKUs and groups that they need.
//   - skus.go: the products of products.tsv, and how many seats are bought of each.
//   - file.go: the tenant file as it is written, one object a line.
package generate
