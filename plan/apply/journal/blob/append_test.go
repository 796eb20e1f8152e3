package blob_test

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
)

// TestAppendWritesOnce lets requests fail in every way. An append that was made is not
// repeated, and one that was not made is.
func TestAppendWritesOnce(t *testing.T) {
	t.Parallel()
	const appends, creates = "PUT comp=appendblock", "PUT "
	for name, faults := range map[string]func(*http.Request) blobtest.Fault{
		"nothing":                         nil,
		"the answer is lost":              onThe(2, appends, blobtest.Fault{Drop: true, Effect: true}),
		"the request is lost":             onThe(2, appends, blobtest.Fault{Drop: true}),
		"busy":                            onThe(2, appends, blobtest.Fault{Status: 503, Code: "ServerBusy"}),
		"busy, after the effect":          onThe(2, appends, blobtest.Fault{Status: 500, Code: "InternalError", Effect: true}),
		"the first answer is lost":        onThe(1, appends, blobtest.Fault{Drop: true, Effect: true}),
		"the answer of the start is lost": onThe(1, creates, blobtest.Fault{Drop: true, Effect: true}),
		"the start is lost":               onThe(1, creates, blobtest.Fault{Drop: true}),
		"the answer comes too late":       onThe(2, appends, blobtest.Fault{Delay: 1e12, Drop: true}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &blobtest.Service{Faults: faults}
				c := over(t, service, blob.Writing)
				a, err := c.Create(t.Context(), logName)
				must(t, err)
				for _, line := range []string{"one\n", "two\n", "three\n"} {
					must(t, a.Append([]byte(line)))
				}
				must(t, a.Close())
				if got := string(service.Data("runs", logName)); got != "one\ntwo\nthree\n" {
					t.Errorf("there is %q", got)
				}
			})
		})
	}
}

// TestAppendDetectsASecondWriter puts a line of another writer where the next line must
// land.
func TestAppendDetectsASecondWriter(t *testing.T) {
	t.Parallel()
	for _, foreign := range []string{"foreign\n", "two", "two\nand more\n"} {
		service := &blobtest.Service{}
		c := over(t, service, blob.Writing)
		a, err := c.Create(t.Context(), logName)
		must(t, err)
		must(t, a.Append([]byte("one\n")))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://contosostate.blob.core.windows.net/runs/"+logName+"?comp=appendblock", strings.NewReader(foreign))
		must(t, err)
		answer, err := service.RoundTrip(request)
		must(t, err)
		must(t, answer.Body.Close())
		if err := a.Append([]byte("two\n")); err == nil || !strings.Contains(err.Error(), "another writer has appended to it") {
			t.Errorf("%q: got %v, want an error about another writer", foreign, err)
		}
	}
	service := &blobtest.Service{}
	c := over(t, service, blob.Writing)
	_, err := c.Create(t.Context(), logName)
	must(t, err)
	if _, err := c.Create(t.Context(), logName); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it was begun twice: %v", err)
	}
}

// TestAppendFailsIfItCannotBeSettled has a service that keeps failing.
func TestAppendFailsIfItCannotBeSettled(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]blobtest.Fault{
		"always busy":        {Status: 503, Code: "ServerBusy"},
		"always unreachable": {Drop: true},
		"always too late":    {Delay: 1e12, Drop: true},
		"forbidden now":      {Status: 403, Code: "AuthorizationPermissionMismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &blobtest.Service{}
				c := over(t, service, blob.Writing)
				a, err := c.Create(t.Context(), logName)
				must(t, err)
				must(t, a.Append([]byte("one\n")))
				service.Faults = func(*http.Request) blobtest.Fault { return fault }
				err = a.Append([]byte("two\n"))
				trouble, ok := errors.AsType[*blob.Error](err)
				if !ok || trouble.Credentials() != (fault.Status == 403) || trouble.Hint() == "" {
					t.Errorf("got %v", err)
				}
				if got := string(service.Data("runs", logName)); got != "one\n" {
					t.Errorf("there is %q", got)
				}
			})
		})
	}
}

// TestAppendAgainIfTheBlockIsMissing has a service that answers reads, and accepts appends
// only after some tries. One round of the SDK has five tries.
func TestAppendAgainIfTheBlockIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lost int
		want string
	}{
		"for one round": {5, "one\ntwo\n"}, "for two rounds": {10, "one\ntwo\n"}, "always": {1000, "one\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service, lost := &blobtest.Service{}, 0
				a, err := over(t, service, blob.Writing).Create(t.Context(), logName)
				must(t, err)
				must(t, a.Append([]byte("one\n")))
				service.Faults = func(req *http.Request) blobtest.Fault {
					if req.Method != http.MethodPut || lost == c.lost {
						return blobtest.Fault{}
					}
					lost++
					return blobtest.Fault{Drop: true}
				}
				err = a.Append([]byte("two\n"))
				if got := string(service.Data("runs", logName)); got != c.want || (err == nil) != strings.Contains(got, "two") {
					t.Errorf("there is %q, and it said %v", got, err)
				}
			})
		})
	}
}

// TestAppendNeedsTheConfirmationOfTheService has a proxy that answers instead of the
// service.
func TestAppendNeedsTheConfirmationOfTheService(t *testing.T) {
	t.Parallel()
	service := &blobtest.Service{}
	a, err := over(t, wire(func(req *http.Request) (*http.Response, error) {
		answer, err := service.RoundTrip(req)
		if err == nil && req.Method == http.MethodPut {
			answer.Header.Del("X-Ms-Blob-Committed-Block-Count")
		}
		return answer, err
	}), blob.Writing).Create(t.Context(), logName)
	must(t, err)
	must(t, errors.Join(a.Append([]byte("one\n")), a.Append([]byte("two\n"))))
	if got := string(service.Data("runs", logName)); got != "one\ntwo\n" {
		t.Errorf("there is %q", got)
	}
}

// TestAppendCountsABlockWhoseAnswerIsLost loses the answer for the last block that fits
// into a blob.
func TestAppendCountsABlockWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &blobtest.Service{Faults: onThe(3, "PUT comp=appendblock", blobtest.Fault{Drop: true, Effect: true})}
		c := over(t, service, blob.Writing)
		c.SetMaxBlocks(3)
		a, err := c.Create(t.Context(), logName)
		must(t, err)
		for _, line := range []string{"1\n", "2\n", "3\n", "4\n"} {
			must(t, a.Append([]byte(line)))
		}
		if first, second := string(service.Data("runs", logName)), string(service.Data("runs", logName+".2")); first != "1\n2\n3\n" || second != "4\n" {
			t.Errorf("the parts are %q and %q", first, second)
		}
	})
}

// TestAppendContinuesInAnotherBlob has blobs of at most three blocks.
func TestAppendContinuesInAnotherBlob(t *testing.T) {
	t.Parallel()
	for appends := range 8 {
		service := &blobtest.Service{}
		c := over(t, service, blob.Writing)
		c.SetMaxBlocks(3)
		a, err := c.Create(t.Context(), logName)
		must(t, err)
		want := ""
		for i := range appends {
			line := strings.Repeat("x", i) + "\n"
			want += line
			must(t, a.Append([]byte(line)))
		}
		if got := readAll(t, c, logName); got != want {
			t.Errorf("after %d appends there is %q, want %q", appends, got, want)
		}
		if got := len(service.Data("runs", logName+".2")) > 0; got != (appends > 3) {
			t.Errorf("after %d appends there is a second part: %t", appends, got)
		}
	}
}

func TestAppendSplitsAtLines(t *testing.T) {
	t.Parallel()
	service := &blobtest.Service{}
	c := over(t, service, blob.Writing)
	a, err := c.Create(t.Context(), logName)
	must(t, err)
	line := strings.Repeat("x", 1_000_000) + "\n"
	want := strings.Repeat(line, 9)
	must(t, a.Append([]byte(want)))
	if got := readAll(t, c, logName); got != want {
		t.Errorf("there are %d bytes, want %d", len(got), len(want))
	}
	blocks := 0
	for _, request := range service.Requests() {
		if strings.Contains(request, "appendblock") {
			blocks++
		}
	}
	if blocks != 3 { // of 4, 4 and 1 lines
		t.Errorf("it was sent in %d blocks, want 3", blocks)
	}
	must(t, c.Replace(t.Context(), run+".record.json", []byte(want)))
	if got := readAll(t, c, run+".record.json"); got != want {
		t.Errorf("the record has %d bytes, want %d", len(got), len(want))
	}
}

func TestOpenReadsAgainAfterAnAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	service := &blobtest.Service{}
	c := over(t, service, blob.Writing)
	must(t, c.Replace(t.Context(), logName, []byte("one\ntwo\n")))
	broken := 2
	reading := over(t, wire(func(req *http.Request) (*http.Response, error) {
		answer, err := service.RoundTrip(req)
		if err == nil && broken > 0 {
			broken--
			answer.Body = breaking{}
		}
		return answer, err
	}), blob.Reading)
	if got := readAll(t, reading, logName); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
	broken = 1000
	if _, err := reading.Open(t.Context(), logName); err == nil {
		t.Error("an answer that always breaks off was read")
	}
	broken = 0
	if _, err := reading.Open(t.Context(), other+".ndjson"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a journal that does not exist: %v", err)
	}
}

// breaking is a body that ends in the middle.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errors.New("unexpected EOF") }
func (breaking) Close() error             { return nil }
