// Serves a folder over TLS, a port for each certificate, with ETag, Last-Modified, one range and If-Range.
//
//   node node_server.js FOLDER NAME CHAIN KEY [NAME CHAIN KEY ...]
//
// With a file of roots in CLIENTS_FROM a client has to show a certificate that comes from them.
//
// Prints one line of JSON when it listens, on 127.0.0.1 and on ::1: {"NAME": PORT, ...}

"use strict";
const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");

const [folder, ...leaves] = process.argv.slice(2);

function answer(request, response) {
  const file = path.join(folder, path.basename(new URL(request.url, "https://localhost").pathname));
  const descriptor = fs.openSync(file);
  const { size, mtimeMs, mtime } = fs.fstatSync(descriptor);
  const etag = `"${Math.trunc(mtimeMs).toString(16)}-${size.toString(16)}"`;
  const head = { ETag: etag, "Last-Modified": mtime.toUTCString(), "Accept-Ranges": "bytes" };
  let [start, end, status] = [0, size - 1, 200];
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  if (range && (request.headers["if-range"] ?? etag) === etag) {
    start = Number(range[1]);
    status = start < size ? 206 : 416;
    head["Content-Range"] = status === 206 ? `bytes ${start}-${end}/${size}` : `bytes */${size}`;
  }
  head["Content-Length"] = status === 416 ? 0 : end - start + 1;
  response.writeHead(status, head);
  if (status === 416 || size === 0) {
    fs.closeSync(descriptor);
    response.end();
  } else {
    fs.createReadStream("", { fd: descriptor, start, end }).pipe(response);
  }
}

function listen(options, host, port) {
  return new Promise((resolve, reject) => {
    const server = https.createServer(options, answer).on("error", reject);
    server.listen(port, host, () => resolve(server.address().port));
  });
}

async function main() {
  const ports = {};
  for (let i = 0; i < leaves.length; i += 3) {
    const roots = process.env.CLIENTS_FROM;
    const asks = roots ? { ca: fs.readFileSync(roots), requestCert: true } : {};
    const options = { cert: fs.readFileSync(leaves[i + 1]), key: fs.readFileSync(leaves[i + 2]), ...asks };
    ports[leaves[i]] = await listen(options, "127.0.0.1", 0);
    await listen(options, "::1", ports[leaves[i]]);
  }
  console.log(JSON.stringify(ports));
}

main();
