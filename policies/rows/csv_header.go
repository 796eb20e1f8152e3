package rows

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/seatwright/seatwright/policies/catalog"
)

// The columns of a CSV file that are read, as messages call them.
const (
	columnID       = "ObjectId"
	columnUPN      = "UserPrincipalName"
	columnLocation = "UsageLocation"
)

// columns are the positions of the columns that are read, -1 where there is none.
type columns struct {
	id, upn, location int
	twice             string // a column that is there twice, or ""
}

// named reports whether these columns identify users.
func (c columns) named() bool { return c.id >= 0 || c.upn >= 0 }

func findColumns(header []string) columns {
	found := columns{id: -1, upn: -1, location: -1}
	set := func(at *int, column int, name string) {
		if *at >= 0 {
			found.twice = name
		}
		*at = column
	}
	for i, cell := range header {
		switch headerKey(cell) {
		case headerKey(columnID):
			set(&found.id, i, columnID)
		case headerKey(columnUPN):
			set(&found.upn, i, columnUPN)
		case headerKey(columnLocation):
			set(&found.location, i, columnLocation)
		}
	}
	return found
}

// headerKey returns a column's name as it compares: "Object Id", "object_id" and "ObjectId"
// are the names of one column in different exports.
func headerKey(cell string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, cell)
}

// otherNames are other names of the key columns in exports. They are not accepted, since
// some exports use them for something else. A hint suggests the accepted name.
var otherNames = map[string]string{
	"id": columnID, "userid": columnID, "objectguid": columnID, "aadobjectid": columnID, "azureobjectid": columnID,
	"entraobjectid": columnID, "userobjectid": columnID, "externaldirectoryobjectid": columnID, "guid": columnID,
	"upn": columnUPN, "email": columnUPN, "emailaddress": columnUPN, "mail": columnUPN, "username": columnUPN,
	"user": columnUPN, "login": columnUPN, "signinname": columnUPN, "primarysmtpaddress": columnUPN,
	"username[userprincipalname]required": columnUPN,
}

// headerHint returns which column is probably meant. It repeats nothing of the file, which
// may be any file.
func headerHint(header []string) string {
	for i, cell := range header {
		key := headerKey(cell)
		if i == 0 && strings.HasPrefix(key, "#type") {
			return "delete the first line, or export with -NoTypeInformation"
		}
		name, known := otherNames[key]
		if !known && catalog.Nearest(key, []string{headerKey(columnID)}) != "" {
			name, known = columnID, true
		}
		if !known && catalog.Nearest(key, []string{headerKey(columnUPN)}) != "" {
			name, known = columnUPN, true
		}
		if known {
			return fmt.Sprintf("if column %d has it, rename the column to %s", i+1, name)
		}
	}
	return ""
}
