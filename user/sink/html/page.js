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

	/* What a part of a figure is called shows at once, for those who use keys as well. */
	const tip = document.createElement("div");

	tip.className = "tip-box";
	tip.hidden = true;
	document.body.append(tip);
	document.addEventListener("mousemove", event => {
		const part = event.target.closest?.("svg g, svg rect, svg circle, svg path");
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
