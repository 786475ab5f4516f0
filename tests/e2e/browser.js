// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at a page of `report` with a browser: `node browser.js FOLDER BROWSER PAGE [SHOTS]` prints
 * as JSON what it saw, at three widths, in light and dark, with script and without. FOLDER is where
 * `npm install playwright-core` was run; pictures go to the folder SHOTS.
 */
"use strict";

const path = require("path");

const [folder, browser, page, shots] = process.argv.slice(2);
const { chromium } = require(path.join(path.resolve(folder), "node_modules/playwright-core"));

const WIDTHS = [390, 900, 1400];
const SCHEMES = ["light", "dark"];

/* What its reader sees of it: nothing that script alone shows. */
function read() {
	const rows = [...document.querySelectorAll("table")].map(table => ({
		caption: table.caption.textContent,
		rows: [...table.tBodies[0].rows].map(row =>
			[...row.cells].map(cell => cell.querySelector("data")?.value ??
				cell.textContent)),
	}));

	const style = each => getComputedStyle(each);
	const cut = [...document.querySelectorAll("main *")].filter(each =>
		style(each).overflowX === "auto" && each.scrollWidth > each.clientWidth);

	return {
		cut: cut.length,
		unseen: cut.filter(each => style(each).backgroundImage === "none").length,
		tables: rows,
		verdict: [...document.querySelectorAll(".verdict li")].map(li => li.textContent),
		sections: [...document.querySelectorAll("h2")].map(h2 => h2.textContent),
		background: getComputedStyle(document.body).backgroundColor,
		overflows: document.documentElement.scrollWidth > innerWidth,
		figures: document.querySelectorAll("svg").length,
		buttons: document.querySelectorAll("button").length,
	};
}

/* The first sorted table by each of its columns: down and, by another click, up. */
async function sort(tab) {
	const table = tab.locator("table.sort").filter({ hasText: "handshake_client" }).first();
	const found = [];

	for (let column = 0; column < 3; column++) {
		for (let click = 0; click < 2; click++) {
			await table.locator("thead th").nth(column).locator("button").click();
			found.push({
				column,
				order: await table.locator("thead th").nth(column)
					.getAttribute("aria-sort"),
				values: await table.locator("tbody tr").evaluateAll((rows, at) =>
					rows.map(row => row.cells[at])
						.map(cell => cell.querySelector("data")?.value ??
							cell.textContent), column),
			});
		}
	}
	return found;
}

async function search(tab) {
	const input = tab.locator("label.search:visible input").first();
	const rows = tab.locator("table.search:visible").first().locator("tbody tr");
	const before = await rows.count();
	const word = await rows.first().locator("td").nth(1).textContent();

	await input.fill(word.toUpperCase());
	const shown = await rows.evaluateAll(all => all.filter(row => !row.hidden)
		.map(row => row.textContent));
	await input.fill("no such word anywhere");
	const none = await rows.evaluateAll(all => all.filter(row => !row.hidden).length);
	await input.fill("");
	const after = await rows.evaluateAll(all => all.filter(row => !row.hidden).length);

	return { before, word, shown, none, after };
}

async function zoom(tab) {
	const figure = tab.locator("figure.timeline").first();
	const box = () => figure.locator("svg.zoom").getAttribute("viewBox");
	const ticks = () => figure.locator("text.tick").allTextContents();
	const seen = [{ box: await box(), ticks: await ticks() }];

	/* By keyboard alone. */
	for (const i of [0, 0, 2, 3, 1, 4]) {
		await figure.locator("button").nth(i).focus();
		await tab.keyboard.press("Enter");
		seen.push({ box: await box(), ticks: await ticks() });
	}
	return seen;
}

async function tip(tab) {
	await tab.locator("#machine g.arrow").first().locator("path").hover({ force: true });
	return tab.locator(".tip-box").textContent();
}

/* Each stop of the Tab key, from the beginning: what has the focus can be seen. */
async function stops(tab) {
	const found = [];

	await tab.evaluate(() => document.activeElement.blur());
	for (let i = 0; i < 12; i++) {
		await tab.keyboard.press("Tab");
		found.push(await tab.evaluate(() => document.activeElement.tagName));
	}
	return found;
}

async function look(context, seen, name, acts) {
	const tab = await context.newPage();

	tab.on("console", message => seen.complaints.push(`${name}: ${message.text()}`));
	tab.on("pageerror", error => seen.complaints.push(`${name}: ${error.message}`));
	tab.on("request", request => seen.requests.push(request.url()));
	await tab.goto(`file://${path.resolve(page)}`);
	seen.views[name] = await tab.evaluate(read).catch(error => ({ error: error.message }));
	if (shots)
		await tab.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
	if (acts)
		Object.assign(seen, { sort: await sort(tab), search: await search(tab),
			zoom: await zoom(tab), tip: await tip(tab), stops: await stops(tab) });
	await tab.close();
}

async function show(running, seen, width, scheme, script) {
	const context = await running.newContext({ javaScriptEnabled: script, colorScheme: scheme,
		reducedMotion: "reduce", viewport: { width, height: 900 } });

	await look(context, seen, `${width}-${scheme}-${script ? "script" : "bare"}`,
		script && scheme === "dark" && width === 1400);
	await context.close();
}

async function main() {
	const seen = { views: {}, complaints: [], requests: [] };
	const running = await chromium.launch({ executablePath: browser,
		args: ["--no-sandbox", "--disable-gpu"] });

	for (const script of [true, false])
		for (const scheme of SCHEMES)
			for (const width of WIDTHS)
				await show(running, seen, width, scheme, script);
	await running.close();
	process.stdout.write(JSON.stringify(seen));
}

main().catch(error => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
