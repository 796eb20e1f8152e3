package cli

import (
	"context"
	"errors"
	"io"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// serveArgs are the arguments of seatwright sandbox serve.
type serveArgs struct {
	tenantFile   string
	listen       string
	hosts        []string
	weather      string
	tls          bool
	caFile       string
	apps         string
	strictTokens bool
}

// hostName matches a name that a certificate can be made for. It has a dot, so that no user
// is asked to trust a CA for a whole top-level domain.
var hostName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]*$`)

func (a serveArgs) check() error {
	if a.tenantFile == "" {
		return usage("for example --tenant-file examples/contoso/tenant.yaml", "sandbox serve needs --tenant-file")
	}
	if a.caFile != "" && !a.tls {
		return usage("add --tls", "--ca-file needs --tls")
	}
	for _, host := range a.hosts {
		if !hostName.MatchString(host) || len(host) > 253 {
			return usage("for example --host graph.microsoft.com", "--host is %q, which is not a host name without a port", host)
		}
	}
	return nil
}

func sandboxServeCommand(p Program) *cobra.Command {
	var args serveArgs
	cmd := &cobra.Command{
		Use:   "serve --tenant-file FILE",
		Short: "Serve a sandbox tenant to any Graph client on this machine",
		Long: `Serve answers like Microsoft Graph v1.0 for the tenant in the file, until it is interrupted. It listens on a
loopback address only, and prints that address as its first line. Changes are kept beside the file in
.seatwright/sandbox/; the file does not change.

With --weather it throttles, lags and fails as the file describes. With --tls it also answers like Microsoft Entra ID,
and issues tokens to the apps of --apps. What it received is at /sandbox/log and /sandbox/invariants.`,
		Example: "  seatwright sandbox serve --tenant-file tenant.yaml --listen 127.0.0.1:8080\n" +
			"  seatwright sandbox serve --tenant-file tenant.yaml --tls --ca-file ca.pem --apps apps.yaml --strict-tokens",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := args.check(); err != nil {
				return err
			}
			return runServe(cmd.Context(), p, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&args.tenantFile, "tenant-file", "", "YAML or JSON `FILE` that describes the tenant")
	flags.StringVar(&args.listen, "listen", loopback, "loopback `ADDRESS`; port 0 is any free port")
	flags.StringArrayVar(&args.hosts, "host", nil, "also answer to this host `NAME`, such as graph.microsoft.com; repeatable")
	flags.StringVar(&args.weather, "weather", "", "YAML or JSON `FILE` of faults: quotas, collisions, lag and errors")
	flags.BoolVar(&args.tls, "tls", false, "serve HTTPS with a CA of its own, and answer like Entra ID")
	flags.StringVar(&args.caFile, "ca-file", "", "write the certificate of that CA to this `FILE`")
	flags.StringVar(&args.apps, "apps", "", "YAML or JSON `FILE` of the app registrations that get tokens; default: any app")
	flags.BoolVar(&args.strictTokens, "strict-tokens", false, "accept only tokens that it issued")
	return cmd
}

func runServe(ctx context.Context, p Program, args serveArgs) error {
	how, err := args.serving()
	if err != nil {
		return err
	}
	data, err := readNamed("sandbox tenant", "--tenant-file", args.tenantFile)
	if err != nil {
		return err
	}
	e, err := openSandbox(ctx, args.tenantFile, data)
	if err != nil {
		return err
	}
	if err := e.tenant.Check(how.options); err != nil {
		return errors.Join(invalidSandbox("weather", err), e.close())
	}
	address, stop, err := e.start(how)
	if err != nil {
		return errors.Join(err, e.close())
	}
	if err := announce(p, args, how, address); err != nil {
		return errors.Join(err, stop(), e.close())
	}
	<-ctx.Done() // to be stopped is the normal end of a server
	return errors.Join(stop(), e.close())
}

// serving reads the files and makes the keys that the arguments need.
func (a serveArgs) serving() (serving, error) {
	how := serving{listen: a.listen, hosts: a.hosts, options: sandbox.Options{Quota: sandbox.Quota{Scale: 1}}}
	var err error
	if a.weather != "" {
		how.options, err = parsed("weather", "--weather", a.weather, sandbox.ParseFaultProfile)
	}
	if err == nil && (a.tls || a.apps != "" || a.strictTokens) {
		how.options.Authority, err = a.authority()
	}
	how.options.StrictTokens = a.strictTokens
	if err != nil || !a.tls {
		return how, err
	}
	how.ca, err = entra.NewCA(time.Now(), a.hosts...) // clients check it against the real time
	return how, err
}

// announce writes the file of the CA, and prints the address of the sandbox.
func announce(p Program, args serveArgs, how serving, address string) error {
	if args.caFile != "" {
		err := checkout.SaveFile("CA certificate", args.caFile, func(w io.Writer) error {
			_, err := w.Write(how.ca.PEM())
			return err
		})
		if err != nil {
			return err
		}
	}
	return view.Serving(p.Out, how.scheme(), address)
}

func (a serveArgs) authority() (*entra.Authority, error) {
	var apps []entra.App
	if a.apps != "" {
		var err error
		if apps, err = parsed("apps", "--apps", a.apps, entra.ParseApps); err != nil {
			return nil, err
		}
	}
	return entra.NewAuthority(apps)
}

// parsed reads a file that a flag names.
func parsed[T any](what, flag, name string, parse func(string, []byte) (T, error)) (T, error) {
	data, err := readNamed(what, flag, name)
	if err != nil {
		var none T
		return none, err
	}
	out, err := parse(name, data)
	if err != nil {
		return out, invalidSandbox(what, err)
	}
	return out, nil
}

func readNamed(what, flag, name string) ([]byte, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, usage("name a file with "+flag, "read %s: %w", what, err)
	}
	data, err := readLimited(file, name)
	return data, errors.Join(err, file.Close())
}
