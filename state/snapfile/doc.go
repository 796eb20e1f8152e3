// Package snapfile turns a [state.Snapshot] into bytes and back.
//
// A block is one column of the users, or the header. It is compressed by itself, so that
// a million users load quickly and on all processors. The directory at the head of the
// file has the position and size of each block. The origin is the tenant that was read:
// the live service, or a sandbox.
//
//	89 53 57 53 0d 0a 1a 0a   magic: SWS, in bytes that a transfer as text would spoil
//	u32 version               2
//	u32 users
//	then for each of the blocks, in the order of blocks.go:
//	    u32 CRC-32C of the stored bytes
//	    u64 stored bytes
//	    u64 bytes when unpacked
//	u32 CRC-32C of everything up to here
//	the blocks, one zstd frame each, and nothing after them
//
// Numbers are little-endian. A checksum detects accidents and proves nothing about the
// author of the file, so the reader trusts nothing. Sizes must fit the size of the file,
// every block must have its size and its form, and the columns must be what a
// [state.Builder] would have made.
//
// A snapshot of the live service is read back as [state.SourceFile], since a file is not
// the tenant. A snapshot of a sandbox stays [state.SourceSandbox], so that it is never
// taken for a live one.
//
// The files:
//
//   - snapfile.go, blocks.go: the file and its blocks
//   - shape.go, coder.go: what the blocks hold, and how it is coded
//   - redact.go: names replaced by pseudonyms
//
// This package must never open a file, read the clock or decide anything about licenses.
// Start reading at [Write] and [Read]; shape.go describes the blocks.
package snapfile
