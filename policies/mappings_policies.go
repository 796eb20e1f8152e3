package policies

import (
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// The types that several keys take.
var (
	nameType     = textLike("name", namePattern.String())
	pathType     = textOf("path")
	skuType      = textOf("SKU")
	planType     = textOf("service plan")
	selectorType = oneOrMoreOf(mappingOf("selector"))
	dateType     = Type{Kind: TypeDate}
	booleanType  = Type{Kind: TypeBoolean}
)

var policyFileMapping = Mapping{ID: "policy-file", Title: "a policy file", Subject: "the file", Noun: "policy file", Keys: []Key{
	{Name: "policies", Type: listOf(mappingOf("policy")), Required: true, Meaning: "The policies of this file."},
}}

var policyMapping = Mapping{ID: "policy", Title: "a policy", Subject: "the policy", Noun: "policy", Keys: []Key{
	{Name: "name", Type: nameType, Required: true, Meaning: "The name in plans and flags, unique in the tenant."},
	{Name: "description", Type: textOf("text"), Meaning: "A text for readers of the file."},
	{Name: "users", Type: selectorType, Required: true, Meaning: "The users that the policy selects."},
	{Name: "except", Type: selectorType, Meaning: "Users that the policy does not select although they match `users`."},
	{Name: "include", Type: listOf(choiceOf(includeWords()...)).orEmpty(), Meaning: "Gives to disabled accounts, or also selects guests and external members."},
	{Name: "priority", Type: numberFrom(-maxPriority, maxPriority), Default: "`0`", Meaning: "The highest priority decides about a SKU."},
	{Name: "licenses", Type: listOf(unionOf(skuType, mappingOf("license"))), Meaning: "SKUs that the users should have."},
	{Name: "replace", Type: entriesOf(skuType, unionOf(skuType, mappingOf("license"))), Meaning: "Replaces one SKU by another for its direct holders."},
	{Name: "absent", Type: unionOf(listOf(skuType), choiceOf(wordAll)), Meaning: "SKUs that the users must not hold directly; `all` means every managed SKU."},
	{Name: "others", Type: choiceOf(othersWords()...), Meaning: "What happens to managed SKUs that no policy of the user mentions."},
	{Name: "plans_off", Type: listOf(planType), Meaning: "Service plans to switch off in every managed SKU that the users hold directly or want."},
	{Name: "usage_location", Type: unionOf(countryType, mappingOf("usage-location")), Meaning: "The usage location that the users should have."},
	{Name: "allow_data_loss", Type: listOf(Type{Kind: TypeChoice, Noun: "loss family", Words: familyNames(catalog.Families())}), Meaning: "Families of data that the users may lose by this policy."},
	{Name: "mode", Type: choiceOf(modeWords()...), Default: "`enforce`", Meaning: "`report` shows the steps of the policy and applies none."},
	{Name: "from", Type: dateType, Meaning: "The first day on which the policy counts."},
	{Name: "until", Type: dateType, Meaning: "The first day on which the policy no longer counts."},
}}

var selectorMapping = Mapping{ID: "selector", Title: "a selector", Noun: "selector", Keys: []Key{
	{Name: "all", Type: choiceOf("true"), Meaning: "Source: all users."},
	{Name: "ou", Type: oneOrMoreOf(textOf("distinguished name")), Meaning: "Source: users in an OU or container; `guid:` before an objectGUID names it too."},
	{Name: "scope", Type: choiceOf(scopeWords()...), Default: "`subtree`", Meaning: "Beside `ou`: `one` leaves out the OUs below it."},
	{Name: "csv", Type: pathType, Meaning: "Source: the users in the rows of a CSV file."},
	{Name: "list", Type: pathType, Meaning: "Source: the users in the lines of a text file."},
	{Name: "upns", Type: listOf(textOf("user principal name")), Meaning: "Source: these users."},
	{Name: "ids", Type: listOf(textOf("object id")), Meaning: "Source: the users with these object ids."},
	{Name: "group", Type: textOf("object id"), Meaning: "Source: members of an Entra group, and of groups in it."},
	{Name: "name", Type: textOf("text"), Meaning: "Beside `group`: the display name that the group must have."},
	{Name: "unmatched", Type: choiceOf("true"), Meaning: "Source: enabled internal users that no other policy selects."},
	{Name: "domain", Type: textLike("DNS name", domainPattern.String()), Meaning: "Filter: users of this Active Directory domain."},
	{Name: "search", Type: Type{Kind: TypeText, Noun: "text", Least: minSearch}, Meaning: "Filter: users with this text in the display name or user principal name."},
	{Name: "missing", Type: choiceOf(missingWords()...), Default: "`error`", Meaning: "Beside `csv`, `list`, `upns` or `ids`: `skip` warns about users that do not exist."},
	{Name: "where", Refused: true},
}}

var licenseMapping = Mapping{ID: "license", Title: "a license", Subject: "the license", Noun: "license entry", Keys: []Key{
	{Name: "sku", Type: skuType, Required: true, Meaning: "The SKU, by product name, string id or GUID."},
	{Name: "disable", Type: unionOf(listOf(planType), choiceOf(wordNone)), Meaning: "Service plans to switch off; the others stay as they are, and `none` switches all on."},
	{Name: "enable", Type: listOf(planType), Meaning: "Service plans to switch on; all others of the SKU are switched off."},
	{Name: "if_owned", Type: booleanType, Default: "`false`", Meaning: "Skips the entry while the tenant does not own the SKU."},
}}

var countryType = textLike("country code", `^[A-Z]{2}$`)

var locationMapping = Mapping{ID: "usage-location", Title: "usage_location", Subject: "usage_location", Noun: "the keys of `usage_location`", Keys: []Key{
	{Name: "value", Type: countryType, When: "without `attribute`", Meaning: "Two capital letters of ISO 3166-1, such as `CH`."},
	{Name: "attribute", Type: choiceOf(attributeWords()...), When: "without `value`", Meaning: "The attribute of the user that has the country."},
	{Name: "overwrite", Type: choiceOf(overwriteWords()...), Default: "only unset locations change", Meaning: "Changes a location that is set: `cloud` for users that are not synced, `all` for all."},
}}

// The words of choices. Decoders take them from here too.
const (
	wordAll                    = "all"
	wordNone                   = "none"
	wordEnforce                = "enforce"
	wordSubtree                = "subtree"
	wordError                  = "error"
	wordDisabled, wordExternal = "disabled", "external"
)

func includeWords() []string   { return []string{wordDisabled, wordExternal} }
func othersWords() []string    { return []string{string(OthersKeep), string(OthersRemove)} }
func modeWords() []string      { return []string{wordEnforce, string(ModeReport)} }
func scopeWords() []string     { return []string{wordSubtree, "one"} }
func missingWords() []string   { return []string{wordError, string(MissingSkip)} }
func attributeWords() []string { return []string{"country"} }
func overwriteWords() []string { return []string{string(OverwriteCloud), string(OverwriteAll)} }
func manageWords() []string    { return []string{string(ManageMentioned), string(ManageAll)} }

func credentialWords() []string {
	var words []string
	for _, kind := range state.CredentialKinds() {
		words = append(words, string(kind))
	}
	return words
}
