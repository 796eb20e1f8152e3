package plan_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/plan"
)

// Users that are alike are decided once. If each user has an extra path that no policy
// mentions, no two users are alike, and the plan must be the same.
func TestComputeUsersThatAreAlike(t *testing.T) {
	t.Parallel()
	user := regexp.MustCompile(`(?m)^u(\d+) (\S+) (.*)$`)
	named := regexp.MustCompile(`u(\d+)@contoso\.com`)
	rapid.Check(t, func(rt *rapid.T) {
		w, seed := generateWorld(rt), rapid.Uint64().Draw(rt, "seed")
		compute := func(group string) *plan.Plan {
			chance := rand.New(rand.NewPCG(seed, 3))
			one := w.fixture(t)
			// Doubles of every user, in some of their policies, some disabled or nowhere.
			one.policies = named.ReplaceAllStringFunc(w.policies, func(u string) string {
				return strings.Join([]string{u, "v" + u[1:], "w" + u[1:]}[:1+chance.IntN(3)], ", ")
			})
			one.tenant = "sku MCOMEETADV 99\n" + user.ReplaceAllStringFunc(w.tenant, func(line string) string {
				var doubles []string
				for _, first := range []string{"u", "v", "w"} {
					words := append(strings.Fields(first+line[1:]), "MCOMEETADV@"+strings.ReplaceAll(group, "USER", first+strings.Fields(line)[0]))
					if chance.IntN(4) == 0 {
						words = append(words, "disabled")
					}
					if chance.IntN(4) == 0 {
						words[1] = "-"
					}
					doubles = append(doubles, strings.Join(words, " "))
				}
				return strings.Join(doubles, "\n")
			})
			return one.compute()
		}
		if diff := cmp.Diff(compute("Only-USER"), compute("Shared")); diff != "" {
			rt.Fatalf("plan (-each apart +alike):\n%s", diff)
		}
	})
}
