package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/seatwright/seatwright/plan/apply/journal"
)

// appendTime limits one append, including the reads that settle whether it was made.
const appendTime = 2 * time.Minute

// appender writes an append blob, and continues in another blob once that is full.
type appender struct {
	container *Container
	name      string
	part      int
	at        int64 // position where the next append must land
	blocks    int
}

// Create implements [journal.Place].
func (c *Container) Create(ctx context.Context, name string) (journal.Appender, error) {
	a := &appender{container: c, name: name}
	if err := a.createPart(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// createPart creates the next part. If an answer was lost, an empty blob that already
// exists is this run's own.
func (a *appender) createPart(ctx context.Context) error {
	name, repeated := partName(a.name, a.part+1), false
	options := retryOptions()
	options.ShouldRetry = func(answer *http.Response, err error) bool {
		again := err != nil || isTemporary(answer.StatusCode)
		repeated = repeated || again
		return again
	}
	_, err := a.blob(name).Create(policy.WithRetryOptions(ctx, options), &appendblob.CreateOptions{AccessConditions: onlyNew()})
	if repeated && bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		var there blobRange
		if there, err = a.container.readRange(ctx, name, 0, 1); err == nil && len(there.data) > 0 {
			err = &statusError{http.StatusConflict, string(bloberror.BlobAlreadyExists)}
		}
	}
	if err != nil {
		return a.container.wrapError(ctx, "begin "+name, err)
	}
	a.part, a.at, a.blocks = a.part+1, 0, 0
	return nil
}

func (a *appender) blob(name string) *appendblob.Client {
	return a.container.client.NewAppendBlobClient(name)
}

// onlyNew lets a request create a blob, but not replace one.
func onlyNew() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &anything}}
}

var anything = azcore.ETagAny

// Append implements [journal.Appender].
func (a *appender) Append(data []byte) error {
	for len(data) > 0 {
		block := firstBlock(data)
		if err := a.appendBlock(block); err != nil {
			return err
		}
		data = data[len(block):]
	}
	return nil
}

// Close implements [journal.Appender]: nothing is open between two appends.
func (a *appender) Close() error { return nil }

// firstBlock returns as many whole lines as one block can hold.
func firstBlock(data []byte) []byte {
	if len(data) <= maxBlock {
		return data
	}
	if end := bytes.LastIndexByte(data[:maxBlock], '\n'); end >= 0 {
		return data[:end+1]
	}
	return data[:maxBlock]
}

// appendBlock appends one block. The service refuses a repeated append because its position
// is taken. So after such a refusal, or after a lost answer, a read settles whether the
// block is there.
func (a *appender) appendBlock(block []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), appendTime) // a signal does not stop an append in flight
	defer cancel()
	if a.blocks >= a.container.maxBlocks {
		if err := a.createPart(ctx); err != nil {
			return err
		}
	}
	name := partName(a.name, a.part)
	for try := 1; ; try++ {
		answer, err := a.blob(name).AppendBlock(ctx, body(block), &appendblob.AppendBlockOptions{
			AppendPositionAccessConditions: &appendblob.AppendPositionAccessConditions{AppendPosition: &a.at},
		})
		if err == nil && answer.BlobCommittedBlockCount == nil {
			err = errors.New("the answer does not confirm the append")
		}
		if err == nil {
			a.blocks = int(*answer.BlobCommittedBlockCount)
			a.at += int64(len(block))
			return nil
		}
		if isFinal(err) {
			return a.container.wrapError(ctx, "append to "+name, err)
		}
		made, unsettled := a.hasLanded(ctx, name, block)
		switch {
		case unsettled != nil:
			return unsettled
		case made:
			return nil
		case try == 3:
			return a.container.wrapError(ctx, "append to "+name, err)
		}
	}
}

// isFinal reports whether an append was refused for good. An earlier try that the SDK
// repeated may still have been made: the journal ends there, and its intents are open.
func isFinal(err error) bool {
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	if answered {
		return troubleOf(refusal) != Unreachable && !bloberror.HasCode(refusal, bloberror.AppendPositionConditionNotMet)
	}
	_, signIn := errors.AsType[*signInError](err)
	_, here := errors.AsType[*localRefusal](err)
	return signIn || here
}

// hasLanded reports whether the block is at its position. Any other data there is from
// another writer.
func (a *appender) hasLanded(ctx context.Context, name string, block []byte) (bool, error) {
	there, err := a.container.readRange(ctx, name, a.at, int64(len(block))+1)
	switch {
	case err != nil:
		return false, err
	case len(there.data) == 0:
		return false, nil
	case !bytes.Equal(there.data, block):
		return false, a.container.wrapError(ctx, "append to "+name, fmt.Errorf("another writer has appended to it at position %d", a.at))
	}
	a.at += int64(len(block))
	a.blocks = there.blocks
	return true, nil
}
