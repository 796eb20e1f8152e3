// Text whose contrast with what is behind it is below 4.5 (WCAG 2.2, 1.4.3).
(() => {
  const channels = (c) => c.match(/[\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = channels(c).map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((channels(c)[3] ?? 1) > 0) return c; } return "rgb(255,255,255)"; };
  const poor = new Set();
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) poor.add(e.tagName + "." + e.className + " " + contrast.toFixed(1));
  }
  return [...poor];
})()
