package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/slowtest"
)

// manyUsers returns a tenant of many users with one license each and a free seat for
// each.
func manyUsers(t testing.TB, n int) *sandbox.Tenant {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "organization: {id: 48a80680-7326-48cd-9935-b556b81d3a4e, displayName: Contoso, verifiedDomains: [{name: contoso.com, isDefault: true}]}\n"+
		"subscribedSkus:\n- {skuId: %s, skuPartNumber: SPE_E3, prepaidUnits: {enabled: %d}}\n- {skuId: %s, skuPartNumber: SPE_E5, prepaidUnits: {enabled: %d}}\nusers:\n", sku(1), n, sku(2), n)
	for i := range n {
		fmt.Fprintf(&b, "- {id: %s, userPrincipalName: u%d@contoso.com, usageLocation: CH, assignedLicenses: [SPE_E3]}\n", userID(i+1), i+1)
	}
	tenant, err := sandbox.Parse("tenant.yaml", []byte(b.String()))
	if err != nil {
		t.Fatalf("read the tenant: %v", err)
	}
	return tenant
}

// swapAll replaces the license of every user by another one, with a few callers in
// parallel and as many changes per call as possible.
func swapAll(t testing.TB, w state.Writer, n int) {
	t.Helper()
	calls := make(chan []state.Change)
	var callers sync.WaitGroup
	for range 3 {
		callers.Go(func() {
			for changes := range calls {
				for _, err := range w.Write(t.Context(), changes) {
					if err != nil {
						t.Errorf("Write: %v", err)
					}
				}
			}
		})
	}
	for first := 1; first <= n; first += state.MaxWrites {
		var changes []state.Change
		for i := first; i < first+state.MaxWrites && i <= n; i++ {
			changes = append(changes, state.Change{User: userID(i), Add: []state.License{{SKU: sku(2)}}, Remove: []state.SKUID{sku(1)}})
		}
		calls <- changes
	}
	close(calls)
	callers.Wait()
}

// audit compares the tenant's own log with what must be true: no change is lost and none
// is made twice. It returns which part of the requests was throttled.
func audit(t testing.TB, tenant *sandbox.Tenant, n int) (throttled float64) {
	t.Helper()
	record := tenant.Record()
	done := map[string]int{}
	for _, w := range record.Writes {
		if w.TookEffect {
			done[w.UserID]++
		}
	}
	for user, times := range done {
		if times != 1 {
			t.Errorf("user %s was written to %d times", user, times)
		}
	}
	if len(done) != n || record.SeatRefusals > 0 || record.LogOmitted > 0 {
		t.Errorf("%d users were written to, %d seats refused, %d requests not logged; want %d, none, none", len(done), record.SeatRefusals, record.LogOmitted, n)
	}
	refused := 0
	for _, r := range record.Log {
		if r.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	return float64(refused) / float64(len(record.Log))
}

// The documented quota is 3,000 writes in 150 s, which is 20 per second.
const quotaPerSecond = 20

func TestTenThousandChangesUnderTheDocumentedQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 2_500
		if slowtest.Enabled() {
			n = 10_000
		}
		tenant := manyUsers(t, n)
		transport := serveInMemory(t, tenant.Handler(sandbox.Options{Quota: sandbox.Quota{Scale: 1}}))
		client, err := graph.NewAt(graph.Options{Write: true, Rate: 100}, memoryAddress, nil, transport)
		if err != nil {
			t.Fatal(err)
		}
		w, err := client.Writer()
		if err != nil {
			t.Fatal(err)
		}
		began := now()
		swapAll(t, w, n)
		took := now().Sub(began)
		if throttled := audit(t, tenant, n); throttled > 0.01 {
			t.Errorf("%.2f %% of the requests were throttled, want 1 %% at most", 100*throttled)
		}
		if most := time.Duration(n) * time.Second / quotaPerSecond * 100 / 95; took > most {
			t.Errorf("it took %v, want %v at most (95 %% of the quota)", took, most)
		}
	})
}

// If other applications use up a quota, writes are refused. The run takes longer then,
// and nothing else happens.
func TestSmallerQuotaThanDocumentedLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1_000
		tenant := manyUsers(t, n)
		transport := serveInMemory(t, tenant.Handler(sandbox.Options{Quota: sandbox.Quota{Scale: 0.1}}))
		client, err := graph.NewAt(graph.Options{Write: true, Rate: 100}, memoryAddress, nil, transport)
		if err != nil {
			t.Fatal(err)
		}
		w, err := client.Writer()
		if err != nil {
			t.Fatal(err)
		}
		swapAll(t, w, n)
		if throttled := audit(t, tenant, n); throttled > 0.15 {
			t.Errorf("%.1f %% of the requests were throttled, want 15 %% at most", 100*throttled)
		}
	})
}

// BenchmarkTenThousandChanges does the same over a real socket, with a quota that is a
// hundred times larger instead of a time that is a hundred times longer.
func BenchmarkTenThousandChanges(b *testing.B) {
	const n, scale = 10_000, 100
	for b.Loop() {
		b.StopTimer()
		tenant := manyUsers(b, n)
		client := dial(b, serve(b, tenant.Handler(sandbox.Options{Quota: sandbox.Quota{Scale: scale}})), graph.Options{Write: true, Rate: 100})
		graph.ScaleQuota(client, scale)
		w, err := client.Writer()
		if err != nil {
			b.Fatal(err)
		}
		began := now()
		b.StartTimer()
		swapAll(b, w, n)
		b.StopTimer()
		b.ReportMetric(100*float64(n)/now().Sub(began).Seconds()/(quotaPerSecond*scale), "%quota")
		b.ReportMetric(100*audit(b, tenant, n), "%throttled")
		b.StartTimer()
	}
}
