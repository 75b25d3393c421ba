"use strict";
// Shows the estimates of the setting that is chosen, and its difference from the one that is pinned: looks up, never computes.
(() => {
  const box = document.getElementById("choosing");
  const data = JSON.parse(document.getElementById("choosing-data").textContent);
  const controls = [...box.querySelectorAll("[data-lever]")];
  const rows = [...box.querySelectorAll("tbody tr")];
  const status = document.getElementById("choosing-status");
  const pinnedWords = document.getElementById("choosing-pinned");
  let pinned = data.start.pinned;

  const chosen = () => data.index[controls.map(control => control.value).join(" ")] ?? -1; // -1: none such
  const move = place => {
    const values = Object.keys(data.index).find(key => data.index[key] === place).split(" ");
    controls.forEach((control, number) => { control.value = values[number]; });
  };
  const fill = (cell, entry, otherwise) => { cell.textContent = entry ? entry[1] : otherwise; };
  const show = () => {
    const here = chosen();
    for (const control of controls.filter(one => one.type === "range")) {
      const words = control.dataset.texts.split("\n")[control.value];
      control.setAttribute("aria-valuetext", words);
      control.nextElementSibling.textContent = words;
    }
    if (here >= 0) pinned = here - here % data.each + pinned % data.each; // in the structure that is shown
    const levels = data.levels[here], apart = data.differences[`${pinned} ${here}`];
    rows.forEach((row, number) => {
      const [level, difference] = row.querySelectorAll("td");
      fill(level, levels && levels[number], "not played");
      fill(difference, apart && apart[number], here === pinned ? "the pinned setting" : "not compared");
    });
    box.dataset.here = here;
    box.dataset.pinned = pinned;
    status.textContent = here < 0 ? "This combination was not played." : `Shown: ${data.words[here]}.`;
    pinnedWords.textContent = `Compared with: ${data.words[pinned]}.`;
  };
  controls.forEach(control => control.addEventListener("input", show));
  document.getElementById("choosing-pin").addEventListener("click", () => {
    if (chosen() >= 0) { pinned = chosen(); show(); }
  });
  move(data.start.shown);
  box.hidden = false;
  show();
})();
