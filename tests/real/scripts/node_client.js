// Fetches a URL with exactly one version of TLS: the body to standard output.
//
//   node node_client.js URL CA VERSION

"use strict";
const fs = require("node:fs");
const https = require("node:https");

const [url, ca, version] = process.argv.slice(2);
const options = {
  ca: fs.readFileSync(ca),
  minVersion: `TLSv${version}`,
  maxVersion: `TLSv${version}`,
  ALPNProtocols: ["http/1.1"],
};

https
  .get(url, options, (response) => {
    if (response.socket.alpnProtocol !== "http/1.1" || response.statusCode !== 200) {
      throw new Error(`${response.statusCode} over ${response.socket.alpnProtocol}`);
    }
    response.pipe(process.stdout);
  })
  .on("error", (error) => {
    throw error;
  });
