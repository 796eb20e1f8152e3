package snapfile

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/seatwright/seatwright/state"
)

const (
	magic   = "\x89SWS\r\n\x1a\n"
	version = 2
)

// maxSize is the largest file that is read, in bytes: over ten million users.
const maxSize = 1 << 30

// A file may unpack to a fixed number of bytes, and a further number for each of its own.
// Snapshots of real tenants unpack to three times their size, a decompression bomb to
// thousands.
const (
	freeUnpacked = 16 << 20
	maxRatio     = 32
)

// The sizes of the parts of the head.
const (
	fixedSize = len(magic) + 4 + 4
	entrySize = 4 + 8 + 8
	sumSize   = 4
)

func headSize() int { return fixedSize + len(blocks)*entrySize + sumSize }

// RefusedError explains why a file cannot be used. It quotes nothing of the file.
type RefusedError struct {
	Why  string
	Hint string
}

func (e *RefusedError) Error() string { return "refuse snapshot: " + e.Why }

const snapshotAgain = "create it again: seatwright snapshot -o FILE"

func refused(format string, args ...any) error {
	return &RefusedError{Why: fmt.Sprintf(format, args...), Hint: snapshotAgain}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// entry is the head's description of one block.
type entry struct {
	sum              uint32
	stored, unpacked uint64
}

// Write writes the snapshot; [Read] returns an equal one.
func Write(w io.Writer, s *state.Snapshot) error {
	packed, entries, err := pack(&content{users: s.Len(), header: s.Header, columns: s.Columns()})
	if err == nil {
		_, err = w.Write(head(uint32(s.Len()), entries))
	}
	for _, data := range packed {
		if err == nil {
			_, err = w.Write(data)
		}
	}
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// pack makes the blocks in parallel.
func pack(s *content) ([][]byte, []entry, error) {
	encoder, err := newEncoder()
	if err != nil {
		return nil, nil, err
	}
	packed, entries := make([][]byte, len(blocks)), make([]entry, len(blocks))
	err = eachBlock(func(i int) error {
		c := &coder{}
		if blocks[i].code(c, s); c.err != nil {
			return fmt.Errorf("%s: %w", blocks[i].name, c.err)
		}
		packed[i] = encoder.EncodeAll(c.data, nil)
		entries[i] = entry{sum: checksum(packed[i]), stored: uint64(len(packed[i])), unpacked: uint64(len(c.data))}
		return nil
	})
	return packed, entries, err
}

// newEncoder and newDecoder return what packs and unpacks whole blocks. Each is made
// once: several goroutines can use it, and its tables are large.
var (
	newEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	})
	newDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	})
)

// eachBlock calls do for every block, on all processors. The error is that of the first
// block in the list that has one, whichever failed first.
func eachBlock(do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	errs := make([]error, len(blocks))
	for i := range blocks {
		group.Go(func() error {
			errs[i] = do(i)
			return nil
		})
	}
	return cmp.Or(group.Wait(), cmp.Or(errs...))
}

func head(users uint32, entries []entry) []byte {
	data := make([]byte, 0, headSize())
	data = append(data, magic...)
	data = binary.LittleEndian.AppendUint32(data, version)
	data = binary.LittleEndian.AppendUint32(data, users)
	for _, e := range entries {
		data = binary.LittleEndian.AppendUint32(data, e.sum)
		data = binary.LittleEndian.AppendUint64(data, e.stored)
		data = binary.LittleEndian.AppendUint64(data, e.unpacked)
	}
	return binary.LittleEndian.AppendUint32(data, checksum(data))
}

// Read reads a snapshot of the given size in bytes that [Write] wrote. Anything else
// is refused with a [RefusedError]; other errors are those of the reader.
func Read(r io.ReaderAt, size int64) (*state.Snapshot, error) {
	users, entries, err := readHead(r, size)
	if err != nil {
		return nil, err
	}
	s := &content{users: users}
	if err := unpack(r, entries, s); err != nil {
		return nil, err
	}
	snapshot, err := state.FromColumns(s.header, s.columns)
	if err != nil {
		return nil, refused("the file was not written by Seatwright: %v", err)
	}
	return snapshot, nil
}

// readHead reads the directory and compares it with the size of the file.
func readHead(r io.ReaderAt, size int64) (users int, entries []entry, err error) {
	if size > maxSize {
		return 0, nil, refused("the file is larger than %d bytes", maxSize)
	}
	data, err := readPart(r, 0, min(size, int64(headSize())))
	if err != nil {
		return 0, nil, err
	}
	switch {
	case len(data) < fixedSize || string(data[:len(magic)]) != magic:
		return 0, nil, refused("the file is not a snapshot")
	case binary.LittleEndian.Uint32(data[len(magic):]) != version:
		return 0, nil, otherVersion(binary.LittleEndian.Uint32(data[len(magic):]))
	case len(data) < headSize():
		return 0, nil, refused("the file was cut off: it has %d bytes", size)
	}
	body, sum := data[:len(data)-sumSize], data[len(data)-sumSize:]
	if checksum(body) != binary.LittleEndian.Uint32(sum) {
		return 0, nil, refused("the file is damaged: the checksum of its head is wrong")
	}
	count := binary.LittleEndian.Uint32(body[len(magic)+4:])
	entries = readEntries(body[fixedSize:])
	return int(count), entries, checkSizes(count, entries, size)
}

func otherVersion(got uint32) error {
	hint := "read it with the version of Seatwright that wrote it, or create a new one: seatwright snapshot -o FILE"
	if got > version {
		hint = "a newer version of Seatwright wrote it: read it with that version, or create a new one: seatwright snapshot -o FILE"
	}
	return &RefusedError{Why: fmt.Sprintf("the file has format version %d, this version of Seatwright reads %d", got, version), Hint: hint}
}

func readEntries(data []byte) []entry {
	entries := make([]entry, len(blocks))
	for i := range entries {
		at := data[i*entrySize:]
		entries[i] = entry{binary.LittleEndian.Uint32(at), binary.LittleEndian.Uint64(at[4:]), binary.LittleEndian.Uint64(at[12:])}
	}
	return entries
}

// checkSizes refuses sizes that the file does not justify, so that no more is allocated.
func checkSizes(users uint32, entries []entry, size int64) error {
	stored, unpacked := uint64(headSize()), uint64(0)
	for i, e := range entries {
		if e.stored > maxSize || e.unpacked > freeUnpacked+maxRatio*maxSize {
			return refused("the file is damaged: the size of the block %q is impossible", blocks[i].name)
		}
		stored += e.stored
		unpacked += e.unpacked
	}
	switch {
	case stored > uint64(size):
		return refused("the file was cut off: it has %d of %d bytes", size, stored)
	case stored < uint64(size):
		return refused("the file is damaged: it has %d bytes instead of %d", size, stored)
	case unpacked > freeUnpacked+maxRatio*uint64(size):
		return refused("the file unpacks to %d bytes, more than a snapshot of its size can", unpacked)
	case users > math.MaxInt32-1 || uint64(users) > unpacked:
		return refused("the file is damaged: it cannot hold %d users", users)
	}
	return nil
}

// unpack reads the blocks in parallel.
func unpack(r io.ReaderAt, entries []entry, s *content) error {
	decoder, err := newDecoder()
	if err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	starts := make([]int64, len(blocks))
	at := int64(headSize())
	for i, e := range entries {
		starts[i] = at
		at += int64(e.stored)
	}
	return eachBlock(func(i int) error {
		data, err := readPart(r, starts[i], int64(entries[i].stored))
		if err != nil {
			return err
		}
		if checksum(data) != entries[i].sum {
			return refused("the file is damaged: the checksum of the block %q is wrong", blocks[i].name)
		}
		data, err = decoder.DecodeAll(data, make([]byte, 0, entries[i].unpacked))
		if err != nil || uint64(len(data)) != entries[i].unpacked {
			return refused("the file is damaged: the block %q does not unpack to its size", blocks[i].name)
		}
		c := &coder{reading: true, data: data}
		if blocks[i].code(c, s); c.err == nil && len(c.data) > 0 {
			c.fail("%d bytes are left over", len(c.data))
		}
		if c.err != nil {
			return refused("the file was not written by Seatwright: block %q: %v", blocks[i].name, c.err)
		}
		return nil
	})
}

func readPart(r io.ReaderAt, at, size int64) ([]byte, error) {
	data := make([]byte, size)
	n, err := r.ReadAt(data, at)
	if n == len(data) {
		return data, nil
	}
	if errors.Is(err, io.EOF) {
		return nil, refused("the file was cut off")
	}
	return nil, fmt.Errorf("read snapshot: %w", err)
}
