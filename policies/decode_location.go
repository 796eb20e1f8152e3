package policies

import (
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// decodeLocation reads `CH`, `{value: CH, overwrite: cloud}` or
// `{attribute: country}`.
func decodeLocation(v value) *Location {
	if !v.isMapping() {
		return &Location{Pos: v.pos(), Value: decodeCountry(v)}
	}
	location := Location{Pos: v.pos()}
	written := v.fields(locationMapping, keys{
		"value":     func(v value) { location.Value, location.Pos = decodeCountry(v), v.pos() },
		"attribute": func(v value) { location.FromCountry, location.Pos = decodeAttribute(v), v.pos() },
		"overwrite": func(v value) { location.Overwrite = decodeOverwrite(v) },
	})
	attribute, taken := written["attribute"]
	if !taken {
		v.required(v.pos(), locationMapping.Subject, written, "value")
	} else if _, both := written["value"]; both {
		v.doc.problems.Add(attribute, diag.RuleConflict, "keep one of them", "\"value\" and \"attribute\" exclude each other")
	}
	return &location
}

// decodeAttribute reads the attribute that has the country of a user. There is one.
func decodeAttribute(v value) bool {
	_, ok := v.choice(attributeWords()...)
	return ok
}

func decodeCountry(v value) string {
	code, ok := v.word()
	if !ok {
		return ""
	}
	hint, known := catalog.Country(code)
	if !known {
		v.problem(diag.RuleValue, hint, "%s is not a country code: expected two capital letters of ISO 3166-1", diag.Quote(code))
	}
	return code
}

func decodeOverwrite(v value) Overwrite {
	extent, _ := v.choice(overwriteWords()...)
	return Overwrite(extent)
}
