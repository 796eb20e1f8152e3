package generate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// These are the parts of a tenant file as it is written; doc.go describes them.

type fileOrganization struct {
	ID              string       `json:"id"`
	DisplayName     string       `json:"displayName"`
	VerifiedDomains []fileDomain `json:"verifiedDomains"`
}

type fileDomain struct {
	Name      string `json:"name"`
	IsDefault bool   `json:"isDefault,omitempty"`
	IsInitial bool   `json:"isInitial,omitempty"`
}

type fileSKU struct {
	SKUID            string `json:"skuId"`
	SKUPartNumber    string `json:"skuPartNumber"`
	AppliesTo        string `json:"appliesTo,omitempty"`
	CapabilityStatus string `json:"capabilityStatus,omitempty"`
	PrepaidUnits     struct {
		Enabled   int `json:"enabled"`
		Warning   int `json:"warning,omitempty"`
		Suspended int `json:"suspended,omitempty"`
	} `json:"prepaidUnits"`
	ServicePlans []filePlan `json:"servicePlans"`
}

type filePlan struct {
	ID        string `json:"servicePlanId"`
	Name      string `json:"servicePlanName"`
	AppliesTo string `json:"appliesTo,omitempty"`
}

type fileUser struct {
	UserPrincipalName string        `json:"userPrincipalName"`
	DisplayName       string        `json:"displayName"`
	AccountEnabled    *bool         `json:"accountEnabled,omitempty"`
	UserType          string        `json:"userType,omitempty"`
	UsageLocation     string        `json:"usageLocation,omitempty"`
	Country           string        `json:"country,omitempty"`
	Department        string        `json:"department,omitempty"`
	Synced            bool          `json:"onPremisesSyncEnabled,omitempty"`
	DN                string        `json:"onPremisesDistinguishedName,omitempty"`
	Domain            string        `json:"onPremisesDomainName,omitempty"`
	AssignedLicenses  []fileLicense `json:"assignedLicenses,omitempty"`
	States            []fileState   `json:"licenseAssignmentStates,omitempty"`
}

type fileGroup struct {
	DisplayName      string        `json:"displayName"`
	GroupTypes       []string      `json:"groupTypes,omitempty"`
	MembershipRule   string        `json:"membershipRule,omitempty"`
	Synced           bool          `json:"onPremisesSyncEnabled,omitempty"`
	AssignedLicenses []fileLicense `json:"assignedLicenses,omitempty"`

	members iter.Seq[string]
	nested  string // the name of a group that is a member, or ""
}

// fileLicense is written in its short form if no plan is off.
type fileLicense struct {
	SKU           string   `json:"sku"`
	DisabledPlans []string `json:"disabledPlans"`
}

// MarshalJSON implements [json.Marshaler].
func (l fileLicense) MarshalJSON() ([]byte, error) {
	if len(l.DisabledPlans) == 0 {
		return json.Marshal(l.SKU)
	}
	type long fileLicense
	return json.Marshal(long(l))
}

type fileState struct {
	SKU             string   `json:"sku"`
	AssignedByGroup string   `json:"assignedByGroup"`
	State           string   `json:"state"`
	Error           string   `json:"error,omitempty"`
	DisabledPlans   []string `json:"disabledPlans,omitempty"`
}

// failedState is the state of a path by which a group gives nothing.
const failedState = "Error"

// fileWriter writes JSON piece by piece. After its first error it writes nothing.
type fileWriter struct {
	out *bufio.Writer
	enc *json.Encoder
	err error
}

func newFileWriter(w io.Writer) *fileWriter {
	out := bufio.NewWriterSize(w, 1<<20)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &fileWriter{out: out, enc: enc}
}

func (w *fileWriter) text(s string) {
	if w.err == nil {
		_, w.err = w.out.WriteString(s)
	}
}

// value writes one value and ends the line.
func (w *fileWriter) value(v any) {
	if w.err == nil {
		w.err = w.enc.Encode(v)
	}
}

// list writes a key with its values, one a line.
func (w *fileWriter) list(key string, values iter.Seq[any]) {
	w.text(",\n" + `"` + key + `": [` + "\n")
	first := true
	for v := range values {
		if !first {
			w.text(",")
		}
		first = false
		if w.value(v); w.err != nil {
			return
		}
	}
	w.text("]")
}

// group writes a group, and its members as they come.
func (w *fileWriter) group(g fileGroup) {
	head, err := json.Marshal(g)
	if w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return
	}
	w.text(string(head[:len(head)-1]) + `, "members": [` + "\n")
	if g.nested != "" {
		w.value(map[string]string{"group": g.nested})
	}
	first := g.nested == ""
	for name := range g.members {
		if !first {
			w.text(",")
		}
		first = false
		w.value(name)
	}
	w.text("]}\n")
}

func (w *fileWriter) end() error {
	w.text("}\n")
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write tenant: %w", w.err)
	}
	return nil
}
