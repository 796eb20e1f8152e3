package graph_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
)

// population is the users of a large tenant, listed in pages.
type population struct {
	names   []string
	latency time.Duration
	deny    string // part of a filter that is answered with 400

	mu      sync.Mutex
	filters map[string]int // how many pages of each filter were fetched
	pages   int
}

var startsWith = regexp.MustCompile(`^startsWith\(userPrincipalName,'((?:[^']|'')*)'\)$`)

// matching returns the positions of the users that a filter selects.
func (p *population) matching(t testing.TB, filter string) (users []int) {
	var prefixes []string
	for clause := range strings.SplitSeq(filter, " or ") {
		found := startsWith.FindStringSubmatch(clause)
		if filter != "" && found == nil {
			t.Errorf("filter %q is not one that Graph supports", filter)
			return nil
		}
		if found == nil {
			found = []string{"", ""}
		}
		prefixes = append(prefixes, strings.ReplaceAll(found[1], "''", "'"))
	}
	if len(prefixes) > 15 {
		t.Errorf("a filter has %d alternatives, the most is 15", len(prefixes))
	}
	for n, name := range p.names {
		for _, prefix := range prefixes {
			if strings.HasPrefix(strings.ToLower(name), prefix) {
				users = append(users, n)
				break
			}
		}
	}
	return users
}

func (p *population) answer(t testing.TB) func(int, sent) (*scripted, error) {
	return func(_ int, r sent) (*scripted, error) {
		later(p.latency) // inside a bubble
		u, err := url.Parse(r.URL)
		if err != nil {
			return nil, err
		}
		filter := u.Query().Get("$filter")
		if p.deny != "" && strings.Contains(filter, p.deny) {
			return reply(400, `{"error":{"code":"Request_UnsupportedQuery","message":"Unsupported or invalid query filter clause specified."}}`), nil
		}
		p.mu.Lock()
		p.filters[filter]++
		p.pages++
		p.mu.Unlock()
		users := p.matching(t, filter)
		from, _ := strconv.Atoi(u.Query().Get("$skiptoken"))
		to := min(from+999, len(users))
		var page []string
		for _, n := range users[from:to] {
			page = append(page, userJSON(n+1, fmt.Sprintf("u%d@contoso.com", n+1), p.names[n]))
		}
		next := ""
		if to < len(users) {
			next = address + "/users?$filter=" + url.QueryEscape(filter) + "&$skiptoken=" + strconv.Itoa(to)
		}
		return reply(200, pageJSON(next, page...)), nil
	}
}

// numbered returns names as in a company that numbers its users.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("u%06d@contoso.com", i*37%1000000)
	}
	return names
}

// named returns names of people, and some odd ones.
func named(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%c%c%d@contoso.com", "asmjkbcdehlnprtgfiovwyzqux"[i*i%26], "aeioulrnh"[i%9], i)
	}
	copy(names, []string{"'o@contoso.com", "_svc@contoso.com", "A'B@contoso.com", "9lives@contoso.com", "x_gmail.com#EXT#@contoso.com", "+49@contoso.com", "#@contoso.com", "~@contoso.com", "-@contoso.com"})
	return names
}

func TestShardsReadManyUsers(t *testing.T) {
	t.Parallel()
	for name, names := range map[string][]string{
		"whose names are numbers": numbered(30_000),
		"whose names are names":   named(30_000),
		"whose names begin alike": deep(30_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &population{names: names, latency: 100 * time.Millisecond, filters: map[string]int{}}
				f := &fake{answer: p.answer(t), count: len(names) + 3}
				last := 0
				began := now()
				s, err := client(t, f, graph.Options{Progress: func(n int) {
					if n < last {
						t.Errorf("progress falls from %d to %d", last, n)
					}
					last = n
				}}).Read(t.Context(), state.Query{AllUsers: true})
				if err != nil || !s.Complete || s.Len() != len(names) || last != len(names) {
					t.Fatalf("Read: %d users of %d, progress %d, %v", s.Len(), len(names), last, err)
				}
				serial := time.Duration(len(names)/999+1) * p.latency
				if took := now().Sub(began); took > serial*3/4 {
					t.Errorf("it took %v with %d pages, a walk takes %v", took, p.pages, serial)
				}
				if p.filters[""] != 1 {
					t.Errorf("%d pages of the walk, want the first alone", p.filters[""])
				}
			})
		})
	}
}

// deep returns names with a long common prefix.
func deep(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("adm-%05d@contoso.com", i)
	}
	return names
}

func TestShardsThatDoNotAddUpAreWalked(t *testing.T) {
	t.Parallel()
	odd := named(6_000)
	for i := range 40 {
		odd[3000+i] = fmt.Sprintf("é%d@contoso.com", i) // an unusual name
	}
	renamed := named(6_000)
	for name, c := range map[string]struct {
		p     *population
		count int
		walks bool
	}{
		"the number fits":                         {&population{names: named(6_000)}, 6_000, false},
		"the number is off by 20":                 {&population{names: named(6_000)}, 6_020, false},
		"the number is off by 21":                 {&population{names: named(6_000)}, 6_021, true},
		"the number is off by 21 the other way":   {&population{names: named(6_000)}, 5_979, true},
		"of 40,000 it may be off by 40":           {&population{names: named(40_000)}, 40_040, false},
		"of 40,000 it may not be off by 41":       {&population{names: named(40_000)}, 40_041, true},
		"names that begin with what no shard has": {&population{names: odd}, 6_000, true},
		"filters that Graph does not take":        {&population{names: named(6_000), deny: "or startsWith"}, 6_000, true},
		"few users need no shards":                {&population{names: named(4_000)}, 4_000, true},
		"Graph has no count":                      {&population{names: named(6_000)}, 0, true},
		"a user is in two shards":                 {&population{names: append(renamed, "zz"+renamed[0])}, 6_001, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := c.p
			p.filters = map[string]int{}
			f := &fake{answer: p.answer(t), count: c.count}
			s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
			if err != nil || !s.Complete || s.Len() != len(p.names) {
				t.Fatalf("Read: %d users of %d, %v", s.Len(), len(p.names), err)
			}
			if walked := p.filters[""] > 1; walked != c.walks {
				t.Errorf("walked: %t, want %t (%d pages)", walked, c.walks, p.pages)
			}
		})
	}
}

func TestShardsWithADuplicateUserAreWalked(t *testing.T) {
	t.Parallel()
	p := &population{names: named(6_000), filters: map[string]int{}}
	inner := p.answer(t)
	f := &fake{count: 6_000}
	f.answer = func(n int, r sent) (*scripted, error) {
		if strings.Contains(r.URL, url.QueryEscape("'z'")) { // renamed while the shards were read
			return reply(200, pageJSON("", userJSON(11, "u11@contoso.com", "zoe@contoso.com"))), nil
		}
		return inner(n, r)
	}
	s, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if err != nil || s.Len() != 6_000 || p.filters[""] < 2 {
		t.Errorf("Read: %d users, %d pages of the walk, %v", s.Len(), p.filters[""], err)
	}
}

func TestShardsFailWithTheFirstError(t *testing.T) {
	t.Parallel()
	p := &population{names: named(6_000), filters: map[string]int{}}
	inner := p.answer(t)
	for name, c := range map[string]struct {
		answer *scripted
		want   string
	}{
		"a 403":                  {reply(403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`), "forbidden"},
		"a page that is no list": {reply(200, `{}`), "it has no list"},
		"a link to elsewhere":    {reply(200, pageJSON("https://evil/v1.0/users", userJSON(1))), "not that of the configured Graph"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{count: 6_000}
			f.answer = func(n int, r sent) (*scripted, error) {
				if strings.Contains(r.URL, url.QueryEscape("'k'")) {
					return c.answer, nil
				}
				return inner(n, r)
			}
			if _, err := client(t, f, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Read = %v, want %q", err, c.want)
			}
		})
	}
}

// The sandbox supports the filters of Graph, and is independent of these fakes.
func TestShardsOfASandbox(t *testing.T) {
	t.Parallel()
	const n = 6_000
	handler := manyUsers(t, n).Handler(sandbox.Options{})
	var walked, sharded atomic.Int32
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Has("$filter"):
			sharded.Add(1)
		case strings.HasSuffix(r.URL.Path, "/users"):
			walked.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	s, err := dial(t, address, graph.Options{}).Read(t.Context(), state.Query{AllUsers: true})
	if err != nil || !s.Complete || s.Len() != n {
		t.Fatalf("Read: %v", err)
	}
	if walked.Load() != 1 || sharded.Load() == 0 {
		t.Errorf("%d pages of the walk and %d of shards, want one page, then shards", walked.Load(), sharded.Load())
	}
}
