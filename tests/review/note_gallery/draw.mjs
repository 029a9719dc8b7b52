// Draws notes as a GitLab page does. Reads from standard input
//   {"modules": folder of node_modules, "browser": program, "folder": where to write, "notes": {name: Markdown}}
// and prints, per note, {"pictures": [file], "lost": [what GitLab would have taken out]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const WIDTH = 990; // pixels of a note on a merge request's page, on a screen of 1440
const NARROW = 420;

const input = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(input.modules, "package.json"));
const { chromium } = require("playwright-core");
const markdown = require("markdown-it")({ html: true, linkify: true });
const css = readFileSync(new URL("gitlab.css", import.meta.url), "utf8");

function script(name, file) {
  return { path: join(input.modules, "node_modules", name, "dist", file) };
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

async function newPage(browser, body, scripts) {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } });
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${css}</style>${body}`);
  for (const one of scripts) await page.addScriptTag(one);
  return page;
}

async function drawNote(browser, name, text) {
  const page = await newPage(browser, '<div class="note"></div>', [script("dompurify", "purify.min.js")]);
  const lost = await page.evaluate(fill, markdown.render(text));
  const pictures = [];
  async function shoot(kind) {
    pictures.push(join(input.folder, `${name}${kind}.png`));
    await page.locator(".note").screenshot({ path: pictures.at(-1) });
  }
  await shoot("");
  if (await page.locator("details:not([open])").count()) {
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await shoot("-unfolded");
  }
  await page.setViewportSize({ width: NARROW, height: 800 });
  await shoot("-narrow");
  await page.close();
  return { pictures, lost };
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
  const told = {};
  for (const [name, text] of Object.entries(input.notes)) {
    told[name] = await drawNote(browser, name, text);
  }
  process.stdout.write(JSON.stringify(told));
} finally {
  await browser.close();
}
