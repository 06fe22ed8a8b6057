// tip shows, beside the cursor, the values of every visible arm in order of value.
import { compact, lasting } from "./drawing.js";

const most = 12;

// nearest index at or before i, then after it, at which the line has a value.
function nearest(ys, i) {
  for (let d = 0; d < ys.length; d++) {
    if (ys[i - d] !== undefined && i - d >= 0) return ys[i - d];
    if (ys[i + d] !== undefined && i + d < ys.length) return ys[i + d];
  }
  return null;
}

// rows under the cursor: {label, slot, value, raw}, largest first. Raw is what was measured where the value is smoothed.
export function rowsAt(u, lines, i) {
  const rows = [];
  lines.forEach((line, n) => {
    if ((line.kind !== "main" && line.kind !== "seed") || !u.series[n + 1].show) return;
    const value = nearest(u.data[n + 1], i);
    if (value === null || value === undefined) return;
    const raw = line.smoothed ? nearest(u.data[n], i) : null; // the line as it was measured stands before it
    rows.push({ label: line.label, slot: line.slot, value, raw, minor: line.kind === "seed" });
  });
  return rows.sort((a, b) => b.value - a.value);
}

export function xText(state, chart, x) {
  return state.x === "seconds" ? lasting(x) : `${state.x} ${compact(x)}${chart.counts ? " of the run" : ""}`;
}

// written is a value as tables write it, with what was measured behind what is smoothed.
export function written(row, chart) {
  const text = (v) => (chart.percent ? `${v.toFixed(2)} %` : compact(v));
  return row.raw === null ? text(row.value) : `${text(row.value)} (measured ${text(row.raw)})`;
}

function rowElement(row, chart, near) {
  const div = document.createElement("div"), key = document.createElement("i"), name = document.createElement("span"), value = document.createElement("span");
  div.className = near ? "near" : "";
  key.className = `k${row.slot}`;
  name.textContent = row.label;
  value.className = "value";
  value.textContent = written(row, chart);
  div.append(key, name, value);
  return div;
}

// place fills the tip and puts it where it hides neither the cursor nor leaves the chart.
export function place(tip, u, lines, chart, state) {
  const { left, top, idx } = u.cursor;
  if (idx === null || idx === undefined || left < 0) { tip.hidden = true; return; }
  const rows = rowsAt(u, lines, idx);
  const head = document.createElement("b");
  head.textContent = xText(state, chart, u.data[0][idx]);
  const y = u.posToVal(top, "y");
  const closest = rows.reduce((best, row) => (best && Math.abs(best.value - y) <= Math.abs(row.value - y) ? best : row), null);
  tip.replaceChildren(head, ...rows.slice(0, most).map((row) => rowElement(row, chart, row === closest)));
  if (rows.length > most) tip.append(`${rows.length - most} more`);
  tip.hidden = rows.length === 0;
  const x = left + u.over.offsetLeft, gap = 14;
  const right = x + gap + tip.offsetWidth <= u.root.offsetWidth;
  tip.style.left = `${right ? x + gap : Math.max(0, x - gap - tip.offsetWidth)}px`;
  tip.style.top = `${Math.max(0, Math.min(top, u.root.offsetHeight - tip.offsetHeight))}px`;
}
