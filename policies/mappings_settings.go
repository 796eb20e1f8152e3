package policies

import (
	"fmt"
	"math"
	"slices"

	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

var settingsMapping = Mapping{ID: "settings", Title: "the settings", Subject: "the file", Noun: "settings", Keys: []Key{
	{Name: "version", Type: choiceOf(wordVersion), Required: true, Meaning: "The version of the language."},
	{Name: "tenants", Type: entriesOf(nameType, mappingOf("tenant")), Required: true, Meaning: "The tenants, each under a name for flags and output."},
	{Name: "defaults", Type: mappingOf("defaults"), Meaning: "Keys that count for each tenant that does not have them itself."},
	{Name: "directories", Type: entriesOf(nameType, mappingOf("directory")).orEmpty(), Meaning: "Active Directory domains, each under a name for `directory` of a tenant."},
}}

// wordVersion is the one version of the language.
const wordVersion = "1"

var tenantMapping = Mapping{ID: "tenant", Title: "a tenant", Subject: "the tenant", Noun: "tenant", Keys: []Key{
	{Name: "id", Type: textOf("GUID or domain"), When: "without `sandbox`", Meaning: "The tenant's GUID, or one of its verified domains."},
	{Name: "sandbox", Type: pathType, Meaning: "The file of a sandbox tenant, instead of `id`, `cloud` and `credential`."},
	{Name: "cloud", Type: choiceOf(state.Clouds()...), Default: "`" + string(state.CloudPublic) + "`", Meaning: "The Microsoft cloud that the tenant is in."},
	{Name: "credential", Type: unionOf(credentialKindType, mappingOf("credentials")), Default: "`" + string(state.CredentialDefault) + "`", Meaning: "How Seatwright signs in, to read and to write."},
	{Name: "policies", Type: listOf(textOf("file pattern")), When: "unless `defaults` has it", Meaning: "The policy files; `*` is any name in one folder."},
	{Name: "manage", Type: unionOf(listOf(skuType), choiceOf(manageWords()...)), Default: "`" + string(ManageMentioned) + "`", Meaning: "The SKUs that may be changed."},
	{Name: "one_of", Type: entriesOf(nameType, listOf(skuType)).orEmpty(), Meaning: "Sets of SKUs of which a user should hold one."},
	{Name: "protect", Type: selectorType, Meaning: "Users that never lose a license."},
	{Name: "seats", Type: entriesOf(skuType, mappingOf("seats")).orEmpty(), Meaning: "Seats of a SKU that stay free."},
	{Name: "guards", Type: mappingOf("guards"), Meaning: "Limits of guards, instead of their defaults."},
	{Name: "records", Type: mappingOf("records"), Default: "the state folder", Meaning: "The container of Azure Storage that keeps journals, records and the lock."},
	{Name: "prices", Type: pathType, Meaning: "The file with monthly prices of SKUs."},
	{Name: "directory", Type: oneOrMoreOf(textOf("directory name")), Default: "values of the last sync", Meaning: "Where `ou` and `domain` are looked up."},
	{Name: "trust", Refused: true},
	{Name: "scopes", Refused: true},
}}

// defaultsMapping returns the keys of a tenant, without those that identify one.
func defaultsMapping() Mapping {
	m := Mapping{ID: "defaults", Title: "defaults", Subject: "defaults", Noun: "the keys of a tenant, without `id` and `sandbox`", Keys: slices.Clone(tenantMapping.Keys)}
	for i, key := range m.Keys {
		m.Keys[i].When = ""
		m.Keys[i].Refused = key.Refused || key.Name == "id" || key.Name == "sandbox"
	}
	return m
}

var credentialKindType = Type{Kind: TypeChoice, Noun: "credential kind", Words: credentialWords()}

var credentialType = unionOf(credentialKindType, mappingOf("credential"))

var credentialsMapping = Mapping{ID: "credentials", Title: "credential", Subject: "the credential", Noun: "the keys `read` and `write`", Keys: []Key{
	{Name: "read", Type: credentialType, Required: true, Meaning: "The credential of commands that read."},
	{Name: "write", Type: credentialType, Required: true, Meaning: "The credential of `apply` and `drift --correct`."},
}}

var credentialMapping = Mapping{ID: "credential", Title: "a credential", Subject: "the credential", Noun: "the keys of a credential", Keys: []Key{
	{Name: "kind", Type: credentialKindType, Required: true, Meaning: "How Seatwright signs in."},
	{Name: "client_id", Type: textOf("GUID"), When: "for some kinds", Meaning: "The application (client) id of the app registration."},
	{Name: "certificate_file", Type: pathType, When: "for some kinds", Meaning: "A PEM or PKCS#12 file with the certificate and its key."},
	{Name: "service_connection_id", Type: textOf("GUID"), When: "for some kinds", Meaning: "The resource id of the service connection in Azure DevOps."},
	{Name: "token_env", Type: textLike("variable name", environmentName.String()), Default: "`SEATWRIGHT_ID_TOKEN`", Meaning: "The environment variable that holds the ID token of the job."},
}}

var recordsMapping = Mapping{ID: "records", Title: "records", Subject: "records", Noun: "the keys of `records`", Keys: []Key{
	{Name: "account", Type: textLike("account name", accountName.String()), When: "without `emulator`", Meaning: "The storage account, without a host name."},
	{Name: "container", Type: textLike("container name", containerName.String()), Required: true, Meaning: "The blob container in the account."},
	{Name: "emulator", Type: textOf("URL"), Meaning: "The address of Azurite on this machine, for a sandbox tenant instead of `account`."},
}}

var seatsMapping = Mapping{ID: "seats", Title: "seats", Subject: "the SKU", Noun: "`{reserve: N}`", Keys: []Key{
	{Name: "reserve", Type: numberFrom(0, math.MaxInt32), Required: true, Meaning: "The number of seats that stay free."},
}}

var directoryMapping = Mapping{ID: "directory", Title: "a directory", Subject: "the directory", Noun: "directory", Keys: []Key{
	{Name: "url", Type: oneOrMoreOf(textOf("URL")), Required: true, Meaning: "Domain controllers, tried in order: `ldaps://HOST`, or `ldap://HOST` with `start_tls`."},
	{Name: "start_tls", Type: booleanType, Default: "`false`", Meaning: "Starts TLS on an `ldap://` connection before it signs in."},
	{Name: "ca_file", Type: pathType, Default: "the system's", Meaning: "A PEM file with the certificate authorities to trust."},
	{Name: "bind", Type: mappingOf("bind"), Required: true, Meaning: "The environment variables that hold the account and its password."},
	{Name: "anchor", Type: listOf(choiceOf(state.AnchorAttributes()...)), Default: "both", Meaning: "The attributes by which users of the directory are matched with the tenant."},
}}

var bindMapping = Mapping{ID: "bind", Title: "bind", Subject: "bind", Noun: "the keys `user_env` and `password_env`", Keys: []Key{
	{Name: "user_env", Type: textLike("variable name", secretEnv.String()), Required: true, Meaning: "The environment variable that holds the account name."},
	{Name: "password_env", Type: textLike("variable name", secretEnv.String()), Required: true, Meaning: "The environment variable that holds the password."},
}}

// guardsMapping returns a key for each guard that has a limit which settings can change.
func guardsMapping(guards guard.Table) Mapping {
	m := Mapping{ID: "guards", Title: "guards", Subject: "guards", Noun: "mapping from guard to limits"}
	for _, row := range guards.Rows() {
		if slices.ContainsFunc(row.Settings, changeable) {
			m.Keys = append(m.Keys, Key{Name: string(row.Name), Type: mappingOf(limitID(row)), Meaning: "Limits " + row.Summary + "."})
		}
	}
	return m
}

func limitID(row guard.Row) string { return "guards." + string(row.Name) }

// limitMapping returns the numbers of one guard that settings can change.
func limitMapping(row guard.Row) Mapping {
	m := Mapping{ID: limitID(row), Title: "the guard", Subject: "the guard", Noun: "limits of `" + string(row.Name) + "`"}
	for _, s := range row.Settings {
		if changeable(s) {
			m.Keys = append(m.Keys, Key{Name: string(s.Key), Type: numberFrom(0, mostOf(s)), Default: fmt.Sprintf("`%d`", s.Default), Meaning: limitMeaning(s.Unit())})
		}
	}
	return m
}

// mostOf returns the largest number that the settings may state.
func mostOf(s guard.Setting) int {
	if s.Unit() == guard.Percent {
		return 100
	}
	return math.MaxInt32
}

func limitMeaning(unit guard.Unit) string {
	if unit == guard.Percent {
		return "The limit in percent."
	}
	return "The limit as a number of " + string(unit) + "."
}
