// Package view writes the output of commands: plans, runs, drift, lists, progress.
//
// # Rules
//
//   - The package decides nothing and hides nothing: what is not shown is counted. It reads
//     no tenant, no file and no clock.
//   - Data goes to stdout; progress, warnings and prompts go to stderr.
//   - A summary comes first, then removals, then the rest. The totals of a plan are the last
//     line, which a terminal shows.
//   - Models hold raw text. A renderer escapes, as its last step, with the escaper of its
//     sink: in package escape Text, CSV and JSON, and Code and Words for Markdown; here
//     [pageText] and html/template for the page, [annotationDialect]
//     for commands of CI systems. Users choose names in a directory, and CI systems execute
//     certain lines of a log. The corpus of hostile_test.go goes through every exported
//     function that takes a writer.
//   - Color is added after escaping, around spans and never inside foreign text. Width and color
//     are in package screen; a file or a pipe has neither.
//   - Formats that many people read name users by object id ([Redact]).
//   - A number has its unit. SKUs are named by part number, with the product name where
//     there is room.
//
// # Where to begin
//
// Begin with format.go and plan.go. [ShowPlan] redacts the plan, makes the model of it
// ([review]), and hands the model to the renderer of the format:
//
//	format.go            the formats, and how a renderer is found
//	plan.go              the renderers of plans
//	redact.go            copies of plans and runs without names; redact_drift.go of drift
//	review.go            the model: guards, seats, policies
//	review_rows.go       its sections and rows; a row is made when it is read
//	review_reasons.go    places in policies, and what they ask for
//	review_sources.go    users who entered or left selectors
//	review_counts.go     changes counted by section, and by OU
//	review_effect.go     the effect of a change of policies
//	review_inputs.go     what the plan was made from
//	review_losses.go     kinds of losses; outcomes with the same reason
//	wording.go           steps, losses, reasons, counts, amounts in words
//	links.go             links to lines of policies
//	text.go              blocks of text that views have in common
//	plan_text.go         text: head and guards; plan_text_tables.go has seats, policies, time
//	plan_text_sections.go  text: losses, steps, outcomes, totals
//	markdown.go          Markdown, with markdown_sources.go; budget.go makes it fit
//	plan_html.go         HTML, from the template in page/
//	plan_csv.go          CSV
//	annotations.go       annotations of GitHub, Azure Pipelines and GitLab
//	pipeline.go          outputs for later steps of a pipeline, counted from the plan
//
// Other files:
//
//	drift.go             drift as sections and rows of a review
//	drift_text.go        text; drift_markdown.go writes Markdown
//	report_views.go      what a run did; report.go also has the short messages of commands
//	explain.go           one user, one SKU
//	compare.go           two plans; textdiff.go compares lines
//	lists.go             users and seats
//	catalog.go           SKUs and service plans
//	runs.go              journals
//	doctor.go            findings of doctor
//
// # To add a format
//
//   - Add a constant in format.go. [RedactByDefault] there decides if names are left out.
//   - Write a renderer of the model in a file of its own. If its sink is new, add an escaper
//     for it, and call it for every string that is not a constant.
//   - Add a row to planFormats, reportFormats or driftFormats. The flag --format, its help
//     and the hostile corpus follow these lists.
//   - Add a check to TestEveryViewIsHarmless that parses the output as its reader does, and a
//     line to the script views.txtar.
package view
