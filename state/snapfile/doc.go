// Package snapfile turns a [state.Snapshot] into bytes and back.
//
// The words: a block is one column of the users, or the header, compressed by itself, so
// that a million users load in a moment and on all processors. The directory at the head
// of the file says where each block lies and how large it is. The origin is the tenant
// that was read: the live service, or a sandbox.
//
//	89 53 57 53 0d 0a 1a 0a   magic: SWS, in bytes that a transfer as text would spoil
//	u32 version               1
//	u32 users
//	then for each of the blocks, in the order of blocks.go:
//	    u32 CRC-32C of the stored bytes
//	    u64 stored bytes
//	    u64 bytes when unpacked
//	u32 CRC-32C of everything up to here
//	the blocks, one zstd frame each, and nothing after them
//
// Numbers are little-endian. A checksum finds accidents and proves nothing about who
// wrote the file, so the reader believes nothing: sizes are held to the size of the file,
// every block to its size and its form, and the columns to what a [state.Builder] would
// have made.
//
// A snapshot of the live service comes back as [state.SourceFile], since a file is not
// the tenant; one of a sandbox stays [state.SourceSandbox], so that it can never pass for
// the other.
//
// The files:
//
//   - snapfile.go, blocks.go: the file and its blocks
//   - shape.go, coder.go: what the blocks hold, and how it is coded
//   - redact.go: names taken out
//
// This package must never open a file, read the clock or decide anything about licenses.
// Begin with [Write] and [Read]; shape.go is what the blocks hold.
package snapfile
