// The texts whose contrast with what lies behind them is below 4.5:1 (WCAG 2.2, 1.4.3), and how many were looked at.
(() => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (above, below) => [0, 1, 2].map((i) => above[i] * above[3] + below[i] * (1 - above[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const luminance = (c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let looked = 0;
  while (walk.nextNode()) {
    const text = walk.currentNode.nodeValue.trim(), e = walk.currentNode.parentElement;
    if (!text || !e.checkVisibility() || e.closest("title, script, noscript, option, .hidden")) continue;
    const svg = e.closest("svg"), style = getComputedStyle(e);
    const back = ground(svg ? svg.parentElement : e);
    const front = over(rgba(svg ? style.fill : style.color), back);
    const [light, dark] = [luminance(front), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    looked++;
    if (ratio < 4.5) faint.push(`${e.nodeName}.${e.getAttribute("class")} ${ratio.toFixed(2)} ${text.slice(0, 30)}`);
  }
  return { looked, faint };
})()
