// Package rows reads the files in which a policy names users one by one.
//
//   - csv.go, csv_header.go: CSV files, in which a header names the columns
//   - list.go: lists, one user a line
//   - textfile.go: bytes as people export them, turned into UTF-8
//   - user.go: what can be a user principal name or an object id
//   - rows.go: [Row], limits, and users who are named more than once
//
// Such a file can be any file of the machine until it has proved to be one of users, so
// that nothing of it is repeated in a message before. The package must not open a file,
// know a policy, or look for a user in a tenant. Begin with [ReadCSV].
package rows
