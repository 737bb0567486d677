// html, by Chromium: what a person does with the page, by mouse and by keyboard.
const fs = require("node:fs");
const assert = require("node:assert/strict");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [path, ndjson, folder] = process.argv.slice(2);
const reports = fs.readFileSync(ndjson, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const name = (report) => report.reference?.value ?? "";
const warns = (report) => report.diagnosis.some((found) => found.severity === "warning");
const word = (report) =>
  report.verdict === "error" ? "ERROR" : { 0: warns(report) ? "WARN" : "ok", 1: "FAIL", 4: "FAIL" }[report.exit_code];
const count = (wanted) => reports.filter((report) => word(report) === wanted).length;

const shown = (page) => page.locator("tbody.report:visible");
const column = (page, at) => page.locator(`tbody.report:visible > tr:first-child > td:nth-child(${at})`).allTextContents();
const words = async (page) => (await page.locator("tbody.report:visible .word").allTextContents()).map((text) => text.trim());

/** A page that reports what it may not do, and what goes wrong in it. */
const open = async (browser, options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => wrong.push(message.text()));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith("file:") || wrong.push(`loads ${request.url()}`));
  await page.goto(pathToFileURL(path).href);
  return { context, page, wrong };
};

/** Everything that was checked is there as text, and nothing of it is markup. */
const content = async (page) => {
  assert.equal(await shown(page).count(), reports.length);
  const targets = await page.locator("tbody.report > tr:first-child > td:nth-child(3)").allTextContents();
  assert.deepEqual(targets, reports.map((report) => report.target));
  const names = await page.locator("tbody.report > tr:first-child > td:nth-child(2)").allTextContents();
  names.forEach((text, at) => assert.ok(text.includes(name(reports[at])), text));
  assert.equal(await page.locator("img, iframe, a[href]:not(.skip), script:not(:last-of-type), object, link").count(), 0);
  assert.equal(await page.locator("script").count(), 1);
  const tally = await page.locator("#tally").innerText();
  assert.ok(tally.startsWith(`${reports.length} checked: ${count("ok")} ok, ${count("FAIL")} FAIL`), tally);
};

const sorts = async (page) => {
  const days = page.getByRole("button", { name: "Days left" });
  const numbers = async () => (await column(page, 5)).map((text) => text.replace(/^.*: /, "").trim()).filter(Boolean).map(Number);
  await days.click();
  const up = await numbers();
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  assert.ok(up[0] < 0 && up.length > 5, up);
  assert.equal(await page.getByRole("columnheader", { name: "Days left" }).getAttribute("aria-sort"), "ascending");
  await days.click();
  assert.deepEqual(await numbers(), [...up].reverse());
  assert.equal(await page.getByRole("columnheader", { name: "Days left" }).getAttribute("aria-sort"), "descending");
  // By the keyboard too: what is worst first, and a heading alone says how it is sorted.
  await page.getByRole("button", { name: "Result" }).focus();
  await page.keyboard.press("Enter");
  const sorted = await words(page);
  const rank = { FAIL: 0, ERROR: 1, WARN: 2, ok: 3 };
  assert.deepEqual(sorted, [...sorted].sort((a, b) => rank[a] - rank[b]));
  assert.equal(sorted[0], "FAIL");
  assert.equal(await page.locator("[aria-sort]").count(), 1);
  await page.keyboard.press("Space");
  assert.equal((await words(page))[0], "ok");
};

const filters = async (page) => {
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "filter");
  await page.keyboard.type("wildcard-depth");
  const wanted = reports.filter((report) => report.diagnosis.some((found) => found.code === "wildcard-depth")).length;
  assert.ok(wanted > 0 && wanted < reports.length);
  assert.equal(await shown(page).count(), wanted);
  assert.equal(await page.locator("#shown").innerText(), `${wanted} of ${reports.length} shown`);
  await page.keyboard.press("Escape");
  assert.equal(await shown(page).count(), reports.length);
  await page.selectOption("#result", "not-ok");
  assert.equal(await shown(page).count(), reports.length - count("ok"));
  await page.selectOption("#result", "FAIL");
  assert.deepEqual(new Set(await words(page)), new Set(["FAIL"]));
  await page.fill("#filter", "no such text");
  assert.equal(await shown(page).count(), 0);
  assert.ok(await page.locator("#none").isVisible());
  await page.fill("#filter", "");
  await page.selectOption("#result", "");
  assert.equal(await shown(page).count(), reports.length);
};

/** The diagnosis and the table of clients of a mismatch. */
const opens = async (page) => {
  const body = page.locator("tbody.report", { hasText: "wildcard-depth" }).first();
  const report = reports.find((found) => found.diagnosis[0]?.code === "wildcard-depth");
  assert.equal(await body.locator("pre").isVisible(), false);
  await body.locator("summary").click();
  assert.ok(await body.locator("pre").isVisible());
  const drawing = await body.locator("pre").innerText();
  assert.ok(drawing.startsWith("HostnameMismatchError[wildcard-depth]: "), drawing);
  assert.ok(drawing.includes(`DNS:${name(report)}`), drawing);
  const clients = report.clients;
  const all = [...clients.accept, ...clients.reject, ...clients.refuse_name, ...clients.unreadable];
  const rows = body.locator("table.clients tbody tr");
  assert.equal(await rows.count(), all.length);
  for (const id of all) {
    const row = rows.filter({ has: page.locator(`th:text-matches("^${id} ")`) });
    const answer = await row.locator("td").first().innerText();
    assert.equal(answer === "accepts", clients.accept.includes(id), `${id}: ${answer}`);
    assert.equal((await row.locator("td").nth(1).innerText()) === "", clients.accept.includes(id), id);
  }
  // Closed and opened by the keyboard.
  await body.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await body.locator("pre").isVisible(), false);
  await page.keyboard.press("Space");
  assert.ok(await body.locator("pre").isVisible());
  await page.getByRole("button", { name: "Open all" }).click();
  assert.equal(await page.locator("details:not([open])").count(), 0);
  await page.getByRole("button", { name: "Close all" }).click();
  assert.equal(await page.locator("details[open]").count(), 0);
  await body.locator("summary").click();
};

/** Where all clients accept, one line says so. */
const agrees = async (page) => {
  const agreed = ({ clients }) => clients && !clients.reject.length && !clients.refuse_name.length && !clients.unreadable.length;
  const tables = reports.filter((found) => found.clients && !agreed(found)).length;
  assert.equal(await page.locator("table.clients").count(), tables);
  const { accept } = reports.find(agreed).clients;
  const body = page.locator("tbody.report", { hasText: "What clients say: all" }).first();
  assert.equal(await body.locator("table.clients").count(), 0);
  await body.locator("summary").click();
  assert.equal(await body.locator("p.clients").innerText(), `What clients say: all ${accept.length} accept`);
  await body.locator("summary").click();
};

/** Tab leads from the filter over each heading to each report, and what has the focus is seen. */
const tabs = async (page) => {
  await page.reload();
  const reached = [];
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => {
      const element = document.activeElement;
      const outlined = getComputedStyle(element).outlineStyle !== "none" || element.tagName === "SELECT";
      return outlined ? element.id || element.textContent.trim().split(" ")[0] : `no outline: ${element.outerHTML}`;
    }));
  }
  assert.deepEqual(reached.slice(0, 10), ["Skip", "filter", "result", "unfold", "Result", "Name", "Target", "Finding", "Days", "Issuer"]);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
};

/** Nothing is wider than the screen, and text stands out from what is behind it (WCAG 2.1, 1.4.3). */
const readable = async (page) => {
  const { width } = page.viewportSize();
  // A phone shows a page that is too wide as a whole, smaller: what the page takes for its window grows.
  const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, window.innerWidth));
  assert.equal(wide, width, `${wide} wide on a screen of ${width}: ${await page.evaluate(() =>
    [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > screen.width)
      .map((element) => element.outerHTML.slice(0, 80)).slice(0, 5).join("; "))}`);
  const faint = await page.evaluate(() => {
    const light = (color) => {
      const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
      const linear = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if (!/, 0\)$/.test(color)) return color;
      }
      return "rgb(255, 255, 255)";
    };
    const texts = [...document.querySelectorAll("body *:not(script)")].filter((element) =>
      element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    return texts.map((element) => {
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), element.outerHTML.slice(0, 120)];
    }).filter(([contrast]) => contrast < 4.5);
  });
  assert.deepEqual(faint, []);
};

/** Nor is anything wider in a smaller window, with all opened: a long line is scrolled, not cut off. */
const narrows = async (page, viewport) => {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  const long = () => [...document.querySelectorAll("pre")].filter((pre) => pre.scrollWidth > pre.clientWidth)
    .map((pre) => getComputedStyle(pre).overflowX);
  const right = () => Math.max(...[...document.querySelectorAll("#reports *")].filter((element) => !element.matches("pre *"))
    .map((element) => element.getBoundingClientRect().right));
  for (const width of [1200, 1000, 800]) {
    await page.setViewportSize({ ...viewport, width });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    assert.ok(await page.evaluate(right) <= width, `wider than ${width}`);
    const scrolled = await page.evaluate(long);
    assert.ok(scrolled.length > 0 && scrolled.every((how) => how === "auto"), scrolled.join(" "));
  }
  await page.setViewportSize(viewport);
};

(async () => {
  fs.mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const [screen, options] of [
      ["desktop", { viewport: { width: 1280, height: 900 } }],
      ["phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
    ]) {
      for (const colorScheme of ["light", "dark"]) {
        const { context, page, wrong } = await open(browser, { ...options, colorScheme });
        await content(page);
        await sorts(page);
        await filters(page);
        await opens(page);
        await agrees(page);
        await readable(page);
        if (screen === "desktop") await narrows(page, options.viewport);
        // What is beyond the screen is not drawn: the screen is made as high as the page.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ ...options.viewport, height });
        await page.screenshot({ path: `${folder}/${screen}-${colorScheme}.png`, fullPage: true });
        await page.setViewportSize(options.viewport);
        await tabs(page);
        assert.deepEqual(wrong, []);
        await context.close();
        console.log(`ok         report.html: ${screen}, ${colorScheme}`);
      }
    }
    // Without its script it is a table all the same.
    const { page } = await open(browser, { javaScriptEnabled: false });
    assert.equal(await page.locator("tbody.report").count(), reports.length);
    assert.equal(await page.locator("#controls").isVisible(), false);
    await page.locator("summary").first().click();
    assert.ok(await page.locator("pre").first().isVisible());
    console.log("ok         report.html: without its script");
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
