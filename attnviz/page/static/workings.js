/* The parts of a card: the formula written out with numbers, the table, and the code. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, short} = attnviz, TERMS = 6;
    const digits = value => short(value, lecture.decimals);

    /* An entry as a link to its own card. */
    function link(thing, text = digits(lecture.valueOf(thing))) {
        return element("button", {
            type: "button", class: "entry", title: lecture.nameOf(thing),
            onclick: () => page.openCard(thing, {from: page.opened}),
        }, text);
    }

    /* The entries that an operand of a calculation takes of its array, as far as they are kept, and how many there are. */
    function taken([name, ...meant], thing) {
        const array = lecture.arrayOf(thing.trace, name), labels = Object.fromEntries(lecture.labelsOf(thing));
        const places = meant.map((dim, at) => dim === "*" ? array.labels[at].map((_, place) => place) : [array.labels[at].indexOf(labels[dim])]);
        const kept = places.reduce((found, own) => found.flatMap(index => own.map(place => [...index, place])), [[]])
            .map(index => lecture.entryAt(array, index)).filter(entry => entry !== undefined)
            .map(entry => lecture.entry(array.id, entry));
        const padding = kept.filter(each => lecture.valueOf(each) === null).length;
        const count = meant.reduce((product, dim, at) => product * (dim === "*" ? array.sizes[at] : 1), 1);
        return {things: kept.filter(each => lecture.valueOf(each) !== null), count: count - padding};
    }

    const joined = (parts, sign) => parts.flatMap((part, at) => at ? [sign, part] : [part]);
    const sum = (terms, count) => [joined(terms.slice(0, TERMS), " + "), count > TERMS ? ` + … (${count} terms)` : ""];
    const power = thing => element("span", {}, "e", element("sup", {}, link(thing)));
    const pairs = (one, other) => sum(one.things.slice(0, other.things.length).map((thing, at) => [link(thing), " · ", link(other.things[at])]), one.count);
    const squares = all => sum(all.things.map(thing => [link(thing), "²"]), all.count);
    const of = (all, at = 0) => link(all.things[at]);
    const WRITTEN = { // by the kinds of attnviz/page/workings.py
        is: one => of(one),
        exp: one => power(one.things[0]),
        sum: one => sum(one.things.map(thing => link(thing)), one.count),
        max: one => ["the largest of ", joined(one.things.slice(0, 2 * TERMS).map(thing => link(thing)), ", ")],
        norm: one => ["√(", squares(one), ")"],
        ratio: (one, other) => [of(one), " / ", of(other)],
        difference: (one, other) => [of(one), " − ", of(other)],
        product: (one, other) => [of(one), " · ", of(other)],
        dot: (one, other) => pairs(one, other),
        scaled: (one, other) => ["(", pairs(one, other), `) / √${one.count}`],
        "over both": (one, two, three) => [of(one), " / (", of(two), " · ", of(three), ")"],
        cosine: (one, other) => ["(", pairs(one, other), ") / (√(", squares(one), ") · √(", squares(other), "))"],
        angle: (one, other) => ["arccos ( (", pairs(one, other), ") / (√(", squares(one), ") · √(", squares(other), ")) )"],
        arccos: one => ["arccos ", of(one)],
        determinant: one => [of(one, 0), " · ", of(one, 3), " − ", of(one, 1), " · ", of(one, 2)],
        softmax: (one, row) => [power(one.things[0]), " / (", sum(row.things.map(power), row.count), ")"],
    };

    const [dot, total] = [(a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0), a => a.reduce((sum, value) => sum + value, 0)];
    const RESULT = { // what each of them gives, with numbers
        is: a => a[0], exp: a => Math.exp(a[0]), sum: total, max: a => Math.max(...a), norm: a => Math.sqrt(dot(a, a)),
        ratio: (a, b) => a[0] / b[0], difference: (a, b) => a[0] - b[0], product: (a, b) => a[0] * b[0], dot,
        scaled: (a, b) => dot(a, b) / Math.sqrt(a.length), "over both": (a, b, c) => a[0] / (b[0] * c[0]),
        cosine: (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), arccos: a => Math.acos(a[0]) * 180 / Math.PI,
        angle: (a, b) => Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) * 180 / Math.PI,
        determinant: a => a[0] * a[3] - a[1] * a[2], softmax: (a, b) => Math.exp(a[0]) / total(b.map(Math.exp)),
    };

    /* "=" if the digits that are written give those of the result, else "≈", as in the films. */
    function signOf(kind, operands, thing) {
        if (operands.some(({count, things}) => count > Math.min(TERMS, things.length) && kind !== "max")) return "≈";
        const shown = each => Number(digits(lecture.valueOf(each)).replace("−", "-").replace("∞", "Infinity"));
        return Math.abs(RESULT[kind](...operands.map(({things}) => things.map(shown))) - shown(thing)) < 1e-9 ? "=" : "≈";
    }

    /* The formula of an entry, and what it is with the numbers that it is worked out from. */
    function ofEntry(thing) {
        const {formula, working} = lecture.arrays[thing.array], value = lecture.valueOf(thing);
        const told = element("span", {dir: "auto"}, formula);
        if (!working || typeof value !== "number") return told;
        const [kind, ...operands] = working;
        const found = operands.map(operand => taken(operand, thing));
        return [told, element("span", {class: "worked"}, `${signOf(kind, found, thing)} `, WRITTEN[kind](...found))];
    }

    /* A derived number's formula, in which every entry that it names is a link. */
    function ofDerived(thing) {
        const parts = [];
        let end = 0;
        for (const [from, to, array, entry] of thing.inputs) {
            const input = lecture.entry(array, entry);
            parts.push(thing.formula.slice(end, from), link(input, thing.formula.slice(from, to)));
            end = to;
        }
        parts.push(thing.formula.slice(end));
        if (!thing.inputs.length) return element("span", {dir: "auto"}, parts);
        const numbers = [];
        end = 0;
        for (const [from, to, array, entry] of thing.inputs) {
            numbers.push(thing.formula.slice(end, from), digits(lecture.valueOf(lecture.entry(array, entry))));
            end = to;
        }
        return [element("span", {dir: "auto"}, parts), element("span", {class: "worked"}, numbers, thing.formula.slice(end))];
    }

    /* The dimensions that lie down and across the table of an array: the last ones that are longer than one entry. */
    function sidesOf(array) {
        const long = array.dims.map((_, dim) => dim).filter(dim => array.sizes[dim] > 1).slice(-2);
        if (long.length < 2) return {down: null, across: long[0] ?? null};
        const [down, across] = lecture.convention === "column" ? long.reverse() : long;
        return {down, across};
    }

    /* The table in which an entry stands, with its cell lit; of a large one, a window. */
    function table(thing) {
        const array = lecture.arrays[thing.array], index = lecture.indexOf(thing), {down, across} = sidesOf(array);
        if (across === null) return null;
        const at = (row, column) => lecture.entryAt(array, index.map((place, dim) => dim === down ? row : dim === across ? column : place));
        const places = dim => dim === null ? [0] : array.labels[dim].map((_, place) => place);
        const rows = nearest(places(down), index[down] ?? 0, 8), columns = nearest(places(across), index[across], 8);
        const sizes = rows.flatMap(row => columns.map(column => array.values[at(row, column)])).filter(Number.isFinite).map(Math.abs);
        const most = Math.max(...sizes, 1e-12);
        const head = (dim, place, scope) => element("th", {scope}, page.wordOf(array.trace, array.dims[dim], array.labels[dim][place]));
        const cell = (row, column) => {
            const entry = at(row, column), value = array.values[entry], lit = entry === thing.entry;
            const heat = typeof value === "number" ? Math.round(Math.abs(value) / most * 10) : 0;
            const open = () => lit || page.openCard(lecture.entry(array.id, entry), {from: thing});
            return element("td", {class: `heat-${heat}`}, element("button", {
                type: "button", tabindex: lit ? 0 : -1, "aria-current": lit ? "true" : null, onclick: open, onkeydown: step,
            }, inTable(value)));
        };
        const made = element("table", {},
            element("thead", {}, element("tr", {}, down === null ? "" : element("td"), columns.map(column => head(across, column, "col")))),
            element("tbody", {}, rows.map(row => element("tr", {}, down === null ? "" : head(down, row, "row"), columns.map(column => cell(row, column))))));
        const shown = [[down, rows], [across, columns]].filter(([dim, own]) => dim !== null && own.length < array.sizes[dim])
            .map(([dim, own]) => `${own.length} of ${array.sizes[dim]} ${dim === down ? "rows" : "columns"}`);
        return element("div", {class: "table"}, made, shown.length ? element("p", {class: "note"}, `A window of it: ${shown.join(", ")}.`) : "");
    }

    /* What stands in a cell: of what is nearly nothing, zeros. */
    const inTable = value => typeof value === "number" && !Number.isInteger(value)
        ? value.toFixed(lecture.decimals).replace("-", "−") : digits(value);

    /* At most so many places, around one of them. */
    function nearest(places, place, most) {
        const start = Math.max(0, Math.min(place - Math.floor(most / 2), places.length - most));
        return places.slice(start, start + most);
    }

    /* Go from cell to cell by arrow keys. */
    function step(event) {
        const [right, down] = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]}[event.key] ?? [0, 0];
        if (!right && !down) return;
        const cell = event.target.parentElement, rows = [...cell.closest("tbody").rows];
        const next = rows[cell.parentElement.sectionRowIndex + down]?.cells[cell.cellIndex + right]?.querySelector("button");
        if (!next) return;
        event.preventDefault();
        event.stopPropagation();
        [event.target.tabIndex, next.tabIndex] = [-1, 0];
        next.focus();
    }

    /* Python that prints an entry; what JSON writes as text, Python reads as the same. */
    function lookup(thing) {
        const array = lecture.arrays[thing.array];
        const labels = lecture.labelsOf(thing).map(([dim, label], at) =>
            `${array.coded === array.name ? dim : dim.replace("each_", "")}=${array.whole[at] ? label : JSON.stringify(label)}`);
        return `numbers[${JSON.stringify(array.coded)}]${labels.length ? `.sel(${labels.join(", ")})` : ""}.item()`;
    }

    function code(thing) {
        const inputs = thing.array >= 0 ? [thing] : thing.inputs.map(([,, array, entry]) => lecture.entry(array, entry));
        const traces = new Set(inputs.map(each => each.trace)), call = lecture.traces[inputs[0]?.trace]?.code;
        if (traces.size !== 1 || !call || !inputs.every(each => lecture.arrays[each.array].coded)) return null;
        let told = thing.array >= 0 ? lookup(thing) : "";
        if (thing.array < 0) {
            let end = 0;
            for (const [from, to, array, entry] of thing.inputs) {
                told += arithmetic(thing.formula.slice(end, from)) + lookup(lecture.entry(array, entry));
                end = to;
            }
            told += arithmetic(thing.formula.slice(end));
            if (told.includes("?")) return null;
        }
        return ["from attnviz import trace", "", `numbers = ${call}`, `print(${told})`].join("\n") + "\n";
    }

    /* What stands between the entries of a formula, as Python; "?" if it is more than signs and digits. */
    const arithmetic = text => /^[-+−·/()\s\d.]*$/.test(text) ? text.replaceAll("·", "*").replaceAll("−", "-") : "?";

    attnviz.cardParts = {formula: thing => thing.array >= 0 ? ofEntry(thing) : ofDerived(thing), table, sidesOf, code};
});
