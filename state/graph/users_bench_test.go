package graph_test

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// BenchmarkAllUsers reads 100,000 users over a real socket, from a service that needs 50
// ms per page: one page after the other, and in shards.
func BenchmarkAllUsers(b *testing.B) {
	const n = 100_000
	for _, population := range []struct {
		name  string
		names []string
	}{{"numbers", numbered(n)}, {"names", named(n)}} {
		list := newSortedList(population.names)
		for _, way := range []struct {
			name  string
			count string
		}{{"serial", "none"}, {"sharded", strconv.Itoa(n)}} {
			b.Run(population.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				client := dial(b, serve(b, list.handler(way.count, 50*time.Millisecond)), graph.Options{})
				for b.Loop() {
					s, err := client.Read(b.Context(), state.Query{AllUsers: true})
					if err != nil || s.Len() != n {
						b.Fatalf("Read: %v", err)
					}
				}
			})
		}
	}
}

// sortedList is users in the order of their names, each as JSON.
type sortedList struct{ names, users []string }

func newSortedList(names []string) *sortedList {
	l := &sortedList{}
	for _, name := range names {
		l.names = append(l.names, strings.ToLower(name))
	}
	sort.Strings(l.names)
	for i, name := range l.names {
		l.users = append(l.users, userJSON(i+1, fmt.Sprintf("u%d@contoso.com", i+1), name))
	}
	return l
}

// matching returns the users of a filter.
func (l *sortedList) matching(filter string) []string {
	if filter == "" {
		return l.users
	}
	var users []string
	for clause := range strings.SplitSeq(filter, " or ") {
		prefix := strings.ReplaceAll(startsWith.FindStringSubmatch(clause)[1], "''", "'")
		from := sort.SearchStrings(l.names, prefix)
		to := from + sort.Search(len(l.names)-from, func(i int) bool { return !strings.HasPrefix(l.names[from+i], prefix) })
		users = append(users, l.users[from:to]...)
	}
	return users
}

func (l *sortedList) handler(count string, latency time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		later(latency)
		if strings.HasSuffix(r.URL.Path, "/$count") {
			_, _ = w.Write([]byte(count))
			return
		}
		query := r.URL.Query()
		users := l.matching(query.Get("$filter"))
		from, _ := strconv.Atoi(query.Get("$skiptoken"))
		to := min(from+999, len(users))
		next := ""
		if to < len(users) {
			query.Set("$skiptoken", strconv.Itoa(to))
			next = "http://" + r.Host + r.URL.Path + "?" + strings.ReplaceAll(query.Encode(), `"`, "")
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(pageJSON(next, users[from:to]...)))
	})
}
