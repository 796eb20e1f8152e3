package catalog

// The plans of this file protect users. Their tiers are coarse on purpose: products
// worth about the same count alike, and plans that are only parts of others are
// left out. Ids and names are those of Microsoft's table "Product names and service
// plan identifiers for licensing" as of 2026-08-21; no page of Microsoft's gives a
// figure in days.
var securityServices = []service{
	{
		family: Security, name: "Entra ID", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Entra ID P1", `
			41781fb2-bc02-4b7c-bd55-b576c07bb09d AAD_PREMIUM`},
			{"Entra ID P2", `
			eec0eb4f-6444-4f95-aba0-50c24d67f998 AAD_PREMIUM_P2`},
		},
	},
	{
		// Not INTUNE_O365, the device management that comes with every suite.
		family: Security, name: "Intune", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Intune", `
			c1ec4a95-1f05-45b3-a911-aa3fa01094f5 INTUNE_A
			3e170737-c728-4eae-bbb9-3f3360f7184c INTUNE_A_VL
			d216f254-796f-4dab-bbfa-710686e646b9 INTUNE_A_GOV
			8e9ff0ff-aa7a-4b20-83c1-2f636b600ac2 INTUNE_SMBIZ
			da24caf9-af8e-485c-b7c8-e73336da2693 INTUNE_EDU`},
		},
	},
	{
		// On top of Intune, not in its place.
		family: Security, name: "Intune Suite", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Intune Suite", `
			d9923fe3-a2de-4d29-a5be-e3e83bb786be INTUNE_P2
			bb73f429-78ef-4ff2-83c8-722b04c3e7d1 Intune-EPM
			a6e407da-7411-4397-8a2e-d9b52780849e Intune-MAMTunnel`},
		},
	},
	{
		family: Security, name: "Defender for Endpoint", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Defender for Endpoint P1 or Business", `
			292cc034-7b7c-4950-aaf5-943befd3f1d4 MDE_LITE
			bfc1bbd9-981b-4f71-9b82-17c35fd0e2a4 MDE_SMB`},
			{"Defender for Endpoint P2", `
			871d91ec-ec1a-452b-a83f-bd76c7d770ef WINDEFATP`},
		},
	},
	{
		family: Security, name: "Defender for Office 365", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Defender for Office 365 P1", `
			f20fedf3-f3c3-43c3-8267-2bfdd51c0939 ATP_ENTERPRISE
			493ff600-6a2b-4db6-ad37-a7d4eb214516 ATP_ENTERPRISE_GOV`},
			{"Defender for Office 365 P2", `
			8e0c0a52-6a6c-4d40-8370-dd62790dcd70 THREAT_INTELLIGENCE
			900018f1-0cdb-4ecb-94d4-90281760fdc6 THREAT_INTELLIGENCE_GOV`},
		},
	},
	{
		family: Security, name: "Defender for Identity", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Defender for Identity", `
			14ab5db5-e6c4-4b20-b4bc-13e36fd2227f ATA`},
		},
	},
	{
		// Not ADALLOM_S_DISCOVERY, which comes with Entra ID P1.
		family: Security, name: "Defender for Cloud Apps", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Office 365 Cloud App Security", `
			8c098270-9dd4-4350-9b30-ba4703f3b36b ADALLOM_S_O365`},
			{"Defender for Cloud Apps", `
			2e2ddb96-6af9-4b1d-a3f0-d6ecfd22edb2 ADALLOM_S_STANDALONE`},
		},
	},
	{
		// Azure Information Protection is its former name.
		family: Security, name: "Purview Information Protection", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Purview Information Protection P1", `
			5136a095-5cf0-4aff-bec3-e84448b38ea5 MIP_S_CLP1
			6c57d4b6-3b23-47a5-9bc9-69f17b4947b3 RMS_S_PREMIUM
			1b66aedf-8ca1-4f73-af76-ec76c6180f98 RMS_S_PREMIUM_GOV`},
			{"Purview Information Protection P2", `
			efb0351d-3b08-4503-993d-383af8de41e3 MIP_S_CLP2
			5689bec4-755d-4753-8b61-40975025187c RMS_S_PREMIUM2
			5400a66d-eaa5-427d-80f2-0f26d59d8fce RMS_S_PREMIUM2_GOV`},
		},
	},
	{
		// What E5 has over E3: eDiscovery and audit premium, records, insider risk,
		// communication compliance. Any of them keeps it.
		family: Security, name: "Purview compliance", lost: uncovered, fallen: lessCovered,
		tiers: []tierPlans{
			{"Purview compliance", `
			4de31727-a228-4ec3-a5bf-8e45b5ca48cc EQUIVIO_ANALYTICS
			d1cbfb67-18a8-4792-b643-630b7f19aad1 EQUIVIO_ANALYTICS_GOV
			2f442157-a11c-46b9-ae5b-6e39ff4e5849 M365_ADVANCED_AUDITING
			e26c2fcc-ab91-4a61-b35c-03cdc8dddf66 INFO_GOVERNANCE
			65cc641f-cccd-4643-97e0-a17e3045e541 RECORDS_MANAGEMENT
			d587c7a3-bda9-4f99-8776-9bcf59c84f75 INSIDER_RISK
			9d0c4ee5-e4a1-4625-ab39-d82b619b1a34 INSIDER_RISK_MANAGEMENT
			6dc145d6-95dd-4191-b9c3-185575ee6f6b COMMUNICATIONS_DLP
			41fcdd7d-4733-4863-9cf4-c65b83ce2df4 COMMUNICATIONS_COMPLIANCE
			a413a9ff-720c-4822-98ef-2f37c2a21f4c MICROSOFT_COMMUNICATION_COMPLIANCE`},
		},
	},
}

var (
	uncovered   = Consequence{0, "it no longer protects or governs the user", "assign a plan that has it again"}
	lessCovered = Consequence{0, "what only the higher plan has no longer protects or governs the user", "assign the former plan again"}
)
