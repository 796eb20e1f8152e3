package catalog

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"github.com/seatwright/seatwright/policies/diag"
)

const (
	// suggestions is how many names an error suggests.
	suggestions = 3
	// longestWord bounds the work on one candidate. Characters; a user principal
	// name has up to 113.
	longestWord = 128
	// farthest is the greatest edit distance that still looks like a mistake.
	farthest = 3
	// mostWork bounds the cells of the matrices that one search computes: a tenth of a
	// second, and some 30,000 user principal names that have nearly the same letters.
	mostWork = 20_000_000
)

// Nearest returns the candidate that the word most looks like a mistyped form of, or "" if none
// is near. Of equally near ones it takes the first in order of text, whatever the
// order of the candidates. Words of more than 128 characters have no nearest.
func Nearest(word string, among []string) string {
	if near := nearest(word, among, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}

// DidYouMean returns a hint that asks for the candidate that [Nearest] finds, or "".
func DidYouMean(word string, among []string) string {
	if near := Nearest(word, among); near != "" {
		return diag.DidYouMean(near)
	}
	return ""
}

// hit is a candidate that is near enough.
type hit struct {
	text     string
	distance int
}

// nearest are up to most candidates, the nearest first. Where the work runs out, later
// candidates are left out.
func nearest(name string, among []string, most int) []string {
	sought := Fold(name)
	length := utf8.RuneCountInString(sought)
	if length == 0 || length > longestWord {
		return nil
	}
	limit := min(max((length+1)/3, 1), farthest, length-1)
	letters := lettersOf(sought)
	var hits []hit
	for work := 0; len(among) > 0 && work < mostWork; among = among[1:] {
		candidate := among[0]
		if len(candidate) > utf8.UTFMax*(longestWord+farthest) {
			continue
		}
		folded := Fold(candidate)
		if !letters.near(folded, limit) {
			continue
		}
		work += length * length
		distance := levenshtein.ComputeDistance(sought, folded)
		if distance > limit {
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

// letters are how often each character occurs in a text, by its lowest five bits.
type letters [32]int

func lettersOf(s string) letters {
	var l letters
	for _, r := range s {
		l[r&31]++
	}
	return l
}

// near reports whether a text can be within an edit distance, by its length and its
// letters: one edit takes a letter away, adds one, or both. It rules out most candidates
// before the distance is computed.
func (l letters) near(s string, limit int) bool {
	for _, r := range s {
		l[r&31]--
	}
	missing, added := 0, 0
	for _, n := range l {
		missing += max(n, 0)
		added += max(-n, 0)
	}
	return max(missing, added) <= limit
}
