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

// Open implements [journal.Place]. It reads range by range, each with its own time;
// what grows meanwhile is read as far as it has got.
func (c *Container) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	r := &reader{ctx: ctx, container: c, name: name, part: 1}
	if err := r.fetch(); err != nil {
		return nil, err
	}
	return r, nil
}

// firstRange is less, for those who only want to know how something begins.
const firstRange = 256 << 10

// maxParts is far more than the largest journal takes.
const maxParts = 100

// partName is the name of the so-manieth part: of what has more blocks than one blob
// takes.
func partName(name string, part int) string {
	if part == 1 {
		return name
	}
	return name + "." + strconv.Itoa(part)
}

// reader reads the parts of something, one behind the other.
type reader struct {
	ctx       context.Context // a reader has no other way to know it
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
	got, err := r.container.ranged(r.ctx, partName(r.name, r.part), r.offset, most)
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
		return r.container.failed(r.ctx, "read "+r.name, &refusedHere{errEndless})
	case got.blocks >= r.container.maxBlocks:
		r.part, r.offset = r.part+1, 0
	default:
		r.ended = true
	}
	return nil
}

// End implements [journal.Place].
func (c *Container) End(ctx context.Context, name string, most int64) ([]byte, error) {
	properties, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
	switch {
	case err != nil:
		return nil, c.failed(ctx, "read "+name, err)
	case properties.ContentLength == nil || blocksOf(properties.BlobCommittedBlockCount) >= c.maxBlocks:
		return nil, c.failed(ctx, "read "+name, errors.New("it goes on in another part"))
	}
	size := *properties.ContentLength
	got, err := c.ranged(ctx, name, max(size-most, 0), min(size, most))
	return got.data, err
}

// piece is a part of a blob, and how many blocks all of it has.
type piece struct {
	data   []byte
	blocks int
}

// ranged reads at most so many bytes from a position on; none if it ends before.
func (c *Container) ranged(ctx context.Context, name string, from, most int64) (piece, error) {
	op := "read " + name
	var failed error
	for range 3 { // the SDK repeats requests, but not what breaks off behind the headers
		answer, err := c.client.NewBlobClient(name).DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: from, Count: most}})
		if bloberror.HasCode(err, bloberror.InvalidRange) {
			return c.past(ctx, name, err)
		}
		if err != nil {
			return piece{}, c.failed(ctx, op, err)
		}
		data, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
		_ = answer.Body.Close() // of what was only read
		if err == nil && int64(len(data)) > most {
			return piece{}, c.failed(ctx, op, errors.New("the answer is longer than what was asked for"))
		}
		if err == nil {
			return piece{data, blocksOf(answer.BlobCommittedBlockCount)}, nil
		}
		if failed = c.failed(ctx, op, err); ctx.Err() != nil {
			break
		}
	}
	return piece{}, failed
}

// past is what lies behind the end: nothing, and so many blocks before it.
func (c *Container) past(ctx context.Context, name string, refusal error) (piece, error) {
	if r, ok := errors.AsType[*azcore.ResponseError](refusal); !ok || r.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		return piece{}, c.failed(ctx, "read "+name, refusal)
	}
	properties, err := c.client.NewBlobClient(name).GetProperties(ctx, nil)
	if err != nil {
		return piece{}, c.failed(ctx, "read "+name, err)
	}
	return piece{nil, blocksOf(properties.BlobCommittedBlockCount)}, nil
}

func blocksOf(count *int32) int {
	if count == nil {
		return 0
	}
	return int(*count)
}
