
"use strict";
(() => {
  const table = document.getElementById("reports");
  const filter = document.getElementById("filter");
  const result = document.getElementById("result");
  const unfold = document.getElementById("unfold");
  const reports = [...table.querySelectorAll("tbody.report")];
  const cells = new Map(reports.map((body) => [body, [...body.rows[0].cells].map((cell) => cell.textContent.trim())]));
  const texts = new Map(reports.map((body) => [body, body.textContent.toLowerCase()]));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const body of reports) {
      const word = body.dataset.result;
      const wanted = result.value === "" || result.value === word || (result.value === "not-ok" && word !== "ok");
      body.hidden = !(wanted && words.every((part) => texts.get(body).includes(part)));
      shown += body.hidden ? 0 : 1;
    }
    document.getElementById("shown").textContent = `${shown} of ${reports.length} shown`;
    document.getElementById("none").hidden = shown > 0 || reports.length === 0;
  };

  const compare = (key, column) => (a, b) => {
    if (key === "result") return Number(b.dataset.rank) - Number(a.dataset.rank);
    if (key === "days") {
      const [left, right] = [a, b].map((body) => (body.dataset.days === "" ? Infinity : Number(body.dataset.days)));
      return left === right ? 0 : left - right;
    }
    return collator.compare(cells.get(a)[column], cells.get(b)[column]);
  };

  const sort = (heading) => {
    const descending = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const order = compare(heading.dataset.key, heading.cellIndex);
    const sorted = [...reports].sort((a, b) => (descending ? order(b, a) : order(a, b)));
    table.append(...sorted);
  };

  for (const heading of table.tHead.rows[0].cells) {
    heading.querySelector("button").addEventListener("click", () => sort(heading));
  }
  filter.addEventListener("input", show);
  result.addEventListener("change", show);
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Open all";
    for (const body of reports) if (!body.hidden) body.querySelector("details").open = open;
    unfold.textContent = open ? "Close all" : "Open all";
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      filter.focus();
    } else if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      show();
    }
  });
  const controls = document.getElementById("controls");
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  show();
})();
