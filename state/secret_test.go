package state_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	const canary = "hunter2-canary"
	hidden := state.Secret(canary)
	inside := struct{ Token any }{hidden}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		_, _ = fmt.Fprintf(&shown, verb+" "+verb+"\n", hidden, inside)
	}
	data, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(data)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "token", hidden, "inside", inside)
	slog.New(slog.NewTextHandler(&shown, nil)).Info("x", "token", hidden, "inside", inside)
	if text := shown.String(); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) || strings.Count(text, "[redacted]") < 10 {
		t.Errorf("a secret is shown:\n%s", text)
	}
}
