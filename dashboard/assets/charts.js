// charts binds the page's controls and legend to its charts: one state, one crosshair, one zoom.
import { Chart } from "./chart.js";
import { colours } from "./drawing.js";
import { readState, writeState } from "./state.js";

class Group {
  constructor(root) {
    this.root = root;
    this.charts = new Map();
    this.bound = new WeakSet();
    document.addEventListener("themechange", () => { this.palette = colours(document.body); this.each((c) => c.build(true)); });
    document.addEventListener("toggle", () => this.scan(), true); // a details with a chart was opened
    this.scan();
  }

  each(f) { for (const c of this.charts.values()) f(c); }

  refresh() { this.each((c) => c.load()); }

  // scan finds charts that have appeared and forgets those that are gone.
  scan() {
    const section = this.root.getElementById("curves");
    if (!section) return;
    if (!this.state) { this.state = readState(); this.palette = colours(document.body); }
    for (const element of section.querySelectorAll(".controls, .legend")) {
      if (this.bound.has(element)) continue;
      this.bound.add(element);
      if (element.matches(".legend")) this.bindLegend(element); else this.bindControls(element);
    }
    for (const figure of section.querySelectorAll("figure.chart")) {
      const lazy = figure.closest("details.lazy");
      if (!this.charts.has(figure) && (!lazy || lazy.open)) this.charts.set(figure, new Chart(figure, this));
    }
    for (const figure of this.charts.keys()) if (!figure.isConnected) this.charts.delete(figure);
  }

  zoom(range) {
    this.state.zoom = range;
    this.each((c) => { c.zoom(range); if (c.thinned) c.load(); });
    this.saved();
  }

  saved() {
    for (const b of this.root.querySelectorAll(".controls button[name=reset]")) b.hidden = !this.state.zoom;
    writeState(this.state);
    this.each((c) => c.link());
  }

  bindControls(controls) {
    const { state } = this;
    const field = (name) => controls.querySelector(`[name=${name}]`);
    controls.hidden = false;
    field("x").value = state.x;
    for (const name of ["log", "band", "seeds"]) field(name).checked = state[name];
    field("smooth").value = state.smooth;
    field("smoothed").value = state.smooth;
    field("reset").hidden = !state.zoom;
    field("reset").addEventListener("click", () => this.zoom(null));
    controls.addEventListener("input", (event) => {
      const { name, type, value, checked } = event.target;
      if (name === "x" && value !== state.x) state.zoom = null; // another axis, another range
      state[name] = type === "checkbox" ? checked : type === "range" ? Number(value) : value;
      field("smoothed").value = state.smooth;
      this.each((c) => c.build(name === "log" || name === "x"));
      this.saved();
    });
  }

  bindLegend(legend) {
    const buttons = [...legend.querySelectorAll("button[data-arm]")];
    const apply = () => {
      for (const b of buttons) b.setAttribute("aria-pressed", !this.state.hidden.has(b.dataset.arm));
      this.each((c) => c.show(this.state.hidden));
      this.saved();
    };
    for (const b of buttons) {
      const { arm } = b.dataset;
      const isolate = () => {
        const others = buttons.map((o) => o.dataset.arm).filter((o) => o !== arm);
        const alone = others.every((o) => this.state.hidden.has(o));
        this.state.hidden = new Set(alone ? [] : others);
        apply();
      };
      b.addEventListener("click", (event) => {
        if (event.detail > 1) return; // the second half of a double click
        if (event.shiftKey) { isolate(); return; } // the keyboard's double click
        if (!this.state.hidden.delete(arm)) this.state.hidden.add(arm);
        apply();
      });
      b.addEventListener("dblclick", isolate);
      b.addEventListener("focus", () => this.each((c) => c.focus(arm)));
      b.addEventListener("blur", () => this.each((c) => c.focus(null)));
      b.addEventListener("mouseenter", () => this.each((c) => c.focus(arm)));
      b.addEventListener("mouseleave", () => this.each((c) => c.focus(null)));
    }
    apply();
  }
}

export function startCharts(root) {
  return new Group(root);
}
