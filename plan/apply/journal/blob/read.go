package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// Open implements [journal.Place]. It reads range by range, each with its own time limit.
// It reads a blob that grows as far as it has got.
func (c *Container) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	r := &reader{ctx: ctx, container: c, name: name, part: 1}
	if err := r.fetch(); err != nil {
		return nil, err
	}
	return r, nil
}

// firstRange is smaller, for callers that only need the beginning.
const firstRange = 256 << 10

// maxParts is far more than the largest journal needs.
const maxParts = 100

// partName returns the name of a part. A journal has several parts if it has more blocks
// than one blob can hold.
func partName(name string, part int) string {
	if part == 1 {
		return name
	}
	return name + "." + strconv.Itoa(part)
}

// reader reads the parts of an item one after another.
type reader struct {
	ctx       context.Context // io.Reader cannot pass it
	container *Container
	name      string
	part      int
	offset    int64
	left      bytes.Reader
	ended     bool
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	for r.left.Len() == 0 {
		if r.ended {
			return 0, io.EOF
		}
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	return r.left.Read(p)
}

// Close implements [io.Closer]: nothing is open between two ranges.
func (r *reader) Close() error { return nil }

// fetch reads the next range.
func (r *reader) fetch() error {
	most := int64(maxBlock)
	if r.part == 1 && r.offset == 0 {
		most = firstRange
	}
	got, err := r.container.readRange(r.ctx, partName(r.name, r.part), r.offset, most)
	if r.part > 1 && isCode(err, blobNotThere) {
		r.ended = true // the part before it is full, and the last
		return nil
	}
	if err != nil {
		return err
	}
	r.left.Reset(got.data)
	r.offset += int64(len(got.data))
	switch {
	case int64(len(got.data)) == most:
	case r.part == maxParts:
		return r.container.wrapError(r.ctx, "read "+r.name, &localRefusal{errEndless})
	case got.blocks >= r.container.maxBlocks:
		r.part, r.offset = r.part+1, 0
	default:
		r.ended = true
	}
	return nil
}

// ReadEnd implements [journal.Place].
func (c *Container) ReadEnd(ctx context.Context, name string, most int64) ([]byte, error) {
	properties, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
	switch {
	case err != nil:
		return nil, c.wrapError(ctx, "read "+name, err)
	case properties.ContentLength == nil || blocksOf(properties.BlobCommittedBlockCount) >= c.maxBlocks:
		return nil, c.wrapError(ctx, "read "+name, errors.New("it continues in another part"))
	}
	size := *properties.ContentLength
	got, err := c.readRange(ctx, name, max(size-most, 0), min(size, most))
	return got.data, err
}

// blobRange is a range of a blob, and the number of blocks of the whole blob.
type blobRange struct {
	data   []byte
	blocks int
}

// readRange reads at most the given number of bytes from a position. It returns no bytes if
// the blob ends before.
func (c *Container) readRange(ctx context.Context, name string, from, most int64) (blobRange, error) {
	op := "read " + name
	var failed error
	for range 3 { // the SDK repeats requests, but not an answer that breaks off after the headers
		answer, err := c.client.NewBlobClient(name).DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: from, Count: most}})
		if bloberror.HasCode(err, bloberror.InvalidRange) {
			return c.readPastEnd(ctx, name, err)
		}
		if err != nil {
			return blobRange{}, c.wrapError(ctx, op, err)
		}
		data, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
		_ = answer.Body.Close() // of what was only read
		if err == nil && int64(len(data)) > most {
			return blobRange{}, c.wrapError(ctx, op, errors.New("the answer is longer than what was asked for"))
		}
		if err == nil {
			return blobRange{data, blocksOf(answer.BlobCommittedBlockCount)}, nil
		}
		if failed = c.wrapError(ctx, op, err); ctx.Err() != nil {
			break
		}
	}
	return blobRange{}, failed
}

// readPastEnd returns what is after the end of a blob: no bytes, and the number of its
// blocks.
func (c *Container) readPastEnd(ctx context.Context, name string, refusal error) (blobRange, error) {
	if r, ok := errors.AsType[*azcore.ResponseError](refusal); !ok || r.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		return blobRange{}, c.wrapError(ctx, "read "+name, refusal)
	}
	properties, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
	if err != nil {
		return blobRange{}, c.wrapError(ctx, "read "+name, err)
	}
	return blobRange{nil, blocksOf(properties.BlobCommittedBlockCount)}, nil
}

func blocksOf(count *int32) int {
	if count == nil {
		return 0
	}
	return int(*count)
}
