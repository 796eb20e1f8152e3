"use strict";
// Without this script the page shows everything; with it the list can be searched,
// filtered and sorted. It takes nothing from the page but text and data attributes.
(() => {
  const tools = document.getElementById("tools");
  if (!tools) return;
  const $ = (id) => document.getElementById(id);
  const find = $("find"), policy = $("policy"), sku = $("sku"), ou = $("ou"), losses = $("losses"), body = $("list").tBodies[0];
  const kinds = [...tools.querySelectorAll("[name=kind]")];
  const rows = [...body.rows].map((row, at) => ({
    row, at, text: row.textContent.toLowerCase(), kind: row.dataset.kind, losses: "losses" in row.dataset,
    policies: row.dataset.policies.split(" "), ou: row.dataset.ou, skus: row.dataset.skus.split(" "),
  }));

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(kinds.filter((k) => k.checked).map((k) => k.value));
    let shown = 0;
    for (const r of rows) {
      const match = wanted.has(r.kind) && (!policy.value || r.policies.includes(policy.value)) && (!sku.value || r.skus.includes(sku.value)) && (!ou?.value || r.ou === ou.value) &&
        (!losses.checked || r.losses) && words.every((word) => r.text.includes(word));
      r.row.hidden = !match;
      shown += match;
    }
    $("count").textContent = `${shown} of ${rows.length} shown`;
    $("none").hidden = shown > 0;
  }

  // The order of kinds is the one that the page has: what takes something away first.
  const keys = [(r) => kinds.findIndex((k) => k.value === r.kind), ...[1, 2, 3].map((i) => (r) => r.row.cells[i].textContent.trim().toLowerCase())];
  function sort(head, column) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((r) => [keys[column](r), r]);
    keyed.sort(([a, r], [b, s]) => (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1) || r.at - s.at);
    body.append(...keyed.map(([, r]) => r.row));
  }

  [...$("list").tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sort(head, column));
  });
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(filter));
  for (const link of document.querySelectorAll("a[data-policy]")) {
    link.addEventListener("click", () => { policy.value = link.dataset.policy; filter(); });
  }
  for (const link of document.querySelectorAll("a[data-ou]")) {
    link.addEventListener("click", () => { ou.value = link.dataset.ou; filter(); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      find.focus();
    }
  });
  // On paper nothing can be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const d of folded) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of folded) d.open = false; });
  tools.hidden = false;
})();
