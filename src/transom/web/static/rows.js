// The table of a report, sorted and filtered as the server does it (web/model/table.py), from the same columns.

const SEARCHED = ["client", "server", "protocol", "version", "sni", "cipher_suite"];
const SLICE = 200;

export function isOdd(row) {
    return Boolean(row.problems || row.alert || row.missing_bytes);
}

export class PackedTable {
    constructor({ numbers, coded }) {
        this.numbers = mapped(numbers, numbersOf);
        this.starts = numbers.start;
        this.coded = mapped(coded, ({ values, codes }) => ({ values, codes: numbersOf(codes) }));
        this.length = this.numbers.conversation.length;
    }

    select({ offset = 0, limit = SLICE, sort = "notable", text = "", since, until, number, down, boxes } = {}) {
        let found = number === undefined ? this.matching(text, sort, since, until) : this.one(Number(number));
        if (down !== undefined) found = [...found].reverse();
        const from = Number(offset);
        const rows = found.slice(from, from + Number(limit)).map((place) => this.row(place));
        const times = boxes === undefined ? null : this.times(this.matching(text, sort), Number(boxes));
        return { total: this.length, matching: found.length, offset: from, rows, times };
    }

    row(place) {
        const row = mapped(this.numbers, (column) => column[place]);
        return Object.assign(row, mapped(this.coded, ({ values, codes }) => values[codes[place]]));
    }

    one(number) {
        const place = this.numbers.conversation.indexOf(number);
        return place < 0 ? [] : [place];
    }

    matching(text, sort, since = 0, until = Infinity) {
        const name = JSON.stringify([text, sort, since, until]);
        if (this.last?.name === name) return this.last.found;
        const wanted = text.toLowerCase();
        const lines = wanted ? (this.lines ??= this.searched()) : null;
        let found = lines ? this.order(sort).filter((place) => lines[place].includes(wanted)) : this.order(sort);
        if (since || until !== Infinity) {
            const { began } = this.clock;
            found = found.filter((place) => began[place] >= since && began[place] < until);
        }
        this.last = { name, found };
        return found;
    }

    // When each began, in nanoseconds after the first: what they say by themselves is more than a number here can hold.
    get clock() {
        if (!this.known) {
            const starts = this.starts ? this.starts.split(",").map(BigInt) : [];
            const first = starts.reduce((least, start) => (start && (!least || start < least) ? start : least), 0n);
            this.known = { first: Number(first), began: starts.map((start) => Math.max(Number(start - first), 0)) };
        }
        return this.known;
    }

    times(shown, count) {
        const { first, began } = this.clock;
        const width = Math.floor(began.reduce((one, other) => Math.max(one, other), 0) / count) + 1;
        const [boxes, odd] = [new Array(count).fill(0), new Array(count).fill(0)];
        for (const place of shown) {
            const box = Math.floor(began[place] / width);
            boxes[box] += 1;
            odd[box] += this.isOdd(place);
        }
        return { first, width, boxes, odd };
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
        const { client_bytes: sent, server_bytes: received } = this.numbers;
        const size = (place) => sent[place] + received[place];
        return (one, other) => Number(this.isOdd(other)) - Number(this.isOdd(one)) || size(other) - size(one);
    }

    isOdd(place) {
        const { problems, missing_bytes: missing } = this.numbers;
        return isOdd({ problems: problems[place], missing_bytes: missing[place], alert: this.at("alert", place) });
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
