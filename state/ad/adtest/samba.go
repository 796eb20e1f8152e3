package adtest

import (
	"bytes"
	_ "embed" // the script
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/slowtest"
)

//go:embed samba-ad.sh
var script []byte

// DC is a real domain controller, started for one test.
type DC struct {
	Lab

	script, dir string
}

// Samba starts a domain controller and stops it when the test ends. The args are those of
// `samba-ad.sh start`. On CI it must be installed; elsewhere the test is skipped where it
// is not.
func Samba(tb testing.TB, args ...string) DC {
	tb.Helper()
	dir, err := os.MkdirTemp("/tmp", "ad") // its sockets need short paths
	if err != nil {
		tb.Skipf("a Samba AD domain controller cannot run here: %v", err)
	}
	dc := DC{script: filepath.Join(dir, "samba-ad.sh"), dir: filepath.Join(dir, "dc")}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.WriteFile(dc.script, script, 0o600); err != nil {
		tb.Fatal(err)
	}
	if _, err := dc.run("check"); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("CI requires a Samba AD domain controller, but none is installed (run samba-ad.sh install): %v", err)
		}
		tb.Skipf("Samba AD is not installed, so only the emulation was tested: run `state/ad/adtest/samba-ad.sh install` (Debian, Ubuntu), then set %s=1; CI always runs this", slowtest.Variable)
	}
	slowtest.Require(tb, "a Samba AD domain controller")
	tb.Cleanup(func() { _, _ = dc.run("destroy", dc.dir) })
	out, err := dc.run(append([]string{"start", dc.dir}, args...)...)
	if err != nil {
		tb.Fatalf("start Samba: %v\n%s", err, out)
	}
	env := map[string]string{}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	ca, err := os.ReadFile(env["SAMBA_AD_CA"])
	if err != nil {
		tb.Fatal(err)
	}
	dc.Lab = Lab{
		LDAPS: env["SAMBA_AD_LDAPS_URL"], LDAP: env["SAMBA_AD_LDAP_URL"], CA: ca, Base: env["SAMBA_AD_BASE_DN"],
		User: env["SAMBA_AD_USER"], Password: env["SAMBA_AD_USER_PW"],
	}
	return dc
}

// Load adds the entries of an LDIF text with the rights of the system.
func (dc DC) Load(tb testing.TB, ldif string) {
	tb.Helper()
	file := filepath.Join(filepath.Dir(dc.script), "load.ldif")
	if err := os.WriteFile(file, []byte(ldif), 0o600); err != nil {
		tb.Fatal(err)
	}
	if out, err := dc.run("load", dc.dir, file); err != nil {
		tb.Fatalf("load into Samba: %v\n%s", err, out)
	}
}

// run calls the script. It returns the standard output, and with an error the standard
// error too.
func (dc DC) run(args ...string) (string, error) {
	cmd := exec.Command("bash", append([]string{dc.script}, args...)...) //nolint:noctx // it ends what it starts
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		return out.String() + errs.String(), err
	}
	return out.String(), nil
}
