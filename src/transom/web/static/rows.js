// The table of a report, sorted and filtered as the server does it (web/model/table.py), from the same columns.

const SEARCHED = ["client", "server", "protocol", "version", "sni", "cipher_suite"];
const SLICE = 200;

export function isOdd(row) {
    return Boolean(row.problems || row.alert || row.missing_bytes);
}

export class PackedTable {
    constructor({ numbers, coded }) {
        this.numbers = mapped(numbers, numbersOf);
        this.coded = mapped(coded, ({ values, codes }) => ({ values, codes: numbersOf(codes) }));
        this.length = this.numbers.conversation.length;
    }

    select({ offset = 0, limit = SLICE, sort = "notable", text = "", number, down } = {}) {
        let found = number === undefined ? this.matching(text, sort) : this.one(Number(number));
        if (down !== undefined) found = [...found].reverse();
        const from = Number(offset);
        const rows = found.slice(from, from + Number(limit)).map((place) => this.row(place));
        return { total: this.length, matching: found.length, offset: from, rows };
    }

    row(place) {
        const row = mapped(this.numbers, (column) => column[place]);
        return Object.assign(row, mapped(this.coded, ({ values, codes }) => values[codes[place]]));
    }

    one(number) {
        const place = this.numbers.conversation.indexOf(number);
        return place < 0 ? [] : [place];
    }

    matching(text, sort) {
        const name = JSON.stringify([text, sort]);
        if (this.last?.name === name) return this.last.found;
        const wanted = text.toLowerCase();
        const lines = wanted ? (this.lines ??= this.searched()) : null;
        const found = lines ? this.order(sort).filter((place) => lines[place].includes(wanted)) : this.order(sort);
        this.last = { name, found };
        return found;
    }

    searched() {
        return Array.from({ length: this.length }, (_, place) => {
            const texts = SEARCHED.map((name) => this.at(name, place));
            return [...texts, this.at("exchange", place)?.path].map((text) => text ?? "").join(" ").toLowerCase();
        });
    }

    at(name, place) {
        const column = this.coded[name];
        return column?.values[column.codes[place]];
    }

    order(sort) {
        this.orders ??= new Map();
        if (!this.orders.has(sort)) {
            const places = Array.from({ length: this.length }, (_, place) => place);
            this.orders.set(sort, places.sort(this.by(sort)));
        }
        return this.orders.get(sort);
    }

    by(sort) {
        if (sort === "notable") return this.byNote();
        const column = this.numbers[sort];
        if (column) return (one, other) => column[one] - column[other];
        return (one, other) => compare(String(this.at(sort, one) ?? ""), String(this.at(sort, other) ?? ""));
    }

    byNote() {
        const { client_bytes: sent, server_bytes: received, problems, missing_bytes: missing } = this.numbers;
        const odd = (place) => isOdd({ problems: problems[place], missing_bytes: missing[place], alert: this.at("alert", place) });
        const size = (place) => sent[place] + received[place];
        return (one, other) => Number(odd(other)) - Number(odd(one)) || size(other) - size(one);
    }
}

function numbersOf(joined) {
    return joined ? joined.split(",").map(Number) : [];
}

function mapped(columns, change) {
    return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, change(column)]));
}

function compare(one, other) {
    return one < other ? -1 : Number(one > other);
}
