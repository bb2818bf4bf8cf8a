// What report.html does on top of being readable: tables are sorted, curves tell their values and are hidden.
#pragma once
#include <string_view>

namespace ebm::experiments {

inline constexpr std::string_view report_script = R"(
"use strict";
document.documentElement.classList.add("scripted-page");
for (const note of document.querySelectorAll(".scripted")) note.hidden = false;

// Tables: a button in every head; numbers before words, what is missing last.
function sortKey(cell, numeric) {
  const text = cell.textContent.trim();
  if (!numeric) return text;
  const first = /-?(inf|[\d.]+(e[-+]?\d+)?)/i.exec(text);
  return first ? Number(first[0].replace(/inf/i, "Infinity")) : NaN;
}

function sortTable(table, column, head) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const numeric = head.classList.contains("n"), body = table.tBodies[0];
  const rows = Array.from(body.rows, (row, place) => ({row, place, key: sortKey(row.cells[column], numeric)}));
  const missing = key => numeric ? Number.isNaN(key) : key === "" || key === "–";
  rows.sort((a, b) => {
    if (missing(a.key) || missing(b.key)) return missing(a.key) - missing(b.key) || a.place - b.place;
    const order = numeric ? (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) : a.key.localeCompare(b.key, "en", {numeric: true});
    return (down ? -order : order) || a.place - b.place;
  });
  body.append(...rows.map(r => r.row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sortTable(table, column, head));
  });
}

// Curves: a click on a label hides the setting in all pictures.
const pictures = Array.from(document.querySelectorAll("#curves .ebm-curves"));

function toggle(series) {
  const parts = pictures.flatMap(p => Array.from(p.querySelectorAll(`[data-s="${series}"]`)));
  const off = !parts.some(part => part.classList.contains("off"));
  for (const part of parts) {
    part.classList.toggle("off", off);
    if (part.classList.contains("label")) part.setAttribute("aria-pressed", String(!off));
  }
}

// The values at the corner of the lines nearest to the pointer.
function readingsAt(lines, x) {
  const found = [];
  let nearest = null;
  for (const line of lines) {
    if (line.element.classList.contains("off")) continue;
    const points = line.element.points;
    let best = 0;
    for (let i = 1; i < points.numberOfItems; ++i)
      if (Math.abs(points.getItem(i).x - x) < Math.abs(points.getItem(best).x - x)) best = i;
    const reading = {line, place: points.getItem(best), at: line.x[best], value: line.y[best]};
    found.push(reading);
    if (nearest === null || Math.abs(reading.place.x - x) < Math.abs(nearest.place.x - x)) nearest = reading;
  }
  found.sort((a, b) => a.place.y - b.place.y);
  return {found: found.filter(r => Math.abs(r.place.x - nearest.place.x) < 6), nearest};
}

function row(box, name, value, look) {
  const p = document.createElement("p"), label = document.createElement("span"), number = document.createElement("b");
  if (look) {
    const key = look.ownerSVGElement.ownerSVGElement.cloneNode(false), line = look.cloneNode(false);
    key.setAttribute("viewBox", "0 0 18 8");
    line.setAttribute("points", "0,4 18,4");
    key.append(line);
    p.append(key);
  }
  label.textContent = name;
  number.textContent = value;
  p.append(label, number);
  box.append(p);
}

for (const picture of pictures) {
  const frame = picture.querySelector("svg.frame");
  const lines = Array.from(frame.querySelectorAll("polyline[data-y]"), element => ({element}));
  for (const line of lines) {
    line.name = line.element.querySelector("title").textContent;
    line.element.querySelector("title").remove();
    line.x = "x" in line.element.dataset ? line.element.dataset.x.split(" ") : lines[0].x;
    line.y = line.element.dataset.y.split(" ");
  }
  for (const label of picture.querySelectorAll(".label")) {
    label.setAttribute("role", "button");
    label.setAttribute("tabindex", "0");
    label.setAttribute("aria-pressed", "true");
    label.addEventListener("click", () => toggle(label.dataset.s));
    label.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      toggle(label.dataset.s);
    });
  }
  const guide = document.createElementNS(picture.namespaceURI, "line");
  guide.setAttribute("class", "guide");
  guide.setAttribute("y2", "100%");
  const box = document.createElement("div");
  box.className = "values";
  const clear = () => { guide.remove(); box.remove(); };
  picture.addEventListener("pointerleave", clear);
  picture.addEventListener("pointermove", event => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(frame.getScreenCTM().inverse());
    const width = frame.width.baseVal.value, height = frame.height.baseVal.value;
    if (at.x < 0 || at.x > width || at.y < 0 || at.y > height) return clear();
    const {found, nearest} = readingsAt(lines, at.x);
    if (nearest === null) return clear();
    guide.setAttribute("x1", nearest.place.x);
    guide.setAttribute("x2", nearest.place.x);
    frame.append(guide);
    box.replaceChildren();
    row(box, picture.dataset.x, nearest.at, null);
    for (const r of found) row(box, r.line.name, r.value, r.line.element);
    document.body.append(box);
    const right = event.pageX + 18 + box.offsetWidth > document.documentElement.clientWidth;
    box.style.left = (right ? Math.max(4, event.pageX - 18 - box.offsetWidth) : event.pageX + 18) + "px";
    box.style.top = event.pageY + 14 + "px";
  });
}

// Paper shows everything.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
)";

} // namespace ebm::experiments
