// Everything here makes pages fresher or handier; they are complete without it.
import { startCharts } from "./charts.js";
import { startLive } from "./live.js";
import { startPage, dressPage } from "./page.js";

startPage();
const charts = startCharts(document);
startLive({
  onMorph: () => { dressPage(document); charts.scan(); },
  onPoints: () => charts.refresh(),
});
