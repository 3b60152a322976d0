// Numbers as people read them: the same forms as in the terminal.

import { say } from "./words.js";

const UNITS = [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]];

export function exactBytes(count) {
    return `${count.toLocaleString("en-US")} B`;
}

export function aboutBytes(count) {
    if (count < 100_000) return exactBytes(count);
    const [unit, name] = UNITS.find(([size]) => count >= size);
    return `${(count / unit).toFixed(1)} ${name}`;
}

export function duration(nanoseconds) {
    const [ms, s] = [(nanoseconds / 1e6).toFixed(1), (nanoseconds / 1e9).toFixed(1)];
    if (Number(ms) < 1000) return say("duration.ms", { ms });
    if (Number(s) < 60) return say("duration.s", { s });
    const [seconds, minutes] = [Math.round(nanoseconds / 1e9), Math.round(nanoseconds / 60e9)];
    if (seconds < 3600) return say("duration.min", { min: Math.floor(seconds / 60), s: seconds % 60 });
    return say("duration.h", { h: Math.floor(minutes / 60), min: minutes % 60 });
}

export function rate(bytes, nanoseconds) {
    return nanoseconds > 0 ? `${aboutBytes(Math.round((bytes * 1e9) / nanoseconds))}/s` : "";
}

export function shortDigest(digest) {
    return `${digest.slice(0, 6)}…${digest.slice(-4)}`;
}

export function direction(from) {
    return from === "client" ? "C → S" : "C ← S";
}

// What a conversation speaks: `TLS 1.3`, `HTTP`, `HTTP/2`.
export function protocolName({ version, protocol }) {
    return version?.replace("TLSv", "TLS ") ?? (protocol === "http2" ? "HTTP/2" : protocol.toUpperCase());
}

export function bytesOf(hex) {
    return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.substr(at * 2, 2), 16));
}

export function hexOf(number, width = 2) {
    return number.toString(16).padStart(width, "0");
}

export function printable(byte) {
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

// A time of day in UTC, with the day where `span` nanoseconds reach beyond one.
export function clock(nanoseconds, span = 0) {
    const told = new Date(nanoseconds / 1e6).toISOString();
    return span < 86_400e9 ? told.slice(11, 23) : told.slice(0, 19).replace("T", " ");
}

// Bytes as Wireshark's ASCII: line ends kept, dots for what is no letter.
export function dotted(data) {
    return Array.from(data, (byte) => (byte === 0x0a ? "\n" : printable(byte))).join("");
}
