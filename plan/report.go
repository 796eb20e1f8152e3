package plan

// Cost is what the plan changes in the monthly price of the seats in use. It is signed:
// seats that are taken cost, seats that are freed save. It is not the change of the
// invoice, which counts the seats that were bought.
type Cost struct {
	Currency string       `json:"currency"` // "": settings name no prices
	Cents    int64        `json:"cents"`    // hundredths, a month
	SKUs     []CostSKU    `json:"skus"`
	Policies []CostPolicy `json:"policies"`
	Unpriced []string     `json:"unpriced"` // part numbers of SKUs whose seats change and that have no price
}

// CostSKU is the cost of one SKU.
type CostSKU struct {
	PartNumber string `json:"sku_part_number"`
	Seats      int    `json:"seats"` // more in use, or fewer
	Cents      int64  `json:"cents"`
	ToBuy      int64  `json:"to_buy_cents"` // a month, for the seats that users wait for
}

// CostPolicy is the part of the cost that a policy causes. A seat that several
// policies want is counted for the first of them by name.
type CostPolicy struct {
	Policy string `json:"policy"`
	Cents  int64  `json:"cents"`
}

// Schedule is how long the steps take. It depends on the chains in which a seat is handed
// on, since those steps run one after the other.
type Schedule struct {
	LongestChain    int     `json:"longest_chain"` // in changes that hand one seat on
	Seconds         int     `json:"seconds"`       // about, for all steps
	WritesPerSecond float64 `json:"writes_per_second"`
	Spare           []Spare `json:"spare"` // what more seats would save; none if chains are short
}

// Spare is the schedule with some more seats of one SKU. In the end
// they are free again.
type Spare struct {
	Seats        int    `json:"seats"`
	PartNumber   string `json:"sku_part_number"`
	LongestChain int    `json:"longest_chain"`
	Seconds      int    `json:"seconds"`
}

// SourceChange lists the users that entered and left one selector since the baseline. It only
// reports: the guards compare on their own.
type SourceChange struct {
	Policy       string       `json:"policy"`   // "" for settings `protect`
	Protects     bool         `json:"shields"`  // it is in `except` or `protect`
	Selector     string       `json:"selector"` // as the policy writes it
	File         string       `json:"file"`     // "" if it is gone
	Line         int          `json:"line"`
	Column       int          `json:"column"`
	Status       SourceStatus `json:"status"`
	Users        int          `json:"users"`  // that it picks now
	Before       int          `json:"before"` // that it picked then; 0 if unknown
	EnteredCount int          `json:"entered_count"`
	LeftCount    int          `json:"left_count"`
	Entered      []UserRef    `json:"entered"` // the first of them, by name
	Left         []UserRef    `json:"left"`    // the first of them, by name; a deleted user has only an id
}

// SourceStatus is what is known about a selector at the time of the baseline.
type SourceStatus string

// The statuses of selectors.
const (
	SourceCompared SourceStatus = "compared"
	SourceNew      SourceStatus = "new"     // the baseline does not have it: all its users entered
	SourceGone     SourceStatus = "gone"    // the policies do not have it any more: all its users left
	SourceUnknown  SourceStatus = "unknown" // there is nothing to compare with: users may have entered or left
)
