// Package query reads OData queries as Microsoft Graph does, and cuts collections into
// pages: $select, $top, $count, $filter and page tokens. What Graph does not support is
// refused in Graph's words.
//
// It must not know users, groups or licenses: a resource lists the properties by which it
// can be filtered ([Filters]) and renders its objects itself ([Listing]).
//
// # Where to begin
//
//   - query.go: [Parse], from a [Request] to [Options].
//   - page.go: [Page], one page with the link to the next.
//   - filter.go: [ParseFilter], which checks a $filter and compiles it.
//   - odata.go: the grammar of a $filter.
package query
