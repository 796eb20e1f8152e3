package state

import (
	"cmp"
	"fmt"
	"strings"
)

// Cloud is one of Microsoft's national clouds. Endpoints follow from it and cannot be
// configured.
type Cloud string

// The clouds ("Microsoft Graph national cloud deployments"). The empty Cloud is
// [CloudPublic].
const (
	CloudPublic   Cloud = "public"    // with GCC
	CloudUSGov    Cloud = "usgov"     // GCC High, L4
	CloudUSGovDoD Cloud = "usgov-dod" // DoD, L5
	CloudChina    Cloud = "china"     // operated by 21Vianet
)

// Endpoints are the addresses of a cloud's services.
type Endpoints struct {
	Authority string // where identities sign in: scheme, host and a slash
	Graph     string // scheme and host; also the audience of tokens for Graph
	Federated string // audience of the tokens that other issuers make for signing in ("Workload identity federation")
	Blob      string // domain of storage accounts
}

// clouds is the one table of clouds ("Storage account overview", "Azure Government
// developer guide", "Azure China developer guide"), in the order in which errors list them.
var clouds = []struct {
	cloud     Cloud
	endpoints Endpoints
}{
	{CloudPublic, Endpoints{"https://login.microsoftonline.com/", "https://graph.microsoft.com", "api://AzureADTokenExchange", "blob.core.windows.net"}},
	{CloudUSGov, Endpoints{"https://login.microsoftonline.us/", "https://graph.microsoft.us", "api://AzureADTokenExchangeUSGov", "blob.core.usgovcloudapi.net"}},
	{CloudUSGovDoD, Endpoints{"https://login.microsoftonline.us/", "https://dod-graph.microsoft.us", "api://AzureADTokenExchangeUSGov", "blob.core.usgovcloudapi.net"}},
	{CloudChina, Endpoints{"https://login.chinacloudapi.cn/", "https://microsoftgraph.chinacloudapi.cn", "api://AzureADTokenExchangeChina", "blob.core.chinacloudapi.cn"}},
}

// Clouds returns the names of all clouds.
func Clouds() []string {
	names := make([]string, len(clouds))
	for i, c := range clouds {
		names[i] = string(c.cloud)
	}
	return names
}

// Endpoints returns the addresses of the cloud. It fails for a cloud that does not exist.
func (c Cloud) Endpoints() (Endpoints, error) {
	for _, known := range clouds {
		if known.cloud == cmp.Or(c, CloudPublic) {
			return known.endpoints, nil
		}
	}
	names := Clouds()
	last := len(names) - 1
	return Endpoints{}, fmt.Errorf("cloud %q: want %s or %s", string(c), strings.Join(names[:last], ", "), names[last])
}
