// Draws notes as a GitLab page does. Reads from standard input
//   {"modules": folder of node_modules, "browser": program, "folder": where to write, "notes": {name: Markdown}}
// and prints, per note, {"pictures": [file], "lost": [what GitLab would have taken out], "diagrams": [
//   {"source": …, "waits": why GitLab draws it only after a click, or "", "errors": {Mermaid's version: …}}]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

// Of GitLab's own code: the page's limits for Mermaid, and how it sets it up.
const MOST_CHARACTERS = 2000;
const MOST_AMPERSANDS = 30;
const MERMAID = {
  startOnLoad: false,
  theme: "neutral",
  securityLevel: "strict",
  flowchart: { useMaxWidth: true, htmlLabels: true },
};
const WARNING = "Warning: Displaying this diagram might cause performance issues on this page.";
const WIDTH = 990; // pixels of a note on a merge request's page, on a screen of 1440

const input = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(input.modules, "package.json"));
const { chromium } = require("playwright-core");
const markdown = require("markdown-it")({ html: true, linkify: true });
const css = readFileSync(new URL("gitlab.css", import.meta.url), "utf8");

function script(name, file) {
  return { path: join(input.modules, "node_modules", name, "dist", file) };
}

function version(name) {
  const file = join(input.modules, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** In the page: put the note there as GitLab does, without what it does not allow; return what that was. */
function fill(html) {
  const note = document.querySelector(".note");
  note.innerHTML = DOMPurify.sanitize(html, { FORBID_TAGS: ["style", "form", "input"], FORBID_ATTR: ["style"] });
  for (const block of note.querySelectorAll("code.language-diff")) {
    const kinds = { "+": "added", "-": "removed", "@": "place" };
    const lines = block.textContent.replace(/\n$/, "").split("\n");
    block.replaceChildren(
      ...lines.map((line) => {
        const shown = document.createElement("span");
        shown.className = `line ${kinds[line[0]] ?? ""}`;
        shown.textContent = line || " ";
        return shown;
      }),
    );
  }
  return DOMPurify.removed.map((one) => (one.element ?? one.attribute)?.nodeName ?? "?");
}

/** In the page: draw the diagrams that can be seen and are not drawn yet; return what came of each. */
async function drawDiagrams({ most, ampersands, setup, warning }) {
  mermaid.initialize(setup);
  const told = [];
  let characters = 0;
  for (const block of document.querySelectorAll("code.language-mermaid")) {
    if (block.closest("details:not([open])")) continue;
    const source = block.textContent;
    let waits = "";
    if (source.length > most) waits = `it has ${source.length} characters`;
    else if (characters > most) waits = `those before it have ${characters} characters`;
    else if (source.split("&").length - 1 > ampersands) waits = "it has too many &";
    const shown = document.createElement("div");
    let error = "";
    if (waits) {
      shown.className = "warning";
      shown.textContent = warning;
    } else {
      characters += source.length;
      try {
        shown.innerHTML = (await mermaid.render(`diagram-${Math.random().toString(36).slice(2)}`, source)).svg;
      } catch (problem) {
        error = String(problem.message ?? problem);
        shown.className = "warning";
        shown.textContent = error;
      }
    }
    block.closest("pre").replaceWith(shown);
    told.push({ source, waits, error });
  }
  return told;
}

/** In the page: whether Mermaid reads the diagram. */
async function parseDiagram(source) {
  try {
    await mermaid.parse(source);
    return "";
  } catch (problem) {
    return String(problem.message ?? problem);
  }
}

async function newPage(browser, body, scripts) {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${css}</style>${body}`);
  for (const one of scripts) await page.addScriptTag(one);
  return page;
}

async function drawNote(browser, older, name, text) {
  const scripts = [script("dompurify", "purify.min.js"), script("mermaid", "mermaid.min.js")];
  const page = await newPage(browser, '<div class="note"></div>', scripts);
  const lost = await page.evaluate(fill, markdown.render(text));
  const limits = { most: MOST_CHARACTERS, ampersands: MOST_AMPERSANDS, setup: MERMAID, warning: WARNING };
  const drawn = await page.evaluate(drawDiagrams, limits);
  const pictures = [join(input.folder, `${name}.png`)];
  await page.locator(".note").screenshot({ path: pictures[0] });
  if (await page.locator("details:not([open])").count()) {
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    drawn.push(...(await page.evaluate(drawDiagrams, limits)));
    pictures.push(join(input.folder, `${name}-unfolded.png`));
    await page.locator(".note").screenshot({ path: pictures[1] });
  }
  await page.close();
  const diagrams = [];
  for (const { source, waits, error } of drawn) {
    const errors = { [version("mermaid")]: error, [version("mermaid-10")]: await older.evaluate(parseDiagram, source) };
    diagrams.push({ source, waits, errors });
  }
  return { pictures, lost, diagrams };
}

const browser = await chromium.launch({
  executablePath: input.browser,
  // Chromium's own sandbox does not work for root; it opens nothing but the pages above.
  args: [
    ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
    ...["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  ],
});
try {
  const older = await newPage(browser, "", [script("mermaid-10", "mermaid.min.js")]);
  const told = {};
  for (const [name, text] of Object.entries(input.notes)) {
    told[name] = await drawNote(browser, older, name, text);
  }
  process.stdout.write(JSON.stringify(told));
} finally {
  await browser.close();
}
