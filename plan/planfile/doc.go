// Package planfile writes a plan to a file and reads it back.
//
// The file is canonical JSON (RFC 8785) on one line: the same plan has the same bytes. Two
// digests seal it. The steps digest covers the tenant and the ids of all steps, so it identifies
// what was approved. The other digest covers every other byte of the file. Neither has a key: they
// find accidents and tie an approval to a plan, and they do not prove who wrote the file. So
// apply uses a plan file as an allow-list, and never as an instruction.
//
// Terms: to seal is to compute both digests. A refused file must not be applied; its
// [RefusedError] gives the reason and quotes nothing of the file.
//
// The files:
//
//	planfile.go   seal, write, read and check a plan
//	canonical.go  the canonical bytes, in small pieces, so that a long plan takes little memory
//
// This package must not decide anything about licenses. Begin with [Write] and [Read].
package planfile
