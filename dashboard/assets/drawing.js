// drawing makes one uPlot chart from aligned lines.

const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [12, 4]]; // figure.Dashes

// colours come from the style sheet, so that they follow the theme: a probe element resolves them.
export function colours(root) {
  const probe = document.createElement("span");
  root.append(probe);
  const read = (className, value) => {
    probe.className = className;
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const c = {
    slots: Array.from({ length: 10 }, (_, i) => read(`k${i}`, "var(--k)")),
    grid: read("", "var(--line)"), text: read("", "var(--quiet)"), bad: read("", "var(--bad)"),
  };
  probe.remove();
  return c;
}

// faded gives a computed colour, "rgb(r, g, b)", another opacity.
function faded(rgb, opacity) {
  const [r, g, b] = rgb.match(/[\d.]+/g);
  return `rgba(${r}, ${g}, ${b}, ${opacity})`;
}

const width = { main: 2, seed: 1, raw: 1, high: 0, low: 0 };
const alpha = { main: 1, seed: 0.6, raw: 0.25, high: 0, low: 0 };

function series(line, palette, hidden) {
  const dash = line.kind === "seed" ? dashes[line.index % dashes.length] : dashes[line.dash];
  return {
    label: line.label,
    show: !hidden.has(line.arm),
    stroke: faded(palette.slots[line.slot], alpha[line.kind]),
    width: line.baseline && line.kind === "main" ? 3 : width[line.kind],
    dash,
    points: { show: line.kind === "main" && line.curve.value.length < 25, size: 5 },
    spanGaps: false,
  };
}

function bands(lines, palette) {
  const list = [];
  lines.forEach((line, i) => {
    if (line.kind === "high") list.push({ series: [i + 1, i + 2], fill: faded(palette.slots[line.slot], 0.16) });
  });
  return list;
}

export function compact(v) {
  if (v === null || v === undefined) return "–";
  const a = Math.abs(v);
  if (a >= 1e9) return v.toExponential(1).replace(".0e", "e").replace("e+", "e");
  if (a >= 1e6) return `${+(v / 1e6).toPrecision(4)} M`;
  if (a >= 1e4) return `${+(v / 1e3).toPrecision(4)} k`;
  if (a > 0 && a < 1e-3) return v.toExponential(1);
  return String(+v.toPrecision(5));
}

export function lasting(seconds) {
  if (seconds < 90) return `${+seconds.toPrecision(3)} s`;
  if (seconds < 5400) return `${+(seconds / 60).toPrecision(3)} min`;
  return `${+(seconds / 3600).toPrecision(3)} h`;
}

const decimals = [0.001, 0.01, 0.1].flatMap((d) => [d, 2 * d, 5 * d]);
const wholes = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].flatMap((d) => [d, 2 * d, 5 * d]);
const periods = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, ...wholes.map((n) => 86400 * n)];

// distances that may lie between two ticks of x: whole steps and epochs, round times; fractions only where there is no room
// for two whole ones.
function distances(x, min, max) {
  if (max - min < 2) return [...decimals, 1];
  return x === "seconds" ? periods : wholes;
}

// timeTicks writes all ticks in one unit.
function timeTicks(ticks) {
  const last = ticks.at(-1);
  const [unit, seconds] = last >= 7200 ? ["h", 3600] : last >= 120 ? ["min", 60] : ["s", 1];
  return ticks.map((t) => `${+(t / seconds).toPrecision(4)} ${unit}`);
}

// roomFor the longest label of an axis, in pixels.
function roomFor(u, labels) {
  const longest = Math.max(0, ...(labels || []).map((text) => (text ? text.length : 0)));
  return Math.max(52, 14 + 6.4 * longest);
}

// around gives a single x, such as that of a run of one epoch, room on either side: a range without length draws nothing.
export function around(u, min, max) {
  if (min === null || min !== max) return [min, max];
  const room = Math.max(0.5, Math.abs(min) * 0.05);
  return [min - room, max + room];
}

// options of uPlot for the lines. on: {move(u), zoom(range)}; marks: function giving the values that are not finite.
export function options({ lines, chart, state, size, palette, on, marks }) {
  const axis = { stroke: palette.text, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const xTicks = (u, ticks) => (state.x === "seconds" ? timeTicks(ticks) : ticks.map(compact));
  return {
    ...size,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.25 },
    scales: { x: { time: false, range: around }, y: { distr: state.log ? 3 : 1 } },
    axes: [
      { ...axis, size: 28, gap: 4, incrs: (u, i, min, max) => distances(state.x, min, max), values: xTicks },
      { ...axis, size: roomFor, gap: 4, values: (u, ticks) => ticks.map((t) => (t === null ? "" : compact(t) + (chart.percent ? " %" : ""))) },
    ],
    series: [{ label: state.x }, ...lines.map((line) => series(line, palette, state.hidden))],
    bands: bands(lines, palette),
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { on.zoom(null); return null; } },
      sync: { key: "page", setSeries: false, scales: ["x", null], filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
    },
    hooks: {
      setCursor: [on.move],
      setSelect: [(u) => {
        if (u.select.width < 4) return;
        on.zoom([u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")]);
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      draw: [(u) => {
        for (const mark of marks()) {
          if (mark.x < u.scales.x.min || mark.x > u.scales.x.max) continue;
          const x = u.valToPos(mark.x, "x", true), top = u.bbox.top, r = 4 * devicePixelRatio;
          u.ctx.fillStyle = palette.bad;
          u.ctx.beginPath();
          u.ctx.moveTo(x - r, top); u.ctx.lineTo(x + r, top); u.ctx.lineTo(x, top + 2 * r);
          u.ctx.fill();
        }
      }],
    },
  };
}
