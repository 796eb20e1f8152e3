package graph

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/seatwright/seatwright/state"
)

// shard is the users whose names begin with one of a few prefixes.
type shard []string

const (
	// alphabet has the characters of user principal names ("user resource type"), and
	// then the further ones of mail addresses, which the names of guests contain.
	alphabet = "abcdefghijklmnopqrstuvwxyz0123456789'.-_!#^~@" + "+&$*=?/`{|}%"
	// prefixesPerShard is how many prefixes share a shard if none is known to be used;
	// Graph accepts up to 15 alternatives in a filter.
	prefixesPerShard = 12
	// maxPrefix is the length of the longest prefix that is split further.
	maxPrefix = 32
)

// filter returns the shard's condition. startsWith ignores case.
func (s shard) filter() string {
	clauses := make([]string, len(s))
	for i, prefix := range s {
		clauses[i] = "startsWith(userPrincipalName,'" + strings.ReplaceAll(prefix, "'", "''") + "')"
	}
	return strings.Join(clauses, " or ")
}

// split returns the shard in smaller ones, or nil if it is small enough. The known names
// of the shard decide which prefixes get a shard of their own. For any names, the parts
// are the whole, as far as the alphabet goes.
func (s shard) split(names []string) []shard {
	if len(s) > 1 { // it was expected to be small, but the first names of a sorted list are not typical
		var parts []shard
		for _, prefix := range s {
			parts = append(parts, shard{prefix})
		}
		return parts
	}
	prefix := s[0]
	var parts []shard
	for len(prefix) < maxPrefix {
		seen := nextCharacters(prefix, names)
		var longer []string
		for _, c := range alphabet {
			longer = append(longer, prefix+string(c))
		}
		for _, c := range seen {
			if !strings.ContainsRune(alphabet, c) {
				longer = append(longer, prefix+string(c))
			}
		}
		alone := func(prefix string) bool { return slices.Contains(seen, lastRune(prefix)) }
		if len(seen) != 1 {
			return append(parts, groupPrefixes(longer, alone)...)
		}
		// All known names continue alike, so the single prefix is split at the next
		// character.
		prefix += string(seen[0])
		parts = append(parts, groupPrefixes(slices.DeleteFunc(longer, alone), alone)...)
	}
	if parts == nil {
		return nil
	}
	return append(parts, shard{prefix})
}

// groupPrefixes returns a shard for each prefix for which alone is true, and puts the
// others together.
func groupPrefixes(prefixes []string, alone func(string) bool) []shard {
	var parts []shard
	var rest []string
	for _, prefix := range prefixes {
		if alone(prefix) {
			parts = append(parts, shard{prefix})
		} else {
			rest = append(rest, prefix)
		}
	}
	for chunk := range slices.Chunk(rest, prefixesPerShard) {
		parts = append(parts, shard(chunk))
	}
	return parts
}

// nextCharacters returns the characters that follow a prefix in the names.
func nextCharacters(prefix string, names []string) []rune {
	var seen []rune
	for _, name := range names {
		rest, ok := strings.CutPrefix(name, prefix)
		if c, size := utf8.DecodeRuneInString(rest); ok && size > 0 && c != utf8.RuneError && !slices.Contains(seen, c) {
			seen = append(seen, c)
		}
	}
	slices.Sort(seen)
	return seen
}

func lastRune(s string) rune {
	c, _ := utf8.DecodeLastRuneInString(s)
	return c
}

// workerPool reads shards in parallel. A shard with more pages is split as soon as a
// worker is idle. The pages read so far are read again then, which costs less than
// waiting for one long walk.
type workerPool struct {
	client *Client

	mu         sync.Mutex
	changed    *sync.Cond
	waiting    []shard
	working    int
	failure    error
	into       *userCollector
	ids        map[state.UserID]bool
	duplicates int // users that two shards had: they were renamed in the meantime
}

// newWorkerPool returns a pool for all users, some of whose names are known.
func newWorkerPool(c *Client, names []string) *workerPool {
	w := &workerPool{client: c, waiting: shard{""}.split(names), into: newUserCollector(), ids: map[state.UserID]bool{}}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// read reads all shards, or returns the first error.
func (w *workerPool) read(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	for range readWidth {
		workers.Go(func() {
			var reader userReader
			for s, more := w.nextShard(); more; s, more = w.nextShard() {
				w.finishShard(w.readShard(ctx, &reader, s))
				if w.failed() {
					cancel()
				}
			}
		})
	}
	workers.Wait()
	return w.failure
}

// nextShard waits for a shard. It returns false when all have been read, or one failed.
func (w *workerPool) nextShard() (shard, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) == 0 && w.working > 0 && w.failure == nil {
		w.changed.Wait()
	}
	if len(w.waiting) == 0 || w.failure != nil {
		return nil, false
	}
	s := w.waiting[0]
	w.waiting = w.waiting[1:]
	w.working++
	return s, true
}

// hasIdleWorker reports whether a worker has nothing to do.
func (w *workerPool) hasIdleWorker() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) == 0 && w.working < readWidth
}

func (w *workerPool) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != nil
}

// errSplit ends the walk of a shard that is split instead.
var errSplit = errors.New("the shard is split")

// minPages is how many pages of a shard are read before it may be split: a shard of one
// or two pages ends soon.
const minPages = 2

// shardResult is the result of a walk of a shard.
type shardResult struct {
	users  []state.Record
	flaws  []error
	splits []shard // instead of users
}

func (h *shardResult) take(r state.Record, flaw error) {
	if flaw != nil {
		h.flaws = append(h.flaws, flaw)
		return
	}
	h.users = append(h.users, r)
}

// names returns the names of the users, in lower case.
func (h *shardResult) names() []string {
	names := make([]string, len(h.users))
	for i, r := range h.users {
		names[i] = strings.ToLower(r.UserPrincipalName)
	}
	return names
}

func (h *shardResult) size() int { return len(h.users) + len(h.flaws) }

// readShard walks the pages of a shard.
func (w *workerPool) readShard(ctx context.Context, reader *userReader, s shard) (shardResult, error) {
	var h shardResult
	pages := 0
	err := walkPages(ctx, w.client, opListUsers, w.client.usersAddress(s.filter()), func(raw []byte) (string, int, error) {
		before := h.size()
		link, err := reader.readPage(raw, h.take)
		if pages++; err == nil && link != "" && pages >= minPages && w.hasIdleWorker() {
			if h.splits = s.split(h.names()); h.splits != nil {
				return "", 0, errSplit
			}
		}
		return link, h.size() - before, err
	})
	if errors.Is(err, errSplit) {
		return shardResult{splits: h.splits}, nil
	}
	return h, err
}

// finishShard adds the result of a shard.
func (w *workerPool) finishShard(h shardResult, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.changed.Broadcast()
	w.working--
	w.waiting = append(w.waiting, h.splits...)
	if err == nil {
		err = w.addResult(h)
	}
	w.failure = cmp.Or(w.failure, err)
	if err == nil {
		w.client.progress(w.into.seen())
	}
}

// addResult adds the users that no other shard had.
func (w *workerPool) addResult(h shardResult) error {
	h.users = slices.DeleteFunc(h.users, func(r state.Record) bool {
		known := w.ids[r.ID]
		w.ids[r.ID] = true
		if known {
			w.duplicates++
		}
		return known
	})
	return w.into.addResult(h)
}
