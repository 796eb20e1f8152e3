package blobtest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/seatwright/seatwright/state/slowtest"
)

// The published account and key ("Use the Azurite emulator for local Azure
// Storage development").
const (
	account = "devstoreaccount1"
	key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Azurite is a running emulator, empty at first.
type Azurite struct {
	Address string         // http://127.0.0.1:PORT/devstoreaccount1
	CAs     *x509.CertPool // CAs that its certificate is verified with; nil: it uses HTTP
}

// StartAzurite starts the emulator for a test. The test is skipped if there is none, and
// fails in CI.
func StartAzurite(t testing.TB) Azurite {
	t.Helper()
	return start(t, t.TempDir(), nil)
}

// StartSecureAzurite starts an emulator that accepts bearer tokens over HTTPS.
func StartSecureAzurite(t testing.TB) Azurite {
	t.Helper()
	dir := t.TempDir()
	cas := certificate(t, dir)
	return start(t, dir, cas, "--oauth", "basic", "--cert", filepath.Join(dir, "cert.pem"), "--key", filepath.Join(dir, "key.pem"))
}

// program finds the emulator.
func program(t testing.TB) string {
	t.Helper()
	name := os.Getenv("SEATWRIGHT_AZURITE")
	if name == "" {
		name = "azurite-blob"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		slowtest.Require(t, "Azurite")
		return path
	}
	const how = "Azurite is missing (%v): npm install --prefix DIR azurite@3.35.0, and SEATWRIGHT_AZURITE=DIR/node_modules/.bin/azurite-blob " + slowtest.Variable + "=1"
	if os.Getenv("CI") == "true" {
		t.Fatalf(how, err)
	}
	t.Skipf(how, err)
	return ""
}

var listens = regexp.MustCompile(`listens on (https?://\S+)`)

// start runs the emulator until the test ends, in a folder of its own.
func start(t testing.TB, dir string, cas *x509.CertPool, more ...string) Azurite {
	t.Helper()
	args := append([]string{"--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"}, more...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program(t), args...)
	cmd.Dir = dir
	output, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	var log strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			return Azurite{Address: found[1] + "/" + account, CAs: cas}
		}
	}
	t.Fatalf("Azurite did not start:\n%s", &log)
	return Azurite{}
}

// CreateContainer creates a container.
func (a Azurite) CreateContainer(t testing.TB, name string) {
	t.Helper()
	credential, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	client, err := container.NewClientWithSharedKeyCredential(a.Address+"/"+name, credential,
		&container.ClientOptions{ClientOptions: policy.ClientOptions{Transport: &http.Client{Transport: a.Transport()}}})
	if err == nil {
		_, err = client.Create(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Transport returns a transport that trusts the emulator.
func (a Azurite) Transport() http.RoundTripper {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.CAs, MinVersion: tls.VersionTLS12}}
}

// certificate writes a self-signed certificate for loopback, and its key.
func certificate(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})
	for name, data := range map[string][]byte{"cert.pem": certificate, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cas := x509.NewCertPool()
	cas.AppendCertsFromPEM(certificate)
	return cas
}
