// curves turns a chart's JSON into aligned columns and the description of each line. Nothing here touches the page.

const number = (v) => (typeof v === "number" ? v : NaN); // "NaN", "Infinity", "-Infinity" break the line

// smooth is an exponential moving average without the pull of its start; it begins again after a gap.
export function smooth(values, weight) {
  let sum = 0, mass = 0;
  return values.map((v) => {
    if (v === null) { sum = mass = 0; return null; }
    sum = weight * sum + (1 - weight) * v;
    mass = weight * mass + (1 - weight);
    return sum / mass;
  });
}

// column prepares the values of one line: per cent where wanted, null for what cannot be drawn.
function column(values, chart, state) {
  return values.map((v) => {
    const y = number(v) * (chart.percent ? 100 : 1);
    return Number.isFinite(y) && !(state.log && y <= 0) ? y : null;
  });
}

function lineOf(arm, curve, kind, label, index) {
  return { arm: arm.key, slot: arm.slot, dash: arm.dash, baseline: !!arm.baseline, kind, label, index, curve };
}

// describe lists the lines to draw: per arm the mean with its band and the seeds, or the single run. A band is smoothed as
// its line is, or the two would not belong together.
export function describe(chart, state) {
  const lines = [], smoothed = state.smooth > 0;
  for (const arm of chart.arms) {
    const whole = arm.mean;
    if (whole && state.band) {
      lines.push({ ...lineOf(arm, { ...whole, value: whole.high }, "high", arm.key, 0), smoothed });
      lines.push({ ...lineOf(arm, { ...whole, value: whole.low }, "low", arm.key, 0), smoothed });
    }
    if (!whole || state.seeds) {
      arm.runs.forEach((run, i) => addSmoothed(lines, lineOf(arm, run, whole ? "seed" : "main", whole ? `${arm.key}, ${run.label}` : arm.key, i), state));
    }
    if (whole) addSmoothed(lines, lineOf(arm, whole, "main", arm.key, 0), state);
  }
  return lines;
}

function addSmoothed(lines, line, state) {
  if (state.smooth > 0) lines.push({ ...line, kind: "raw" });
  lines.push({ ...line, smoothed: state.smooth > 0 });
}

// align joins lines that were measured at different x into one table: [x, y1, y2, …]. Where a line has no point the
// value is undefined (drawn through); where its value cannot be drawn it is null (a gap).
export function align(lines, chart, state) {
  const columns = lines.map((line) => {
    const ys = column(line.curve.value, chart, state);
    return [line.curve[state.x], line.smoothed ? smooth(ys, state.smooth) : ys];
  });
  const xs = [...new Set(columns.flatMap(([x]) => x))].sort((a, b) => a - b);
  const at = new Map(xs.map((x, i) => [x, i]));
  return [xs, ...columns.map(([x, ys]) => {
    const out = new Array(xs.length).fill(undefined);
    x.forEach((v, i) => { out[at.get(v)] = ys[i]; });
    return out;
  })];
}

// lost are the x of values that are not finite: they are marked at the top edge.
export function lost(chart, state, hidden) {
  const marks = [];
  for (const arm of chart.arms) {
    if (hidden.has(arm.key)) continue;
    for (const run of arm.runs) {
      run.value.forEach((v, i) => { if (typeof v !== "number") marks.push({ x: run[state.x][i], slot: arm.slot }); });
    }
  }
  return marks;
}
