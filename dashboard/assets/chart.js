// Chart is one figure of the page: it fetches its curves, draws them, and follows the page's state.
import { describe, align, lost } from "./curves.js";
import { options } from "./drawing.js";
import { viewed } from "./state.js";
import { place, rowsAt, written, xText } from "./tip.js";

export class Chart {
  constructor(figure, group) {
    this.figure = figure;
    this.group = group;
    this.box = figure.querySelector(".canvas");
    this.note = figure.querySelector(".note");
    this.exported = figure.querySelector("a.export");
    this.link();
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    this.box.replaceChildren(this.tip);
    this.box.classList.add("loading");
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("mouseleave", () => { this.tip.hidden = true; });
    new ResizeObserver(() => this.plot && this.plot.setSize(this.size())).observe(this.box);
    this.load();
  }

  // link leads to the figure as it is shown here.
  link() { this.exported.href = viewed(this.exported.href, this.group.state); }

  size() { return { width: Math.max(200, this.box.clientWidth), height: this.box.clientWidth < 420 ? 220 : 260 }; }

  // source is where the curves come from; a zoomed part of thinned curves is asked for in full.
  source() {
    const { x, zoom } = this.group.state;
    const url = new URL(this.figure.dataset.source, location);
    if (zoom && this.thinned) for (const [name, value] of [["x", x], ["from", zoom[0]], ["to", zoom[1]]]) url.searchParams.set(name, value);
    return url;
  }

  async load() {
    const source = this.source();
    try {
      const answer = await fetch(source);
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.error);
      this.chart = body.chart;
      this.thinned = this.thinned || !!body.chart.reduced;
      this.build();
      if (source.href !== this.source().href) this.load(); // the first answer said that the curves are thinned
    } catch (problem) {
      if (this.plot) return; // the old curves are better than none; live.js says that the server is gone
      const p = document.createElement("p"), again = document.createElement("button");
      p.className = "problem";
      p.textContent = `These curves could not be read: ${problem.message} `;
      again.type = "button";
      again.textContent = "Try again";
      again.addEventListener("click", () => { p.remove(); this.load(); });
      p.append(again);
      this.box.replaceChildren(this.tip, p);
    } finally {
      this.box.classList.remove("loading");
    }
  }

  // build draws from the state; when only values are new the plot stays and its cursor with it.
  build(anew) {
    if (!this.chart) return;
    const { state, palette } = this.group;
    const lines = describe(this.chart, state);
    const data = align(lines, this.chart, state);
    const shape = lines.map((l) => `${l.arm} ${l.kind} ${l.index}`).join("|");
    const parts = [state.smooth > 0 && `smoothed ${state.smooth}`, this.chart.band && state.band && `band: ${this.chart.band}`, this.chart.counts, this.chart.reduced];
    this.note.textContent = parts.filter(Boolean).join("; ");
    this.lines = lines;
    if (this.plot && !anew && shape === this.shape) {
      this.plot.setData(data, !state.zoom);
    } else {
      if (this.plot) this.plot.destroy();
      this.shape = shape;
      this.plot = new uPlot(options({
        lines, chart: this.chart, state, size: this.size(), palette,
        on: { move: (u) => this.move(u), zoom: (range) => this.group.zoom(range) },
        marks: () => lost(this.chart, state, state.hidden),
      }), data, this.box);
    }
    this.zoom(state.zoom);
  }

  move(u) {
    if (!this.plot || !this.box.matches(":hover, :focus")) { this.tip.hidden = true; return; }
    place(this.tip, u, this.lines, this.chart, this.group.state);
  }

  zoom(range) {
    if (!this.plot || !this.plot.data[0].length) return;
    const xs = this.plot.data[0];
    const [min, max] = range || [xs[0], xs[xs.length - 1]];
    this.plot.setScale("x", { min, max });
  }

  show(hidden) {
    if (!this.plot) return;
    this.plot.batch(() => this.lines.forEach((line, i) => {
      if (this.plot.series[i + 1].show === hidden.has(line.arm)) this.plot.setSeries(i + 1, { show: !hidden.has(line.arm) });
    }));
  }

  focus(arm) {
    if (!this.plot) return;
    const i = this.lines.findIndex((line) => line.arm === arm && line.kind === "main");
    this.plot.setSeries(i < 0 ? null : i + 1, { focus: i >= 0 });
  }

  // key moves the cursor and reads the values out.
  key(event) {
    if (!this.plot || !["ArrowLeft", "ArrowRight", "Home", "End", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") { this.group.zoom(null); return; }
    const u = this.plot, last = u.data[0].length - 1;
    const now = u.cursor.idx ?? 0;
    const i = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    const idx = Math.max(0, Math.min(last, i));
    u.setCursor({ left: u.valToPos(u.data[0][idx], "x"), top: u.over.clientHeight / 3 });
    const rows = rowsAt(u, this.lines, idx).map((r) => `${r.label} ${written(r, this.chart)}`);
    document.getElementById("reader").textContent = `${this.chart.title}, ${xText(this.group.state, this.chart, u.data[0][idx])}: ${rows.join("; ")}`;
  }
}
