// HTTP/2 over TLS: node_http2_server.js CHAIN KEY. It prints its port as JSON.
//
// /up says how much it was sent; /trailer ends with one; /early has a 103 before it; /reset breaks off half way.
const fs = require("fs");
const http2 = require("http2");

const [chain, key] = process.argv.slice(2);
const server = http2.createSecureServer({ cert: fs.readFileSync(chain), key: fs.readFileSync(key) });

const answers = {
    "/trailer": (stream) => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "11" }));
        stream.write("hello ");
        stream.end("world");
    },
    "/early": (stream) => {
        stream.additionalHeaders({ ":status": 103, link: "</style.css>" });
        stream.respond({ ":status": 200 });
        stream.end("late");
    },
    "/reset": (stream) => {
        stream.respond({ ":status": 200, "content-length": 100 });
        stream.write("half", () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    },
    "/up": (stream) => {
        let got = 0;
        stream.on("data", (piece) => (got += piece.length));
        stream.on("end", () => {
            stream.respond({ ":status": 200 });
            stream.end(`got ${got}`);
        });
    },
};

server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    answers[headers[":path"]](stream);
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
