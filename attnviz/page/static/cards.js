/* The card of a number: what it is, how it is worked out, the table in which it stands, and the code that computes it. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, short} = attnviz, card = document.getElementById("card");
    const digits = value => short(value, lecture.decimals);

    function word(trace, dim, label) {
        const {text, color} = lecture.written(trace, dim, label);
        return element("span", {class: color < 0 ? "word" : `word group-${color % 6}`, dir: "auto"}, text);
    }

    function link(thing, text = lecture.textOf(thing)) {
        return element("button", {type: "button", class: "entry", onclick: () => open(thing)}, text);
    }

    /* The two dimensions of the table in which an entry stands: the last ones that have more than one label. */
    function tableDims(array) {
        const long = array.dims.map((_, dim) => dim).filter(dim => array.sizes[dim] > 1);
        return long.slice(-2);
    }

    function table(thing) {
        const array = lecture.arrays[thing.array], index = lecture.indexOf(thing);
        const dims = tableDims(array);
        if (!dims.length) return null;
        const [down, across] = dims.length === 2 ? dims : [null, dims[0]];
        const at = (row, column) => {
            const place = [...index];
            if (down !== null) place[down] = row;
            place[across] = column;
            return lecture.entryAt(array, place);
        };
        const rows = down === null ? [null] : array.labels[down].map((_, row) => row);
        const columns = array.labels[across].map((_, column) => column);
        const values = rows.flatMap(row => columns.map(column => array.values[at(row, column)])).filter(Number.isFinite);
        const most = Math.max(...values.map(Math.abs), 1e-12);
        const cell = (row, column) => {
            const entry = at(row, column), value = array.values[entry];
            const share = Number.isFinite(value) ? Math.round(Math.min(1, Math.abs(value) / most) * 10) : 0;
            const lit = entry === thing.entry;
            return element("td", {class: `heat-${share}${lit ? " lit" : ""}`, "aria-current": lit ? "true" : null},
                element("button", {type: "button", tabindex: -1, onclick: () => open(lecture.entry(array.id, entry))}, digits(value)));
        };
        const heads = columns.map(column => element("th", {scope: "col"}, word(array.trace, array.dims[across], array.labels[across][column])));
        const made = element("table", {},
            element("thead", {}, element("tr", {}, down === null ? null : element("td", {}), heads)),
            element("tbody", {}, rows.map(row => element("tr", {},
                row === null ? null : element("th", {scope: "row"}, word(array.trace, array.dims[down], array.labels[down][row])),
                columns.map(column => cell(row, column))))));
        const left = dims.filter(dim => array.labels[dim].length < array.sizes[dim])
            .map(dim => `${array.labels[dim].length} of ${array.sizes[dim]} ${array.dims[dim]}`);
        return element("div", {class: "table"}, made, left.length ? element("p", {class: "note"}, `A window: ${left.join(", ")}.`) : null);
    }

    /* The entries that an operand of a calculation takes: things, with null for those that are not kept. */
    function takenBy([name, ...meant], thing) {
        const array = lecture.arrayOf(thing.trace, name), labels = Object.fromEntries(lecture.labelsOf(thing));
        const places = meant.map((dim, at) => dim === "*" ? array.labels[at].map((_, place) => place) : [array.labels[at].indexOf(labels[dim])]);
        const total = meant.reduce((count, dim, at) => count * (dim === "*" ? array.sizes[at] : 1), 1);
        const all = places.reduce((found, own) => found.flatMap(index => own.map(place => [...index, place])), [[]]);
        const things = all.map(index => lecture.entryAt(array, index)).filter(entry => entry !== undefined)
            .map(entry => lecture.entry(array.id, entry)).filter(each => lecture.valueOf(each) !== null);
        return {things, total: array.sizes.length && total > all.length ? total : things.length};
    }

    const TERMS = 6;
    const joined = (parts, sign) => parts.flatMap((part, at) => at ? [` ${sign} `, part] : [part]);
    const sumOf = (terms, total) => total > Math.min(TERMS, terms.length)
        ? [...joined(terms.slice(0, TERMS), "+"), ` + … (${total} terms)`] : joined(terms, "+");
    const power = thing => element("span", {}, "e", element("sup", {}, link(thing)));
    const pairs = (one, other) => one.things.map((thing, at) => [link(thing), " · ", link(other.things[at])]).filter((_, at) => other.things[at]);
    const squares = taken => sumOf(taken.things.map(thing => [link(thing), "²"]), taken.total);
    const WRITTEN = {
        "is": one => [link(one.things[0])],
        "exp": one => [power(one.things[0])],
        "sum": one => sumOf(one.things.map(thing => link(thing)), one.total),
        "max": one => ["the largest of ", ...joined(one.things.slice(0, 12).map(thing => link(thing)), ",")],
        "norm": one => ["√(", squares(one), ")"],
        "ratio": (one, other) => [link(one.things[0]), " / ", link(other.things[0])],
        "difference": (one, other) => [link(one.things[0]), " − ", link(other.things[0])],
        "product": (one, other) => [link(one.things[0]), " · ", link(other.things[0])],
        "dot": (one, other) => sumOf(pairs(one, other), one.total),
        "scaled": (one, other) => ["(", sumOf(pairs(one, other), one.total), `) / √${one.total}`],
        "over both": (one, two, three) => [link(one.things[0]), " / (", link(two.things[0]), " · ", link(three.things[0]), ")"],
        "cosine": (one, other) => ["(", sumOf(pairs(one, other), one.total), ") / (√(", squares(one), ") · √(", squares(other), "))"],
        "arccos": one => ["arccos ", link(one.things[0])],
        "determinant": one => [link(one.things[0]), " · ", link(one.things[3]), " − ", link(one.things[1]), " · ", link(one.things[2])],
        "softmax": (one, row) => [power(one.things[0]), " / (", sumOf(row.things.map(power), row.total), ")"],
    };

    function workedOut(thing) {
        const {working} = lecture.arrays[thing.array];
        if (!working) return null;
        const [kind, ...operands] = working;
        return element("span", {class: "worked"}, "= ", WRITTEN[kind](...operands.map(operand => takenBy(operand, thing))));
    }

    function rowsFor(thing) {
        const trace = lecture.traces[thing.trace], rows = [];
        if (thing.array >= 0) {
            const array = lecture.arrays[thing.array], sizes = array.sizes.filter(size => size > 1);
            rows.push(["array", [element("code", {}, array.name), sizes.length ? `, ${sizes.join(" × ")}` : null]]);
            const dims = tableDims(array), names = dims.length === 2 ? ["row", "column"] : ["entry"];
            lecture.labelsOf(thing).forEach(([dim, label], at) => {
                if (array.sizes[at] === 1 && !["layer", "head"].includes(dim)) return;
                const place = dims.indexOf(at);
                rows.push([place < 0 ? dim : names[place], [word(thing.trace, dim, label), place < 0 ? null : ` (${dim})`]]);
            });
            rows.push(["value", element("span", {class: "value"}, String(lecture.valueOf(thing)))]);
            rows.push(["formula", [element("span", {dir: "auto"}, array.formula), workedOut(thing)]]);
        } else {
            rows.push(["value", element("span", {class: "value"}, String(lecture.valueOf(thing)))]);
            rows.push([lecture.kindOf(thing) === "derived" ? "formula" : "what", element("span", {dir: "auto"}, thing.formula)]);
        }
        if (trace) {
            rows.push(["sentence", element("span", {dir: "auto"}, trace.sentence ?? "")]);
            rows.push(["model", [trace.model ?? "", trace.fingerprint ? `, ${trace.fingerprint}` : null]]);
        }
        return rows;
    }

    function open(thing) {
        const number = element("h2", {id: "card-number"}, lecture.textOf(thing));
        const meaning = thing.array >= 0 ? element("p", {class: "meaning"}, lecture.arrays[thing.array].meaning) : null;
        const close = element("button", {type: "button", class: "close", "aria-label": "Close the card", onclick: shut}, "×");
        card.replaceChildren(
            close,
            element("div", {class: "top"}, element("div", {}, number, meaning), thing.array >= 0 ? table(thing) : null),
            element("dl", {}, rowsFor(thing).map(([name, what]) => [element("dt", {}, name), element("dd", {}, what)])),
        );
        card.hidden = false;
        page.opened = thing;
        document.dispatchEvent(new CustomEvent("card", {detail: thing}));
        page.tell(`${lecture.textOf(thing)}: ${lecture.kindOf(thing)}`);
    }

    function shut() {
        card.hidden = true;
        page.opened = null;
        document.dispatchEvent(new CustomEvent("card", {detail: null}));
    }

    page.openCard = open;
    page.shutCard = shut;
});
