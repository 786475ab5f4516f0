// SPDX-License-Identifier: GPL-2.0-only
/*
 * Imports a trace with speedscope's own reader: `node speedscope.js FOLDER FILE` prints as JSON the
 * profiles that it found, each with its frames and their times in microseconds. FOLDER is where
 * `npm install speedscope` was run. Its release is one bundle for browsers, so there is a page that
 * takes anything, and the bundle is made to hand out the module that it loads readers from.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const vm = require("vm");

const LOADER = new RegExp(String.raw`var (\w+)=(Promise\.resolve\(\)\.then\(` +
	String.raw`\(\)=>\(\w+\(\),\w+\)\));\1\.then\(\(\)=>\{\}\)`);

function anything() {
	return new Proxy(function () {}, {
		get: (target, name) => name === Symbol.toPrimitive ? () => "" :
			name === "then" ? undefined : anything(),
		set: () => true,
		has: () => true,
		apply: () => anything(),
		construct: () => anything(),
	});
}

/* The module with importProfileGroupFromText. */
function load(folder, complain) {
	const release = path.join(folder, "node_modules/speedscope/dist/release");
	const bundle = fs.readdirSync(release).find(name => /^speedscope-.*\.js$/.test(name));
	const source = fs.readFileSync(path.join(release, bundle), "utf8");

	if (!LOADER.test(source))
		throw new Error("this release of speedscope is built otherwise");
	return new Promise(resolve => {
		const page = { TextDecoder, TextEncoder, URL, setTimeout, clearTimeout,
			Promise, performance, document: anything(),
			location: { hash: "", protocol: "file:" },
			navigator: { userAgent: "", platform: "" },
			addEventListener() {}, requestAnimationFrame: () => 0,
			localStorage: { getItem: () => null },
			console: { log() {}, warn: complain, error: complain }, resolve };
		page.window = page.self = page.globalThis = page;
		try {
			vm.runInNewContext(source.replace(LOADER, "var $1=$2;$1.then(resolve)"),
				page);
		} catch (error) {
			/* The page is none; the readers have been handed out by then. */
		}
	});
}

async function main(folder, file) {
	const complaints = [];
	const reader = await load(folder, text => complaints.push(String(text)));
	const text = fs.readFileSync(file, "utf8");
	const group = await reader.importProfileGroupFromText(path.basename(file), text);
	const profiles = group && group.profiles.map(profile => {
		const frames = {};

		profile.forEachFrame(frame => { frames[frame.name] = frame.getSelfWeight(); });
		return { name: profile.getName(), frames };
	});
	console.log(JSON.stringify({ profiles, complaints }));
}

main(process.argv[2], process.argv[3]).catch(error => {
	console.error(error.message);
	process.exit(1);
});
