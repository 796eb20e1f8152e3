// Package planfile turns a plan into bytes and back.
//
// The file is canonical JSON (RFC 8785) in one line: the same plan has the same
// bytes. Two digests seal it. The steps digest, over the tenant and the ids of all
// steps, names what was approved; the digest is over every other byte of the file.
// Neither has a key: they find accidents and tie an approval to a plan, and prove
// nothing about who wrote the file. So a plan file is an allow-list for apply and
// never an instruction.
//
// The words: to seal is to compute the digests; a refused file is one that must not
// be applied, for the reason its [RefusedError] gives, which quotes nothing of the
// file. This room must never decide anything about licences. Begin with [Write] and
// [Read]; canonical.go is the bytes.
package planfile
