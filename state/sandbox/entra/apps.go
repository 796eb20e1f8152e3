package entra

import (
	"crypto/x509"
	"encoding/pem"
	"errors"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// App is an app registration of the sandbox's authority. Its secrets protect nothing.
type App struct {
	ClientID string
	// Roles are the application permissions that its tokens carry.
	Roles []string
	// Secret, Certificate and Federated are the ways in which the app can prove its
	// identity. At least one of them is set.
	Secret      string
	Certificate *x509.Certificate
	Federated   *Federated
}

// Federated is a federated credential: the app signs in with tokens of another issuer. The
// sandbox asks no other host for keys, so it checks the claims of such a token and not its
// signature.
type Federated struct {
	Issuer, Subject string
	Audience        string // api://AzureADTokenExchange if the file has none
}

// ParseApps reads app registrations, YAML or JSON, as strictly as a tenant file;
// the name is used in messages only. An example:
//
//	apps:
//	  - clientId: 11111111-1111-1111-1111-111111111111
//	    roles: [User.Read.All, LicenseAssignment.Read.All]
//	    secret: not-a-secret
//	  - clientId: 22222222-2222-2222-2222-222222222222
//	    roles: [LicenseAssignment.ReadWrite.All]
//	    certificate: |                     # PEM, without the key
//	      -----BEGIN CERTIFICATE-----
//	      ...
//	    federated:
//	      issuer: https://token.actions.githubusercontent.com
//	      subject: repo:contoso/licenses:environment:apply
func ParseApps(name string, data []byte) ([]App, error) {
	root, err := strict.ReadTree(name, data)
	if err != nil {
		return nil, err
	}
	r := appReader{strict.Reader{Name: name}}
	var out []App
	seen := map[string]bool{}
	for _, n := range r.List(r.Object(root, "the file of apps", []string{"apps"}), "apps") {
		app := r.app(n)
		if seen[app.ClientID] && app.ClientID != "" {
			r.Problem(n, "clientId %s is listed twice", app.ClientID)
		}
		seen[app.ClientID] = true
		out = append(out, app)
	}
	if len(r.Bad.Problems) > 0 {
		return nil, &r.Bad
	}
	return out, nil
}

type appReader struct{ strict.Reader }

func (r *appReader) app(n *yaml.Node) App {
	o := r.Object(n, "an app", []string{"clientId", "roles", "secret", "certificate", "federated"})
	app := App{ClientID: r.RequiredGUID(o, "clientId", "an app"), Roles: append([]string{}, r.Texts(o, "roles")...), Secret: r.Text(o, "secret")}
	if o.Has("certificate") {
		var err error
		if app.Certificate, err = parseCertificate(r.Text(o, "certificate")); err != nil {
			r.Problem(o.At("certificate"), "certificate: %v", err)
		}
	}
	if o.Has("federated") {
		f := r.Object(o.At("federated"), "a federated credential", []string{"issuer", "subject", "audience"})
		app.Federated = &Federated{
			Issuer: r.Required(f, "issuer", "a federated credential"), Subject: r.Required(f, "subject", "a federated credential"),
			Audience: "api://AzureADTokenExchange",
		}
		if f.Has("audience") {
			app.Federated.Audience = r.Text(f, "audience")
		}
	}
	if !o.Has("secret") && !o.Has("certificate") && !o.Has("federated") {
		r.Problem(n, "an app needs secret, certificate or federated")
	}
	return app
}

func parseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("it must be a certificate in PEM, without its key")
	}
	return x509.ParseCertificate(block.Bytes)
}
