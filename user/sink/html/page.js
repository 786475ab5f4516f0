// SPDX-License-Identifier: GPL-2.0-only
/* What a page can do beside being read: tables are sorted and searched, figures tell and zoom. */
"use strict";

(() => {
	const zh = document.documentElement.lang.startsWith("zh");
	const say = (en, chinese) => zh ? chinese : en;

	/* By the number behind a cell where it has one, else by its text. */
	function keyOf(row, column) {
		const cell = row.cells[column];
		const data = cell.querySelector("data");

		if (data)
			return Number(data.value);
		return cell.classList.contains("n") ? -1 : cell.textContent;
	}

	function sort(table, column, head) {
		const falls = head.getAttribute("aria-sort") !== "descending";
		const body = table.tBodies[0];
		const rows = [...body.rows].map((row, at) =>
			({ row, at, key: keyOf(row, column) }));

		rows.sort((a, b) => {
			const order = typeof a.key === "number" && typeof b.key === "number" ?
				a.key - b.key : String(a.key).localeCompare(String(b.key));

			return (falls ? -order : order) || a.at - b.at;
		});
		body.append(...rows.map(each => each.row));
		for (const other of table.tHead.rows[0].cells)
			other.removeAttribute("aria-sort");
		head.setAttribute("aria-sort", falls ? "descending" : "ascending");
	}

	for (const table of document.querySelectorAll("table.sort"))
		[...table.tHead.rows[0].cells].forEach((head, column) => {
			const button = document.createElement("button");

			button.type = "button";
			button.textContent = head.textContent;
			button.addEventListener("click", () => sort(table, column, head));
			head.replaceChildren(button);
		});
	for (const table of document.querySelectorAll("table.search")) {
		const label = document.createElement("label");
		const input = document.createElement("input");

		label.className = "search";
		input.type = "search";
		input.addEventListener("input", () => {
			const wanted = input.value.toLowerCase();

			for (const row of table.tBodies[0].rows)
				row.hidden = !row.textContent.toLowerCase().includes(wanted);
		});
		label.append(say("Search ", "搜索 "), input);
		table.parentElement.before(label);
	}

	/* Along the time: a part of the columns is shown, and the ticks say which. */
	const units = [[86400e9, 3600e9, "d", "h"], [3600e9, 60e9, "h", "m"], [60e9, 1e9, "m", "s"],
		[1e9, 0, "s"], [1e6, 0, "ms"], [1e3, 0, "us"], [0, 0, "ns"]];

	/* As they are written elsewhere: 2m03s, 61.2s, 12.3ms. */
	function duration(ns) {
		const [size, part, name, partName] = units.find(([least]) => ns >= least);
		const value = ns / (size || 1);

		if (part)
			return Math.floor(value) + name +
				String(Math.floor(ns % size / part)).padStart(2, "0") + partName;
		return value.toPrecision(3) + name;
	}

	for (const figure of document.querySelectorAll("figure.timeline")) {
		const view = figure.querySelector("svg.zoom");
		const ticks = [...figure.querySelectorAll("text.tick")];
		const all = Number(figure.dataset.columns);
		const width = Number(figure.dataset.width);
		const height = view.viewBox.baseVal.height;
		const tools = document.createElement("div");
		let from = 0, count = all;

		function show(wanted, first) {
			count = Math.min(all, Math.max(4, wanted));
			from = Math.min(all - count, Math.max(0, first));
			view.setAttribute("viewBox", `${from} 0 ${count} ${height}`);
			ticks.forEach((tick, i) => {
				const at = from + count * i / (ticks.length - 1);

				tick.textContent = at ? duration(at * width) : "0";
			});
		}

		const actions = [
			["+", say("Zoom in", "放大"), () => show(count / 2, from + count / 4)],
			["\u2212", say("Zoom out", "缩小"), () => show(count * 2, from - count / 2)],
			["\u2190", say("Earlier", "更早"), () => show(count, from - count / 4)],
			["\u2192", say("Later", "更晚"), () => show(count, from + count / 4)],
			[say("All", "全部"), say("All of it", "全部"), () => show(all, 0)],
		];

		tools.className = "tools";
		for (const [sign, name, act] of actions) {
			const button = document.createElement("button");

			button.type = "button";
			button.textContent = sign;
			button.title = name;
			button.setAttribute("aria-label", name);
			button.addEventListener("click", act);
			tools.append(button);
		}
		figure.prepend(tools);
	}

	/* What a part of a figure is called shows at once, and not a second later. */
	const tip = document.createElement("div");

	tip.className = "tip-box";
	tip.hidden = true;
	document.body.append(tip);
	document.addEventListener("mousemove", event => {
		const part = event.target.closest?.("svg :has(> title)");
		const title = part?.querySelector(":scope > title");

		tip.hidden = !title;
		if (!title)
			return;
		tip.textContent = title.textContent;
		tip.style.setProperty("left",
			`${Math.min(event.clientX + 14, innerWidth - 240)}px`);
		tip.style.setProperty("top", `${event.clientY + 16}px`);
	});
})();
