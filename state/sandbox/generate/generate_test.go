package generate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/generate"
)

func written(t testing.TB, o generate.Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := generate.Write(&out, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWriteEveryPresetIsATenantFile(t *testing.T) {
	t.Parallel()
	for _, preset := range generate.Presets() {
		o := generate.Options{Preset: preset, Seed: 7}
		if preset == "large" || preset == "edu" {
			o.Users = 5_000
		}
		data := written(t, o)
		if _, err := sandbox.Parse(preset+".json", data); err != nil {
			t.Errorf("%s: %v", preset, err)
		}
		if !bytes.Equal(data, written(t, o)) {
			t.Errorf("%s: the same options made another file", preset)
		}
		o.Seed++
		if bytes.Equal(data, written(t, o)) {
			t.Errorf("%s: another seed made the same file", preset)
		}
	}
}

func TestWriteRefusesUnknownOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]generate.Options{
		"there is no preset \"huge\", only tiny, small, mid, edu, large": {Preset: "huge"},
		"-1 users, want 1 to 1000000":                                    {Preset: "tiny", Users: -1},
		"1000001 users, want 1 to 1000000":                               {Preset: "tiny", Users: 1_000_001},
	} {
		if err := generate.Write(io.Discard, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteReturnsWriteErrors(t *testing.T) {
	t.Parallel()
	if err := generate.Write(full{}, generate.Options{Preset: "mid"}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, users := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := generate.Write(io.Discard, generate.Options{Preset: "large", Users: users}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
