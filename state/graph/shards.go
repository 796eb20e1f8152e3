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

// shard is the users whose names begin with one of a few strings.
type shard []string

const (
	// alphabet is what user principal names are made of ("user resource type"), and
	// then what mail addresses have besides, which guests bring with them.
	alphabet = "abcdefghijklmnopqrstuvwxyz0123456789'.-_!#^~@" + "+&$*=?/`{|}%"
	// together is how many beginnings share a shard where none is known to be used;
	// Graph takes up to 15 alternatives in a filter.
	together = 12
	// maxPrefix is the longest beginning that is split any further.
	maxPrefix = 32
)

// filter returns the shard's condition. startsWith does not tell capitals apart.
func (s shard) filter() string {
	clauses := make([]string, len(s))
	for i, prefix := range s {
		clauses[i] = "startsWith(userPrincipalName,'" + strings.ReplaceAll(prefix, "'", "''") + "')"
	}
	return strings.Join(clauses, " or ")
}

// split returns the shard in smaller ones; nil if it is small enough. Names that it is
// known to hold say which ones are worth a shard of their own. Whatever they say, the
// parts are the whole, as far as the alphabet goes.
func (s shard) split(names []string) []shard {
	if len(s) > 1 { // it was thought to be small; lists that are sorted mislead
		var parts []shard
		for _, prefix := range s {
			parts = append(parts, shard{prefix})
		}
		return parts
	}
	prefix := s[0]
	var parts []shard
	for len(prefix) < maxPrefix {
		seen := following(prefix, names)
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
			return append(parts, apart(longer, alone)...)
		}
		// All go on alike: what is alone here is to be split at the next character.
		prefix += string(seen[0])
		parts = append(parts, apart(slices.DeleteFunc(longer, alone), alone)...)
	}
	if parts == nil {
		return nil
	}
	return append(parts, shard{prefix})
}

// apart returns some beginnings a shard each, and puts the others together.
func apart(prefixes []string, alone func(string) bool) []shard {
	var parts []shard
	var rest []string
	for _, prefix := range prefixes {
		if alone(prefix) {
			parts = append(parts, shard{prefix})
		} else {
			rest = append(rest, prefix)
		}
	}
	for chunk := range slices.Chunk(rest, together) {
		parts = append(parts, shard(chunk))
	}
	return parts
}

// following returns the characters with which names go on behind a prefix.
func following(prefix string, names []string) []rune {
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

// crew reads shards side by side. A shard with more pages to come is split as soon
// as some of the crew have nothing to do: its pages so far are read again then,
// which costs less than waiting for one long walk.
type crew struct {
	client *Client

	mu      sync.Mutex
	changed *sync.Cond
	waiting []shard
	working int
	failure error
	into    *crowd
	ids     map[state.UserID]bool
	twice   int // users whom two shards had: somebody was renamed meanwhile
}

// newCrew makes a crew for all users, some of whose names are known.
func newCrew(c *Client, names []string) *crew {
	w := &crew{client: c, waiting: shard{""}.split(names), into: newCrowd(), ids: map[state.UserID]bool{}}
	w.changed = sync.NewCond(&w.mu)
	return w
}

// read reads all shards, or fails as the first one that does.
func (w *crew) read(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	for range readWidth {
		workers.Go(func() {
			var pages userReader
			for s, more := w.next(); more; s, more = w.next() {
				w.done(w.work(ctx, &pages, s))
				if w.failed() {
					cancel()
				}
			}
		})
	}
	workers.Wait()
	return w.failure
}

// next waits for a shard; there is none when all have been read, or one failed.
func (w *crew) next() (shard, bool) {
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

// hungry reports whether somebody has nothing to do.
func (w *crew) hungry() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) == 0 && w.working < readWidth
}

func (w *crew) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != nil
}

// errSplit ends the walk through a shard that is split instead.
var errSplit = errors.New("the shard is split")

// minPages is how many pages of a shard are read before it may be split: what has
// only one or two is soon done.
const minPages = 2

// harvest is what a walk through a shard brought.
type harvest struct {
	users  []state.Record
	flaws  []error
	splits []shard // instead of users
}

func (h *harvest) take(r state.Record, flaw error) {
	if flaw != nil {
		h.flaws = append(h.flaws, flaw)
		return
	}
	h.users = append(h.users, r)
}

// names returns those of the users, in small letters.
func (h *harvest) names() []string {
	names := make([]string, len(h.users))
	for i, r := range h.users {
		names[i] = strings.ToLower(r.UserPrincipalName)
	}
	return names
}

func (h *harvest) size() int { return len(h.users) + len(h.flaws) }

// work walks through a shard.
func (w *crew) work(ctx context.Context, pages *userReader, s shard) (harvest, error) {
	var h harvest
	turned := 0
	err := walk(ctx, w.client, opListUsers, w.client.usersAddress(s.filter()), func(raw []byte) (string, int, error) {
		before := h.size()
		link, err := pages.readPage(raw, h.take)
		if turned++; err == nil && link != "" && turned >= minPages && w.hungry() {
			if h.splits = s.split(h.names()); h.splits != nil {
				return "", 0, errSplit
			}
		}
		return link, h.size() - before, err
	})
	if errors.Is(err, errSplit) {
		return harvest{splits: h.splits}, nil
	}
	return h, err
}

// done takes the harvest of a shard in.
func (w *crew) done(h harvest, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.changed.Broadcast()
	w.working--
	w.waiting = append(w.waiting, h.splits...)
	if err == nil {
		err = w.takeIn(h)
	}
	w.failure = cmp.Or(w.failure, err)
	if err == nil {
		w.client.progress(w.into.seen())
	}
}

// takeIn takes in whom no other shard had.
func (w *crew) takeIn(h harvest) error {
	h.users = slices.DeleteFunc(h.users, func(r state.Record) bool {
		known := w.ids[r.ID]
		w.ids[r.ID] = true
		if known {
			w.twice++
		}
		return known
	})
	return w.into.takeIn(h)
}
