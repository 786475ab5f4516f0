// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds objects against the schemas of Kubernetes, and finds fields that these do not know.
 *
 * usage: node kubernetes.js FOLDER <OBJECTS: an array in JSON; prints an array of flaws for each.
 * In FOLDER was run `npm install kubernetes-models`.
 */
"use strict";

const fs = require("fs");
const path = require("path");

const SCHEMAS = path.join(process.argv[2], "node_modules", "kubernetes-models", "_schemas");

/* "apps/v1", "DaemonSet" -> IoK8sApiAppsV1DaemonSet */
function schemaOf(object) {
	const [version, group] = object.apiVersion.split("/").reverse();
	const name = (group || "core").split(".")[0];
	const words = [name, version, object.kind].map(word =>
		word[0].toUpperCase() + word.slice(1));

	return require(path.join(SCHEMAS, `IoK8sApi${words.join("")}.js`));
}

/* What reads it is remembered: a schema's own code asks for each field that it knows. */
function watched(value, read) {
	if (value === null || typeof value !== "object")
		return value;
	const kept = new Map();

	read.set(value, new Set());
	return new Proxy(value, {
		get(target, name) {
			if (typeof name === "string")
				read.get(value).add(name);
			if (!kept.has(name))
				kept.set(name, watched(target[name], read));
			return kept.get(name);
		},
	});
}

function* unread(value, read, where) {
	if (value === null || typeof value !== "object")
		return;
	for (const [name, inner] of Object.entries(value)) {
		if (!read.get(value)?.has(name))
			yield `${where}/${name}: unknown`;
		else
			yield* unread(inner, read, `${where}/${name}`);
	}
}

function* flaws(object) {
	const read = new Map();
	const { validate } = schemaOf(object);

	if (!validate(watched(object, read)))
		for (const error of validate.errors)
			yield `${error.instancePath}: ${error.keyword}`;
	yield* unread(object, read, "");
}

const objects = JSON.parse(fs.readFileSync(0, "utf8"));

process.stdout.write(JSON.stringify(objects.map(object => [...flaws(object)])));
