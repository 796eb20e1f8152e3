// Package rows reads the files in which a policy names users one by one.
//
//   - csv.go, csv_header.go: CSV files, in which a header names the columns
//   - list.go: lists, one user per line
//   - textfile.go: bytes of exports, turned into UTF-8
//   - user.go: what can be a user principal name or an object id
//   - rows.go: [Row], limits, and users that are named more than once
//
// Such a file can be any file of the machine until its content has proved that it lists
// users. Messages repeat nothing of it before. The package must not open a file,
// know a policy, or look for a user in a tenant. Begin with [ReadCSV].
package rows
