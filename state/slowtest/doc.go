// Package slowtest separates slow tests from ordinary ones. The variable SEATWRIGHT_SLOW
// decides: without it, `go test ./...` tries each promise once, on small tenants. With
// SEATWRIGHT_SLOW=1 it also runs every combination, large tenants, and the tests against
// other programs (Chromium, Samba, Azurite). CI sets it in one of its two runs.
//
// Only tests may import it. Start reading at [Require], in slowtest.go.
package slowtest
