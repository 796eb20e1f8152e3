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

// appendTime is how long one append is tried, with all that settles whether it was made.
const appendTime = 2 * time.Minute

// appender writes an append blob, and goes on in another one where that is full.
type appender struct {
	container *Container
	name      string
	part      int
	at        int64 // where the next append has to land
	blocks    int
}

// Create implements [journal.Place].
func (c *Container) Create(ctx context.Context, name string) (journal.Appender, error) {
	a := &appender{container: c, name: name}
	if err := a.next(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// next begins the next part. One that is there already, and empty, is this run's own
// where an earlier answer was lost.
func (a *appender) next(ctx context.Context) error {
	name, repeated := partName(a.name, a.part+1), false
	options := tries()
	options.ShouldRetry = func(answer *http.Response, err error) bool {
		again := err != nil || momentary(answer.StatusCode)
		repeated = repeated || again
		return again
	}
	_, err := a.blob(name).Create(policy.WithRetryOptions(ctx, options), &appendblob.CreateOptions{AccessConditions: onlyNew()})
	if repeated && bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		var there piece
		if there, err = a.container.ranged(ctx, name, 0, 1); err == nil && len(there.data) > 0 {
			err = &statusError{http.StatusConflict, string(bloberror.BlobAlreadyExists)}
		}
	}
	if err != nil {
		return a.container.failed(ctx, "begin "+name, err)
	}
	a.part, a.at, a.blocks = a.part+1, 0, 0
	return nil
}

func (a *appender) blob(name string) *appendblob.Client {
	return a.container.client.NewAppendBlobClient(name)
}

// onlyNew lets a request make a blob, and not replace one.
func onlyNew() *blob.AccessConditions {
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &anything}}
}

var anything = azcore.ETagAny

// Append implements [journal.Appender].
func (a *appender) Append(data []byte) error {
	for len(data) > 0 {
		block := firstBlock(data)
		if err := a.put(block); err != nil {
			return err
		}
		data = data[len(block):]
	}
	return nil
}

// Close implements [journal.Appender]: nothing is open between two appends.
func (a *appender) Close() error { return nil }

// firstBlock is as many whole lines as one block takes.
func firstBlock(data []byte) []byte {
	if len(data) <= maxBlock {
		return data
	}
	if end := bytes.LastIndexByte(data[:maxBlock], '\n'); end >= 0 {
		return data[:end+1]
	}
	return data[:maxBlock]
}

// put appends one block. An answer that was lost, or that says that the position is
// taken, which is what the repetition of an append that was made gets too, is settled
// by reading what lies there.
func (a *appender) put(block []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), appendTime) // a signal does not stop what is on its way
	defer cancel()
	if a.blocks >= a.container.maxBlocks {
		if err := a.next(ctx); err != nil {
			return err
		}
	}
	name := partName(a.name, a.part)
	for try := 1; ; try++ {
		answer, err := a.blob(name).AppendBlock(ctx, body(block), &appendblob.AppendBlockOptions{
			AppendPositionAccessConditions: &appendblob.AppendPositionAccessConditions{AppendPosition: &a.at},
		})
		if err == nil && answer.BlobCommittedBlockCount == nil {
			err = errors.New("the answer does not say that it was appended")
		}
		if err == nil {
			a.blocks = int(*answer.BlobCommittedBlockCount)
			a.at += int64(len(block))
			return nil
		}
		if certain(err) {
			return a.container.failed(ctx, "append to "+name, err)
		}
		made, unsettled := a.landed(ctx, name, block)
		switch {
		case unsettled != nil:
			return unsettled
		case made:
			return nil
		case try == 3:
			return a.container.failed(ctx, "append to "+name, err)
		}
	}
}

// certain says that an append was refused for good. An earlier try that the SDK repeated
// may have been made all the same: the journal ends there, and its intents are open.
func certain(err error) bool {
	refusal, answered := errors.AsType[*azcore.ResponseError](err)
	if answered {
		return troubleOf(refusal) != Unreachable && !bloberror.HasCode(refusal, bloberror.AppendPositionConditionNotMet)
	}
	_, signIn := errors.AsType[*signInError](err)
	_, here := errors.AsType[*refusedHere](err)
	return signIn || here
}

// landed says whether a block lies where it was to land. Anything else there is
// somebody else's.
func (a *appender) landed(ctx context.Context, name string, block []byte) (bool, error) {
	there, err := a.container.ranged(ctx, name, a.at, int64(len(block))+1)
	switch {
	case err != nil:
		return false, err
	case len(there.data) == 0:
		return false, nil
	case !bytes.Equal(there.data, block):
		return false, a.container.failed(ctx, "append to "+name, fmt.Errorf("somebody else writes to it: there is something else at position %d", a.at))
	}
	a.at += int64(len(block))
	a.blocks = there.blocks
	return true, nil
}
