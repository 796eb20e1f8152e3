package graph_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func TestLoggingWritesRoutesOnly(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	f := &fake{answer: inTurn(
		reply(200, pageJSON(address+"/users?$skiptoken=alice@contoso.com", userJSON(1))),
		reply(200, pageJSON("", userJSON(2)), "X-Personal", "alice@contoso.com"),
		reply(400, `{"error":{"code":"c","message":"alice@contoso.com"}}`),
	)}
	c := client(t, f, graph.Options{Log: log})
	if _, err := c.Read(t.Context(), state.Query{AllUsers: true}); err != nil {
		t.Fatalf("Read: %v", err)
	}
	if _, err := c.Read(t.Context(), state.Query{SKUs: true}); state.ReasonOf(err) != state.ReasonUnknown {
		t.Fatalf("Read = %v, want a refusal", err)
	}
	f.answer = func(int, sent) (*scripted, error) { return nil, errors.New("dial alice@contoso.com") }
	_ = write(t, graph.Options{Log: log, Write: true}, f)
	want := strings.Join([]string{
		`level=DEBUG msg="graph request" method=GET route=/users status=200 request_id=req-1`,
		`level=DEBUG msg="graph request" method=GET route=/users/$count status=400 request_id=""`,
		`level=DEBUG msg="graph request" method=GET route=/users status=200 request_id=req-1`,
		`level=DEBUG msg="graph request" method=GET route=/subscribedSkus status=400 request_id=req-1`,
		`level=DEBUG msg="graph request failed" method=POST route=/$batch reason="no answer"`,
		``,
	}, "\n")
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// write sends one change.
func write(t *testing.T, o graph.Options, f *fake) []error {
	t.Helper()
	w, err := client(t, f, o).Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	return w.Write(t.Context(), []state.Change{{User: userID(1), Location: "CH"}})
}

func TestLoggingRoutesHaveNoNames(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1.0/users/" + guid + "/assignLicense": "/users/{id}/assignLicense",
		"/v1.0/users/alice@contoso.com/" + guid:  "/users/{other}/{id}",
		"/v1.0/$batch":                           "/$batch",
		"/beta/users/alice@contoso.com":          "{elsewhere}",
	} {
		if got := graph.RouteOf(address, path); got != want {
			t.Errorf("route of %s is %s, want %s", path, got, want)
		}
	}
}
