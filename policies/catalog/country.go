package catalog

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// kosovo is XK: not of ISO 3166-1, yet Microsoft accepts it as a usage location.
const kosovo = "XK"

// Country reports whether a usage location is a code that Microsoft accepts: two
// upper-case letters of ISO 3166-1, or XK (Graph: "user resource type",
// usageLocation). If not, the hint is what to write. A code that is accepted has a
// hint if it is doubtful.
func Country(code string) (hint string, ok bool) {
	switch {
	case code == kosovo:
		return "XK (Kosovo) is not in ISO 3166-1", true
	case isCountry(code):
		return "", true
	}
	return countryHint(code), false
}

func isCountry(code string) bool {
	if len(code) != 2 || strings.ToUpper(code) != code || code[0] < 'A' || code[1] < 'A' {
		return false
	}
	if _, former := formerCodes[code]; former || strings.Contains(reservedCodes, code) {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.Canonicalize().String() == code
}

// reservedCodes count as countries in CLDR, but ISO 3166-1 only reserves them, or
// withdrew them without one successor.
const reservedCodes = "AC CP CQ DG EA EZ FQ IC NT PC TA UN"

// formerCodes are codes in use that are not valid, or no longer valid.
var formerCodes = map[string]string{
	"AN": "AN, the Netherlands Antilles, was withdrawn: write CW, SX or BQ",
	"CS": "CS, Serbia and Montenegro, was withdrawn: write RS or ME",
	"EL": "write GR",
	"SU": "SU, the Soviet Union, was withdrawn: write the code of the country of today",
	"UK": "write GB",
	"YU": "YU, Yugoslavia, was withdrawn: write the code of the country of today",
}

func countryHint(text string) string {
	upper := strings.ToUpper(Fold(text))
	if hint, former := formerCodes[upper]; former {
		return hint
	}
	if code, known := countryNames()[countryKey(text)]; known {
		return "write " + code
	}
	// Lower case, three letters (DEU) and withdrawn codes with one successor (ZR).
	if region, err := language.ParseRegion(upper); err == nil {
		if code := region.Canonicalize().String(); code == kosovo || isCountry(code) {
			return "write " + code
		}
	}
	return "write two upper-case letters of ISO 3166-1, such as CH"
}

// CountryCode reads the country attribute of a directory: a code that [Country] accepts, or
// an English name ("Switzerland").
func CountryCode(text string) (code string, ok bool) {
	if _, known := Country(strings.ToUpper(strings.TrimSpace(text))); known {
		return strings.ToUpper(strings.TrimSpace(text)), true
	}
	code, ok = countryNames()[countryKey(text)]
	return code, ok
}

// countryNames gives the codes of English names: those of CLDR, and others in use.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{
		"burma": "MM", "cabo verde": "CV", "czech republic": "CZ", "england": "GB", "eswatini": "SZ", "great britain": "GB",
		"holland": "NL", "hong kong": "HK", "ivory coast": "CI", "macau": "MO", "myanmar": "MM", "north macedonia": "MK",
		"palestine": "PS", "scotland": "GB", "the netherlands": "NL", "turkey": "TR", "türkiye": "TR", "uae": "AE",
		"usa": "US", "united states of america": "US",
	}
	english := display.English.Regions()
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string(first) + string(second)
			if code == kosovo || isCountry(code) {
				names[countryKey(english.Name(language.MustParseRegion(code)))] = code
			}
		}
	}
	return names
})

// countryKey returns the folded name without differences in spelling.
func countryKey(name string) string {
	return Fold(countrySpelling.Replace(name))
}

var countrySpelling = strings.NewReplacer("&", "and", "’", "'", ".", "")
