// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes requests with OpenTelemetry's own description of them: `node otlp.js FOLDER traces FILE`
 * prints what each file says as JSON, one a line. FOLDER is where
 * `npm install @opentelemetry/otlp-transformer@0.203.0` was run.
 */
"use strict";

const fs = require("fs");
const path = require("path");

const [folder, signal, ...files] = process.argv.slice(2);
const root = require(path.resolve(folder,
	"node_modules/@opentelemetry/otlp-transformer/build/src/generated/root.js"));
const of = root.opentelemetry.proto.collector;
const request = signal === "traces" ? of.trace.v1.ExportTraceServiceRequest :
	of.metrics.v1.ExportMetricsServiceRequest;

for (const file of files) {
	const message = request.decode(fs.readFileSync(file));
	const complaint = request.verify(message);

	if (complaint)
		throw new Error(complaint);
	console.log(JSON.stringify(request.toObject(message, { longs: String, bytes: String })));
}
