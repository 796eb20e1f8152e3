package catalog

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

const (
	// suggestions is how many names an error suggests.
	suggestions = 3
	// longestWord bounds the work on one candidate. Characters; a user principal
	// name has up to 113.
	longestWord = 128
	// farthest is the greatest edit distance that still looks like a slip.
	farthest = 3
)

// Nearest is the candidate that the word most looks like a slip of, or "" if none
// is near. Of equally near ones it takes the first in order of text, whatever the
// order of the candidates. Words of more than 128 characters have no nearest.
func Nearest(word string, among []string) string {
	if near := nearest(word, among, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}

// hit is a candidate that is near enough.
type hit struct {
	text     string
	distance int
}

// nearest are up to most candidates, the nearest first.
func nearest(name string, among []string, most int) []string {
	sought := newWord(name)
	length := len(sought.runes)
	if length == 0 || length > longestWord {
		return nil
	}
	limit := min(max((length+1)/3, 1), farthest, length-1)
	var hits []hit
	for _, candidate := range among {
		distance, near := sought.distance(candidate, limit)
		if !near {
			continue
		}
		hits = insert(hits, hit{candidate, distance}, most)
		if len(hits) == most {
			limit = hits[most-1].distance
		}
	}
	texts := make([]string, len(hits))
	for i, h := range hits {
		texts[i] = h.text
	}
	return texts
}

// insert keeps the nearest hits in order, each once.
func insert(hits []hit, h hit, most int) []hit {
	i, found := slices.BinarySearchFunc(hits, h, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.text, b.text))
	})
	if found {
		return hits
	}
	hits = slices.Insert(hits, i, h)
	return hits[:min(len(hits), most)]
}

// word is what is sought, folded.
type word struct {
	runes   []rune
	letters [32]int16 // how often each character occurs, by its lowest five bits
}

func newWord(s string) *word {
	w := &word{runes: []rune(Fold(s))}
	for _, r := range w.runes {
		w.letters[r&31]++
	}
	return w
}

// distance is the edit distance of the word and a candidate, if it is within the
// limit. Most candidates are ruled out by counting letters, since one edit takes a
// letter away, adds one, or both.
func (w *word) distance(candidate string, limit int) (int, bool) {
	const most = longestWord + farthest
	if len(candidate) > utf8.UTFMax*most {
		return 0, false
	}
	var buffer [most]rune
	runes := buffer[:0]
	letters := w.letters
	for _, r := range Fold(candidate) {
		if len(runes) == len(w.runes)+limit {
			return 0, false
		}
		runes = append(runes, r)
		letters[r&31]--
	}
	missing, added := 0, 0
	for _, n := range letters {
		missing += max(int(n), 0)
		added += max(-int(n), 0)
	}
	if max(missing, added) > limit {
		return 0, false
	}
	return distanceWithin(w.runes, runes, limit)
}

// distanceWithin is Levenshtein's distance of a and b, if it is within the limit.
// Only the cells of the matrix that can be within it are computed, so that the work
// grows with the length and not with its square: there is no bound on how many
// names of a tenant look alike.
func distanceWithin(a, b []rune, limit int) (int, bool) {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return 0, false
	}
	var row [longestWord + farthest + 1]int // of the matrix: distances of a[:i] and b[:j]
	for j := range min(len(b), limit) + 1 {
		row[j] = j //nolint:gosec // j is at most the limit, which is at most farthest
	}
	for i := 1; i <= len(a); i++ {
		first, last := max(i-limit, 1), min(i+limit, len(b))
		diagonal := row[first-1]
		row[first-1] = limit + 1
		if first == 1 {
			row[0] = i
		}
		if i+limit <= len(b) {
			row[last] = limit + 1 // not computed for the row before
		}
		for j := first; j <= last; j++ {
			replaced := diagonal
			if a[i-1] != b[j-1] {
				replaced++
			}
			diagonal = row[j]
			row[j] = min(replaced, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)], row[len(b)] <= limit
}
