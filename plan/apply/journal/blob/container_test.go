package blob_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
	"github.com/seatwright/seatwright/state"
)

func TestNewHostFollowsFromTheCloud(t *testing.T) {
	t.Parallel()
	for cloud, want := range map[state.Cloud]string{
		"": "https://contosostate.blob.core.windows.net/runs", "public": "https://contosostate.blob.core.windows.net/runs",
		"usgov": "https://contosostate.blob.core.usgovcloudapi.net/runs", "usgov-dod": "https://contosostate.blob.core.usgovcloudapi.net/runs",
		"china": "https://contosostate.blob.core.chinacloudapi.cn/runs",
	} {
		if got, err := blob.Address(blob.Options{Account: "contosostate", Container: "runs", Cloud: cloud}); err != nil || got != want {
			t.Errorf("cloud %q: %s, %v, want %s", cloud, got, err, want)
		}
	}
	for _, bad := range []blob.Options{
		{Account: "contosostate", Container: "runs", Cloud: "moon"}, {Account: "evil.example/", Container: "runs"}, {Account: "contosostate@evil", Container: "runs"},
		{Account: "contosostate", Container: "../runs"}, {Account: "contosostate", Container: "$root"}, {Account: "contosostate", Container: "ab"},
		{Account: "contosostate", Container: strings.Repeat("a", 64)}, {Container: "runs"}, {Account: "contosostate", Container: "a--b"},
		{Emulator: "http://localhost:1/devstoreaccount1", Container: "runs"}, {Emulator: "https://127.0.0.1:1/devstoreaccount1", Container: "runs"},
		{Emulator: "http://127.0.0.1:1/other", Container: "runs"}, {Emulator: "http://127.0.0.1:1/devstoreaccount1?sig=x", Container: "runs"},
		{Emulator: "http://10.0.0.1:1/devstoreaccount1", Container: "runs"}, {Emulator: "http://127.0.0.1/devstoreaccount1", Container: "runs"},
		{Emulator: "http://127.0.0.1:1/devstoreaccount1", Container: "Runs"}, {Account: "contosostate", Container: "runs"}, // no credential
	} {
		if c, err := blob.New(bad); err == nil {
			t.Errorf("%+v gave %s", bad, c)
		}
	}
}

// TestTokenIsSentToTheAccountOnly has a service that redirects requests, and that asks for
// tokens for another resource.
func TestTokenIsSentToTheAccountOnly(t *testing.T) {
	t.Parallel()
	who := &tokens{token: theToken}
	o := options(blob.Writing)
	o.Credential = who
	var asked []string
	answers := map[string]func() *http.Response{
		"a redirect": func() *http.Response {
			return &http.Response{StatusCode: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"https://evil.example/runs"}}}
		},
		"a challenge for another resource": func() *http.Response {
			return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{"Www-Authenticate": {`Bearer authorization_uri="https://login.example/t/oauth2/authorize" resource_id="https://graph.microsoft.com"`}}}
		},
	}
	for name, answer := range answers {
		asked = nil
		c, err := blob.NewOver(o, wire(func(req *http.Request) (*http.Response, error) {
			asked = append(asked, req.URL.Host)
			if req.Header.Get("Authorization") != "Bearer "+theToken {
				t.Errorf("%s: the request has the authorization %q", name, req.Header.Get("Authorization"))
			}
			given := answer()
			given.Body, given.Request = http.NoBody, req
			return given, nil
		}))
		must(t, err)
		err = c.MayRead(t.Context())
		if err == nil || strings.Contains(err.Error(), theToken) {
			t.Errorf("%s: got %v", name, err)
		}
		for _, host := range asked {
			if host != "contosostate.blob.core.windows.net" {
				t.Errorf("%s: %s was asked", name, host)
			}
		}
		if got := who.asked.Load().Scopes; len(got) != 1 || got[0] != "https://storage.azure.com/.default" {
			t.Errorf("%s: a token for %s was asked for", name, got)
		}
	}
}

// TestAccessForReadingCannotWrite checks that the transport allows only what the access and
// the names allow.
func TestAccessForReadingCannotWrite(t *testing.T) {
	t.Parallel()
	for _, access := range []blob.Access{blob.Reading, blob.Asking} {
		service := &blobtest.Service{}
		c := over(t, service, access)
		_, create := c.Create(t.Context(), logName)
		_, acquire := c.Acquire(t.Context(), tenant, holder(run))
		for what, err := range map[string]error{"Create": create, "Acquire": acquire, "Replace": c.Replace(t.Context(), run+".record.json", nil)} {
			if err == nil || !strings.Contains(err.Error(), "reading only") {
				t.Errorf("access %d: %s gave %v", access, what, err)
			}
		}
		if err := c.MayWrite(t.Context()); (err == nil) != (access == blob.Asking) {
			t.Errorf("access %d: MayWrite gave %v", access, err)
		}
		must(t, c.MayRead(t.Context()))
		for _, request := range service.Requests() {
			if !strings.HasPrefix(request, "GET ") && request != "PUT lock-probe lease renew" {
				t.Errorf("access %d: %s was sent", access, request)
			}
		}
	}
	service := &blobtest.Service{}
	for _, name := range []string{"index.html", "../other/" + logName, run + ".ndjson.x", "lock-x.json", "a/" + logName} {
		if err := over(t, service, blob.Writing).Replace(t.Context(), name, []byte("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if strings.Contains(name, "/") {
			if _, err := over(t, service, blob.Writing).Open(t.Context(), name); err == nil {
				t.Errorf("%q was read", name)
			}
		}
	}
	if sent := service.Requests(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

// TestReadsThatNeverEndAreStopped has a service that always has one more page, and
// one more part that is full and has nothing in it.
func TestReadsThatNeverEndAreStopped(t *testing.T) {
	t.Parallel()
	asked := 0
	c := over(t, wire(func(req *http.Request) (*http.Response, error) {
		asked++
		answer := httptest.NewRecorder()
		switch {
		case req.URL.Query().Get("comp") == "list":
			answer.Header().Set("Content-Type", "application/xml")
			fmt.Fprintf(answer, "<EnumerationResults><Blobs></Blobs><NextMarker>%d</NextMarker></EnumerationResults>", asked)
		case req.Method == http.MethodHead:
			answer.Header().Set("X-Ms-Blob-Committed-Block-Count", "50000")
		default:
			answer.Header().Set("X-Ms-Error-Code", "InvalidRange")
			answer.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}
		result := answer.Result()
		result.Request = req
		return result, nil
	}), blob.Reading)
	_, list := c.List(t.Context())
	opened, read := c.Open(t.Context(), logName)
	if read == nil {
		_, read = io.ReadAll(opened)
	}
	for what, err := range map[string]error{"List": list, "Open": read} {
		if err == nil || !strings.Contains(err.Error(), "it is too long") {
			t.Errorf("%s gave %v", what, err)
		}
	}
	if asked > 2000 {
		t.Errorf("the service was asked %d times", asked)
	}
}

// TestReadsOfALongAnswerAreStopped has a service that always sends 80 MiB.
func TestReadsOfALongAnswerAreStopped(t *testing.T) {
	t.Parallel()
	for what, ask := range map[string]struct {
		most int64
		call func(*blob.Container) error
	}{
		"Open": {1 << 20, func(c *blob.Container) error { _, err := c.Open(t.Context(), logName); return err }},
		"List": {64 << 20, func(c *blob.Container) error { _, err := c.List(t.Context()); return err }},
	} {
		long := &counted{left: 80 << 20}
		err := ask.call(over(t, wire(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(long), Request: req}, nil
		}), blob.Reading))
		if read := 80<<20 - long.left; err == nil || read > ask.most {
			t.Errorf("%s read %d bytes and gave %v", what, read, err)
		}
	}
}

// counted reads as a number of spaces, which are legal before XML.
type counted struct{ left int64 }

func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n := int(min(c.left, int64(len(p))))
	for i := range p[:n] {
		p[i] = ' '
	}
	c.left -= int64(n)
	return n, nil
}

// TestErrorsHaveTheFix also checks that errors never show a token or the text of the
// service, only its code.
func TestErrorsHaveTheFix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		fault       blobtest.Fault
		signIn      error
		credentials bool
		text, hint  string
	}{
		{"no role", blobtest.Fault{Status: 403, Code: "AuthorizationPermissionMismatch"}, nil, true, "status 403 AuthorizationPermissionMismatch", "Storage Blob Data Contributor"},
		{"network rules", blobtest.Fault{Status: 403, Code: "AuthorizationFailure"}, nil, true, "status 403 AuthorizationFailure", "network rules"},
		{"an account of another tenant", blobtest.Fault{Status: 401, Code: "InvalidAuthenticationInfo"}, nil, true, "status 401 InvalidAuthenticationInfo", "must belong to the tenant"},
		{"no container", blobtest.Fault{Status: 404, Code: "ContainerNotFound"}, nil, false, "status 404 ContainerNotFound", "az storage container create"},
		{"being deleted", blobtest.Fault{Status: 409, Code: "ContainerBeingDeleted"}, nil, false, "status 409 ContainerBeingDeleted", "check `records`"},
		{"busy", blobtest.Fault{Status: 503, Code: "ServerBusy"}, nil, false, "status 503 ServerBusy", "reaches the storage account"},
		{"no network", blobtest.Fault{Drop: true}, nil, false, "connection reset", "reaches the storage account"},
		{"no token", blobtest.Fault{}, errors.New("AADSTS700016: no such application\nPOST https://login.example\nclient_assertion=hunter2"), true, "sign in: AADSTS700016: no such application", "`credential`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := options(blob.Writing)
				o.Credential = &tokens{token: theToken, err: c.signIn}
				place, err := blob.NewOver(o, &blobtest.Service{Faults: func(*http.Request) blobtest.Fault { return c.fault }})
				must(t, err)
				_, list := place.List(t.Context())
				_, open := place.Open(t.Context(), logName)
				_, create := place.Create(t.Context(), logName)
				_, lock := place.Acquire(t.Context(), tenant, holder(run))
				_, _, unlock := place.Unlock(t.Context(), run)
				for what, err := range map[string]error{"List": list, "Open": open, "Create": create, "Acquire": lock, "Unlock": unlock, "MayRead": place.MayRead(t.Context()), "MayWrite": place.MayWrite(t.Context())} {
					trouble, ok := errors.AsType[*blob.Error](err)
					if !ok || trouble.Credentials() != c.credentials || !strings.Contains(err.Error(), c.text) || !strings.Contains(trouble.Hint(), c.hint) {
						t.Errorf("%s: %v (%T)", what, err, err)
					}
					if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret-looking") || strings.Contains(err.Error(), "\n") {
						t.Errorf("%s shows too much: %v", what, err)
					}
				}
			})
		})
	}
}

// TestLogHasNoTokens also checks that the log has no names of blobs.
func TestLogHasNoTokens(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	o := options(blob.Writing)
	o.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := blob.NewOver(o, &blobtest.Service{})
	must(t, err)
	a, err := c.Create(t.Context(), logName)
	must(t, err)
	must(t, a.Append([]byte("one\n")))
	if got := lines.String(); !strings.Contains(got, "route=/{container}/{journal} status=201") || strings.Contains(got, "hunter2") || strings.Contains(got, run) {
		t.Errorf("the log is\n%s", got)
	}
}

// TestAzuriteWithBearerTokens signs requests with a bearer token over HTTPS, as requests to
// a real account are signed. The token proves nothing, but Azurite checks its claims.
func TestAzuriteWithBearerTokens(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartSecureAzurite(t)
	azurite.CreateContainer(t, "runs")
	token := func(audience string) string {
		claims := jwt.MapClaims{"aud": audience, "iss": "https://sts.windows.net/48a80680-7326-48cd-9935-b556b81d3a4e/", "iat": time.Now().Unix() - 60, "nbf": time.Now().Unix() - 60, "exp": time.Now().Unix() + 3600}
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("not checked"))
		must(t, err)
		return signed
	}
	place := func(audience string) *blob.Container {
		c, err := blob.NewAt(blob.Options{Container: "runs", Credential: &tokens{token: token(audience)}, Access: blob.Writing}, azurite.Address, azurite.Transport())
		must(t, err)
		return c
	}
	c := place("https://storage.azure.com")
	must(t, c.MayRead(t.Context()))
	must(t, c.MayWrite(t.Context()))
	a, err := c.Create(t.Context(), logName)
	must(t, err)
	must(t, errors.Join(a.Append([]byte("one\n")), a.Append([]byte("two\n"))))
	if got := readAll(t, c, logName); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
	big := strings.Repeat("0123456789abcdef", 600_000)
	must(t, c.Replace(t.Context(), run+".record.json", []byte(big)))
	if got := readAll(t, c, run+".record.json"); got != big {
		t.Errorf("the record has %d bytes, want %d", len(got), len(big))
	}
	lock, err := c.Acquire(t.Context(), tenant, holder(run))
	must(t, err)
	if _, err := c.Acquire(t.Context(), tenant, holder(other)); !errors.As(err, new(*journal.LockedError)) {
		t.Errorf("two runs locked the tenant: %v", err)
	}
	must(t, errors.Join(lock.Renew(), lock.Release()))
	err = place("https://graph.microsoft.com").MayRead(t.Context())
	if trouble, ok := errors.AsType[*blob.Error](err); !ok || !trouble.Credentials() {
		t.Errorf("a token for something else gave %v", err)
	}
	untrusting, err := blob.NewAt(blob.Options{Container: "runs", Credential: &tokens{token: theToken}}, azurite.Address, &http.Transport{})
	must(t, err)
	if err := untrusting.MayRead(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an untrusted certificate gave %v", err)
	}
}

// TestAzuriteContinuesInAnotherBlob has Azurite count the blocks.
func TestAzuriteContinuesInAnotherBlob(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartAzurite(t)
	azurite.CreateContainer(t, "runs")
	c, err := blob.New(blob.Options{Emulator: azurite.Address, Container: "runs", Access: blob.Writing})
	must(t, err)
	c.SetMaxBlocks(2)
	a, err := c.Create(t.Context(), logName)
	must(t, err)
	for _, line := range []string{"1\n", "2\n", "3\n", "4\n", "5\n"} {
		must(t, a.Append([]byte(line)))
	}
	if got := readAll(t, c, logName); got != "1\n2\n3\n4\n5\n" {
		t.Errorf("got %q", got)
	}
	empty, err := c.Create(t.Context(), other+".ndjson")
	must(t, errors.Join(err, empty.Close()))
	if opened, err := c.Open(t.Context(), other+".ndjson"); err != nil {
		t.Errorf("an empty journal cannot be read: %v", err)
	} else if data, err := io.ReadAll(opened); err != nil || len(data) > 0 {
		t.Errorf("an empty journal has %q, %v", data, err)
	}
}
