"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const config = { responsive: true, displayModeBar: false, doubleClick: "reset" };
const element = (id) => document.getElementById(id);

function draw(id, figure) {
  if (figure && element(id)) Plotly.newPlot(id, figure.data, figure.layout, config);
}

function cycle() {
  const { figure, data: run } = data.cycle;
  draw("ph", figure);
  const slider = element("time"), facts = element("cycle-facts"), play = element("play");
  const loop = figure.data.length - 2;
  slider.max = run.times.length - 1;

  function show(index) {
    const h = run.h[index], p = run.p[index], on = run.running[index];
    Plotly.restyle("ph", {
      x: [[...h, h[0]], h], y: [[...p, p[0]], p],
      "line.color": [on ? "#2368a8" : "#9aa5b1", null],
    }, [loop, loop + 1]);
    element("now").textContent = `${run.times[index].toFixed(1)} ${run.unit}${on ? "" : " (off)"}`;
    facts.replaceChildren(...run.facts.map(([label, unit, values]) => {
      const row = document.createElement("tr");
      const name = row.insertCell(), value = row.insertCell();
      name.textContent = label;
      name.className = "muted";
      value.textContent = unit ? `${values[index]} ${unit}` : values[index];
      value.className = "number";
      return row;
    }));
    slider.value = index;
  }

  slider.addEventListener("input", () => show(Number(slider.value)));
  let timer = null;
  play.addEventListener("click", () => {
    if (timer) {
      clearInterval(timer);
      timer = null;
    } else {
      timer = setInterval(() => show((Number(slider.value) + 1) % run.times.length), 80);
    }
    play.textContent = timer ? "Pause" : "Play";
  });
  element("trends").on("plotly_click", ({ points }) => {
    const at = points[0].x;
    let nearest = 0;
    run.times.forEach((time, index) => {
      if (Math.abs(time - at) < Math.abs(run.times[nearest] - at)) nearest = index;
    });
    show(nearest);
  });
  show(run.first);
}

draw("trends", data.trends);
if (data.cycle) cycle();
draw("latency", data.latency);

element("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(element("replay").textContent);
  element("copy").textContent = "Copied";
});

const filter = element("filter");
if (filter) {
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const row of document.querySelectorAll("#log tbody tr")) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
}
