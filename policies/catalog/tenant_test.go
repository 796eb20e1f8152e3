package catalog_test

import (
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// The ids that tests speak of, from Microsoft's table "Product names and service
// plan identifiers for licensing".
const (
	idE3          = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	idE5          = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
	idF3          = "66b55226-6b4f-492c-910c-a3b7a3c9d993"
	idVisio       = "c5928f49-12ba-48f7-ada3-0d743a3601d5"
	idVisioDept   = "38b434d2-a15e-4cde-9a98-e737c75623e1"
	idPSTN5       = "d43177b5-475b-4880-92d4-d54c27b5efbd"
	idPSTN5Double = "54a152dc-90de-4996-93d2-bc47e670fc06"
	idPhone       = "e43b5b99-8dfb-405f-9987-dc307f34bcbd"
	idPremiumNT   = "00e1ec7b-e4a3-40d1-9441-b69b597ab222"
	idStranger    = "11111111-2222-4333-8444-555555555555"

	planForms5     = "e212cbc7-0961-4c40-9825-01117710dcb1"
	planForms3     = "2789c901-c14e-48ab-a76a-be334d9d793a"
	planSway       = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"
	planPhone      = "4828c8ec-dc2e-4779-b502-87ac9ce28ab7"
	planExchange2  = "efb87545-963c-4e0d-99df-69c6916d9eb0"
	planRights     = "bea4c11e-220a-4e6d-8eb8-8ea15d019f90"
	planDataverse3 = "28b0fa46-c39a-4188-89e2-58e979a6b014"
	planDataverse2 = "4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14"
	planEntra1     = "41781fb2-bc02-4b7c-bd55-b576c07bb09d"
	planContent    = "2b815d45-56e4-4e3a-b65c-66cb9175b560"
	planEssentials = "1259157c-8581-4875-bca7-2ffb18c51bda"
	planStranger   = "99999999-2222-4333-8444-555555555555"
)

func sku(id, partNumber string, plans ...state.ServicePlan) state.SKU {
	return state.SKU{ID: state.MustParseID[state.SKU](id), PartNumber: partNumber, Plans: plans}
}

func plan(id, name string) state.ServicePlan {
	return state.ServicePlan{ID: state.MustParseID[state.ServicePlan](id), Name: name}
}

// contoso owns a suite or two, Visio Plan 2 that it bought, and things that the
// table has otherwise or not at all.
func contoso() []state.SKU {
	return []state.SKU{
		sku(idE5, "SPE_E5",
			plan(planForms5, "FORMS_PLAN_E5"), plan(planSway, "SWAY"), plan(planPhone, "MCOEV"),
			plan(planExchange2, "EXCHANGE_S_ENTERPRISE"), plan(planRights, "RMS_S_ENTERPRISE)"),
			plan(planDataverse3, "DYN365_CDS_O365_P3"), plan(planEntra1, "AAD_PREMIUM"),
			plan(planContent, "ContentExplorer_Standard"), plan(planEssentials, "PROJECT_ESSENTIALS")),
		sku(idVisio, "VISIOCLIENT"),
		sku(idPhone, "MCOEV", plan(planPhone, "MCOEV"), plan(planPhone, "MCOEV")),
		sku(idPremiumNT, "Microsoft_365_Business_Premium_(no_Teams)"),
		sku(idStranger, "BRAND_NEW\u00a0 SKU", plan(planStranger, "BRAND_NEW_PLAN"),
			plan(planDataverse3, "DYN365_CDS_O365_P3"), plan(planDataverse2, "DYN365_CDS_O365_P2")),
	}
}

func contosoCatalog() *catalog.Catalog { return catalog.Builtin().ForTenant(contoso()) }
