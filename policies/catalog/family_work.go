package catalog

// The plans of this file are tools that users work with: what they made stays, but
// they can no longer use it. No figure in days of Microsoft's is known for any. Ids
// and names of plans are those of Microsoft's table "Product names and service plan
// identifiers for licensing" as of 2026-08-21.
var workServices = []service{
	{
		// A number stays on its user until it is unassigned ("Get-CsOnlineUser").
		family: Phone, name: "Teams Phone",
		tiers: []tierPlans{
			{"Teams Phone", `
			4828c8ec-dc2e-4779-b502-87ac9ce28ab7 MCOEV
			db23fce2-a974-42ef-9002-d78dd42a0f22 MCOEV_GOV
			ed777b71-af04-42ca-9798-84344c66f7c6 MCOEVSMB
			f47330e9-c134-43b3-9993-e7f004506889 MCOEV_VIRTUALUSER
			0628a73f-3b4a-4989-bd7b-0f8823144313 MCOEV_VIRTUALUSER_GOV`},
		},
		lost: Consequence{0, "calls stop, and the number stays on the unlicensed user", "assign the phone plan again"},
	},
	{
		family: Phone, name: "calling plan",
		tiers: []tierPlans{
			{"calling plan", `
			4ed3ff63-69d7-4fb7-b984-5aec7f605ca8 MCOPSTN1
			3c8a8792-7866-409b-bb61-1b20ace0368b MCOPSTN1_GOV
			5a10155d-f5c1-411a-a8ec-e99aae125390 MCOPSTN2
			6b340437-d6f9-4dc5-8cc2-99163f7f83d6 MCOPSTN3
			54a152dc-90de-4996-93d2-bc47e670fc06 MCOPSTN5
			346d83bf-6fe6-42ca-b424-b9300d2e21bf MCOPSTN6
			16935b20-87c0-4908-934a-22aa267d0d26 MCOPSTN8
			7861360b-dc3b-4eba-a3fc-0d323a035746 MCOPSTNEAU
			156a1efe-17cd-4b03-9f17-2eb512298fb3 MCOPSTN_PAYG_1
			1346d5e6-15a6-4b88-9693-806ff7296a7a PSTN5_US`},
		},
		lost: Consequence{0, "calls to and from the telephone network stop, and the number stays on the user", "assign the calling plan again"},
	},
	{
		family: Phone, name: "audio conferencing",
		tiers: []tierPlans{
			{"audio conferencing", `
			3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40 MCOMEETADV
			f544b08d-1645-4287-82de-8d91f37c02a1 MCOMEETADV_GOV
			f1e3613f-3818-4254-9b5e-f02d803384e0 MCOMEETADV_AR_GCCHigh
			bb038288-76ab-49d6-afc1-eaa6c222c65a MCOMEETACPEA
			9974d6cf-cd24-4ba2-921c-e2aa687da846 MCOMEETBASIC
			986d454b-9027-4d9f-880b-f1b68f920cc4 MCOMEETBASIC_GOV`},
		},
		lost: Consequence{0, "no participant can dial in to meetings that the user organized", "assign audio conferencing again, and send the invitations again if the number changed"},
	},
	{
		// TEAMS_DESKLESS is left out: suites sold without Teams contain it.
		family: Teams, name: "Teams",
		tiers: []tierPlans{
			{"free", `
			4fa4026d-ce74-4962-a151-8e96d57ea8e4 TEAMS_FREE`},
			{"Teams", `
			57ff2da0-773e-42df-b2af-ffb7a2317929 TEAMS1
			304767db-7d23-49e8-a945-4a7eb65f9f28 TEAMS_GOV
			9953b155-8aef-4c56-92f3-72b0487fce41 TEAMS_AR_GCCHIGH
			fd500458-c24c-478e-856c-a6067a8376cd TEAMS_AR_DOD
			42a3ec34-28ba-46b6-992f-db53a675ac5b MCO_TEAMS_IW
			f4f2f6de-6830-442b-a433-e92249faebe2 TeamsEss`},
		},
		lost:   Consequence{0, "the user can no longer sign in to Teams; chats and files stay with mailbox and OneDrive", "assign Teams again"},
		fallen: Consequence{0, "Teams is left with the limits of the free version", "assign Teams again"},
	},
	{
		// Apps for business and for enterprise count alike. "Overview of licensing and
		// activation in Microsoft 365 Apps": without a license they go into reduced
		// functionality mode.
		family: Office, name: "Office",
		tiers: []tierPlans{
			{"web and mobile", `
			e95bec33-7c88-4a70-8e19-b10bd9d0c014 SHAREPOINTWAC
			e03c7e47-402c-463c-ab25-949079bedb21 SHAREPOINTWAC_EDU
			8f9f0f3b-ca90-406c-a842-95579171f8ec SHAREPOINTWAC_GOV
			527f7cdd-0e86-4c47-b879-f5fd357a3ac6 SHAREPOINTWAC_DEVELOPER
			c63d4d19-e8cb-460e-b37c-4d6c34603745 OFFICEMOBILE_SUBSCRIPTION
			4ccb60ee-9523-48fd-8f63-4b090f1ad77a OFFICEMOBILE_SUBSCRIPTION_GOV`},
			{"desktop", `
			43de0ff5-c92c-492b-9116-175376d08c38 OFFICESUBSCRIPTION
			de9234ff-6483-44d9-b15e-dca72fdd27af OFFICESUBSCRIPTION_GOV
			8d77e2d9-9e28-4450-8431-0def64078fc5 OFFICESUBSCRIPTION_unattended
			18dfd9bd-5214-4184-8123-c9822d81a9bc OFFICESUBSCRIPTION_unattended_GOV
			094e7854-93fc-4d55-b2c0-3ab5369ebdc1 OFFICE_BUSINESS
			8ca59559-e2ca-470b-b7dd-afd8c0dee963 OFFICE_PRO_PLUS_SUBSCRIPTION_SMBIZ`},
		},
		lost:   Consequence{0, "the apps only read and print", "assign an Office plan again"},
		fallen: Consequence{0, "the desktop apps only read and print; those for web and mobile stay", "assign the former Office plan again"},
	},
}
