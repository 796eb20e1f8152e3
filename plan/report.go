package plan

// Cost is what the plan changes in the monthly price of the seats that are used,
// signed: seats that come into use cost, seats that come free save. It says nothing
// about the invoice, which counts the seats that were bought.
type Cost struct {
	Currency string       `json:"currency"` // "": settings name no prices
	Cents    int64        `json:"cents"`    // hundredths, a month
	SKUs     []CostSKU    `json:"skus"`
	Policies []CostPolicy `json:"policies"`
	Unpriced []string     `json:"unpriced"` // part numbers of SKUs that seats change of and that have no price
}

// CostSKU is the cost of one SKU.
type CostSKU struct {
	PartNumber string `json:"sku_part_number"`
	Seats      int    `json:"seats"` // more in use, or fewer
	Cents      int64  `json:"cents"`
	ToBuy      int64  `json:"to_buy_cents"` // a month, for the seats that somebody waits for
}

// CostPolicy is the part of the cost that a policy answers for. A seat that several
// policies want is counted for the first of them by name.
type CostPolicy struct {
	Policy string `json:"policy"`
	Cents  int64  `json:"cents"`
}

// Schedule is how long the steps take. What counts is the chains in which a seat is
// handed on, since those steps go one after the other.
type Schedule struct {
	LongestChain    int     `json:"longest_chain"` // in changes that hand one seat on
	Seconds         int     `json:"seconds"`       // about, for all steps
	WritesPerSecond float64 `json:"writes_per_second"`
	Spare           []Spare `json:"spare"` // what more seats would save; none where chains are short
}

// Spare is what some more seats of one SKU would make of the schedule. They are free
// again in the end.
type Spare struct {
	Seats        int    `json:"seats"`
	PartNumber   string `json:"sku_part_number"`
	LongestChain int    `json:"longest_chain"`
	Seconds      int    `json:"seconds"`
}

// SourceChange says who came into one selector and who left it since the baseline. It
// tells, and drives nothing: the guards look for themselves.
type SourceChange struct {
	Policy       string       `json:"policy"`   // "" for settings `protect`
	Protects     bool         `json:"shields"`  // it stands in `except` or `protect`
	Selector     string       `json:"selector"` // as the policy writes it
	File         string       `json:"file"`     // "" where it is gone
	Line         int          `json:"line"`
	Column       int          `json:"column"`
	Status       SourceStatus `json:"status"`
	Users        int          `json:"users"`  // whom it picks now
	Before       int          `json:"before"` // whom it picked then; 0 where that is not known
	EnteredCount int          `json:"entered_count"`
	LeftCount    int          `json:"left_count"`
	Entered      []UserRef    `json:"entered"` // the first of them, by name
	Left         []UserRef    `json:"left"`    // the first of them, by name; who is not in the tenant any more has an id alone
}

// SourceStatus says what is known of a selector at the time of the baseline.
type SourceStatus string

// What can be known of a selector.
const (
	SourceCompared SourceStatus = "compared"
	SourceNew      SourceStatus = "new"     // the baseline does not have it: whom it picks, it picks for the first time
	SourceGone     SourceStatus = "gone"    // the policies do not have it any more: whom it picked has left it
	SourceUnknown  SourceStatus = "unknown" // there is nothing to compare with, which is not to say that nobody came or left
)
