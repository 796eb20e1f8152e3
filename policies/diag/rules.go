package diag

// The rules that settings and policies must keep.
const (
	// RuleSyntax is text that is not YAML at all.
	RuleSyntax Rule = "syntax"
	// RuleEncoding is a file that is not UTF-8 (or UTF-16, for CSV files and
	// lists), or that has invisible characters.
	RuleEncoding Rule = "encoding"
	// RuleLimit is more bytes, nodes, depth, files or rows than are read.
	RuleLimit Rule = "limit"
	// RuleAnchor is an anchor, an alias or a merge key: they make a text mean
	// something else than it shows, and can make a small text huge.
	RuleAnchor Rule = "anchor"
	// RuleTag is a YAML tag, such as !!str.
	RuleTag Rule = "tag"
	// RuleDuplicateKey is a repeated key of one mapping.
	RuleDuplicateKey Rule = "duplicate-key"
	// RuleUnknownKey is a key that the language does not have.
	RuleUnknownKey Rule = "unknown-key"
	// RuleUnsupported is a part of the language that this version does not have yet.
	RuleUnsupported Rule = "unsupported"
	// RuleType is a list where a text is expected, and the like.
	RuleType Rule = "type"
	// RuleValue is a value outside of what its key takes, or none at all.
	RuleValue Rule = "value"
	// RuleRequired is a key that may not be left out.
	RuleRequired Rule = "required"
	// RuleName is a name of a policy or tenant that is malformed or taken.
	RuleName Rule = "name"
	// RuleConflict is a policy or tenant that contradicts itself.
	RuleConflict Rule = "conflict"
	// RuleSelector is a selector that is put together wrongly.
	RuleSelector Rule = "selector"
	// RuleUser is text that cannot be a user principal name or an object id.
	RuleUser Rule = "user"
	// RuleSKU is a SKU name that means nothing, several things, or something the
	// tenant does not own.
	RuleSKU Rule = "sku"
	// RulePlan is a service plan that its SKU does not have, or that cannot be
	// switched off.
	RulePlan Rule = "plan"
	// RuleManage is a SKU that a policy may not change because of `manage`.
	RuleManage Rule = "manage"
	// RulePath is a path that leads, or could lead, out of the project.
	RulePath Rule = "path"
	// RuleFile is a file that is missing, too large or no regular file.
	RuleFile Rule = "file"
	// RuleCSV is a malformed CSV file or a row of one.
	RuleCSV Rule = "csv"
	// RuleList is a malformed list file or a line of one.
	RuleList Rule = "list"
	// RuleWindow is a policy that ends, while no policy removes what it gave.
	RuleWindow Rule = "window"
	// RuleDuplicate is a user that is named twice in one file or list.
	RuleDuplicate Rule = "duplicate"
)
