/* Elements, built piece by piece: text stays text, whatever a name in a file holds. */

function h(name, attributes, ...children) {
  const [kind, ...classes] = name.split(".");
  const node = document.createElement(kind);
  if (classes.length) node.className = classes.join(" ");
  return filled(node, attributes, children);
}

function svg(name, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/* Replace what an element holds, and keep the focus where it was. */
function show(node, ...children) {
  const focused = document.activeElement && node.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  node.replaceChildren(...children.flat(2).filter(Boolean));
  if (focused) { const again = node.querySelector(`[data-id="${CSS.escape(focused)}"]`); if (again) again.focus(); }
}

function card(label, ...children) { return h("section.fp-card", { "aria-label": label }, ...children); }

function button(id, label, press, more = {}) {
  return h("button.fp-button" + (more.main ? ".fp-main" : ""), {
    type: "button", "data-id": id, onclick: press, disabled: more.disabled, title: more.title,
    "aria-pressed": more.pressed === undefined ? null : String(more.pressed),
  }, label);
}

function table(head, rows, classes = "") {
  return h("table.fp-table" + classes, null,
    h("thead", null, h("tr", null, head.map((words) => h("th", { scope: "col" }, words)))),
    h("tbody", null, rows.map(({ cells, data }) => h("tr", data,
      cells.map((cell, place) => (place ? h("td", null, cell) : h("th", { scope: "row" }, cell)))))));
}

function saved(name, bytes, kind) {
  const link = h("a", { href: URL.createObjectURL(new Blob([bytes], { type: kind })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/* Numbers as the figures write them. */
function percent(p) {
  if (p === 0 || p === 1) return `${100 * p}%`;
  if (p < 1e-6) return "under 0.0001%";
  if (p > 1 - 1e-6) return "over 99.9999%";
  let left = p < 0.5 ? p : 10 * (1 - p), decimals = 0;
  while (left < 0.0995 && decimals < 4) { left *= 10; decimals++; }
  return `${(100 * p).toFixed(decimals)}%`;
}

function shown(value, unit) {
  if (value === null || Number.isNaN(value)) return "unknown";
  if (unit === "probability" || unit === "share") return percent(Math.min(1, Math.max(0, value)));
  return Number(value.toPrecision(3)).toLocaleString("en-GB", { maximumFractionDigits: 9 });
}

function signed(value, unit) {
  if (Number.isNaN(value)) return "unknown";
  const plus = value < 0 ? "−" : "+", size = Math.abs(value);
  if (unit === "probability" || unit === "share") return `${size < 0.0005 ? "" : plus}${(100 * size).toFixed(1)} pts`;
  return plus + Number(size.toPrecision(3));
}

const count = (value) => value.toLocaleString("en-GB");
