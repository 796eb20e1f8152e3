package sandbox

import (
	"encoding/json"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// parseAssign reads the body of assignLicense. Both arrays must be there, even if they are
// empty. null counts as empty, because a widely deployed connector sends it.
func parseAssign(c *call, chosen variant.Set) (directory.LicenseChange, *refusal.Error) {
	fields, refused := parseObject(c)
	if refused != nil {
		return directory.LicenseChange{}, refused
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "addLicenses" && name != "removeLicenses" {
			return directory.LicenseChange{}, refusal.BadPayload(
				"The parameter '%s' in the request payload is not a valid parameter for the operation 'assignLicense'.", name)
		}
	}
	if missing := absent(fields, chosen, "addLicenses", "removeLicenses"); len(missing) > 0 {
		return directory.LicenseChange{}, refusal.BadRequest("One or more parameters of the operation 'assignLicense' are missing "+
			"from the request payload. The missing parameters are: %s.", strings.Join(missing, ","))
	}
	return parseChange(fields)
}

func absent(fields map[string]json.RawMessage, chosen variant.Set, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		present := fields[name] != nil
		return present && (string(fields[name]) != "null" || !chosen.Has(variant.NullIsMissing))
	})
}

func parseChange(fields map[string]json.RawMessage) (directory.LicenseChange, *refusal.Error) {
	var add []map[string]json.RawMessage
	if json.Unmarshal(fields["addLicenses"], &add) != nil {
		return directory.LicenseChange{}, refusal.BadPayload("The parameter 'addLicenses' must be a collection of assignedLicense.")
	}
	var out directory.LicenseChange
	for _, element := range add {
		a, refused := parseAddition(element)
		if refused != nil {
			return directory.LicenseChange{}, refused
		}
		out.Add = append(out.Add, a)
	}
	var refused *refusal.Error
	out.Remove, refused = parseGUIDs(fields["removeLicenses"], "removeLicenses")
	return out, refused
}

func parseAddition(fields map[string]json.RawMessage) (directory.AddLicense, *refusal.Error) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "skuId" && name != "disabledPlans" && !strings.Contains(name, "@") {
			return directory.AddLicense{}, refusal.BadPayload("The property '%s' does not exist on type 'microsoft.graph.assignedLicense'. "+
				"Make sure to only use property names that are defined by the type.", name)
		}
	}
	id, refused := rawGUID(fields["skuId"])
	if refused != nil {
		return directory.AddLicense{}, refused
	}
	plans, refused := parseGUIDs(fields["disabledPlans"], "disabledPlans")
	return directory.AddLicense{SKUID: id, DisabledPlans: plans}, refused
}

// parseGUIDs reads a collection of Edm.Guid, empty if the property is missing.
func parseGUIDs(raw json.RawMessage, name string) ([]string, *refusal.Error) {
	if raw == nil {
		return nil, nil
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		return nil, refusal.BadPayload("The parameter '%s' must be a collection of Edm.Guid.", name)
	}
	var out []string
	for _, e := range elements {
		id, refused := rawGUID(e)
		if refused != nil {
			return nil, refused
		}
		out = append(out, id)
	}
	return out, nil
}

func rawGUID(raw json.RawMessage) (string, *refusal.Error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		if id, ok := guid.Parse(s); ok {
			return id, nil
		}
	}
	return "", refusal.BadRequest("Cannot convert a primitive value to the expected type 'Edm.Guid'. " +
		"See the inner exception for more details")
}

// parseLocation reads the body of PATCH users/{id}. Annotations such as @odata.type are not
// properties.
func parseLocation(fields map[string]json.RawMessage) (string, *refusal.Error) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "usageLocation" && !strings.Contains(name, "@") {
			return "", refusal.BadRequest("The property '%s' cannot be changed here: of a user the sandbox models usageLocation alone.", name)
		}
	}
	var location string
	if fields["usageLocation"] == nil {
		return "", refusal.BadRequest("The request names no property to change.")
	}
	if json.Unmarshal(fields["usageLocation"], &location) != nil || !directory.CountryCode.MatchString(location) {
		return "", refusal.BadRequest("Invalid value specified for property 'usageLocation' of resource 'User'.")
	}
	return location, nil
}

// parseObject reads a request body that must be a JSON object. A member that is null has
// the value "null", which is not nil.
func parseObject(c *call) (map[string]json.RawMessage, *refusal.Error) {
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refusal.BadPayload("Entity only allows writes with a JSON Content-Type header.")
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.body, &fields) != nil {
		return nil, refusal.BadPayload("Unable to read JSON request payload. " +
			"Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return fields, nil
}

// parseTexts reads a collection of strings in lower case, empty if the property is missing.
func parseTexts(raw json.RawMessage, name string) ([]string, *refusal.Error) {
	if raw == nil {
		return nil, nil
	}
	var out []string
	if json.Unmarshal(raw, &out) != nil {
		return nil, refusal.BadPayload("The parameter '%s' must be a collection of Edm.String.", name)
	}
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out, nil
}
