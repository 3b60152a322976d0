// The table of a report, sorted and filtered as the server does it (web/model/rows.py).

const NUMBERS = ["conversation", "lasted", "client_bytes", "server_bytes", "problems"];

export function select(rows, { offset = 0, limit = 200, sort = "notable", text = "", number, down } = {}) {
    const wanted = text.toLowerCase();
    const found = rows.filter((row) => (!wanted || searched(row).includes(wanted)) && (number === undefined || row.conversation === Number(number)));
    found.sort(sort === "notable" ? byNote : NUMBERS.includes(sort) ? byNumber(sort) : byText(sort));
    if (down !== undefined) found.reverse();
    const from = Number(offset);
    return { total: rows.length, matching: found.length, offset: from, rows: found.slice(from, from + Number(limit)) };
}

export function isOdd(row) {
    return Boolean(row.problems || row.alert || row.missing_bytes);
}

function searched(row) {
    const texts = [row.client, row.server, row.protocol, row.version, row.sni, row.cipher_suite, row.exchange?.path];
    return texts.filter(Boolean).join(" ").toLowerCase();
}

function size(row) {
    return row.client_bytes + row.server_bytes;
}

function byNote(one, other) {
    return Number(isOdd(other)) - Number(isOdd(one)) || size(other) - size(one);
}

function byNumber(name) {
    return (one, other) => (one[name] ?? 0) - (other[name] ?? 0);
}

function byText(name) {
    return (one, other) => String(one[name] ?? "").localeCompare(String(other[name] ?? ""));
}
