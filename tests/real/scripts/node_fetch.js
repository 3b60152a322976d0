// Fetches a URL into the file `f`, by the module `https` or by `fetch`. NODE_EXTRA_CA_CERTS says whom it trusts.
//
//   node node_fetch.js https|fetch URL

"use strict";
const fs = require("node:fs");
const https = require("node:https");

const [way, url] = process.argv.slice(2);

if (way === "https") {
  https.get(url, (response) => response.pipe(fs.createWriteStream("f")));
} else {
  fetch(url)
    .then((response) => response.arrayBuffer())
    .then((body) => fs.writeFileSync("f", Buffer.from(body)));
}
