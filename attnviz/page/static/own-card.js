/* The card of a number that the page has computed: the same receipt as those of the film's numbers have. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const TERMS = 6; // of a long sum so many are written out

    /* Return a number with the decimals of the lecture, as tables show it. */
    attnviz.asShown = (trace, value) => {
        if (Number.isNaN(value)) return "?";
        if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
        return attnviz.attention.shown(value, trace.model.decimals).toFixed(trace.model.decimals).replace("-", "−");
    };

    /* Return the elements that fill the card of an entry: `place` has a label for each dimension of the array.
       `open(name, place)` opens the card of another entry. */
    attnviz.ownCard = (trace, name, place, open) => {
        const {element} = attnviz, array = trace.arrays[name], value = trace.at(name, place);
        const link = (other, at) => {
            const text = attnviz.asShown(trace, trace.at(other, at));
            const named = `${other}[${trace.arrays[other].dims.map(dim => at[dim]).join(", ")}]`;
            return element("button", {type: "button", class: "entry", title: named, onclick: () => open(other, at)}, text);
        };
        const worked = workedOut(trace, name, place, link);
        const sizes = array.shape.filter(size => size > 1);
        const named = array.dims.filter((dim, axis) => array.shape[axis] > 1 || dim !== "head");
        const rows = [
            ["array", [element("code", {}, name), sizes.length ? `, ${sizes.join(" × ")}` : null]],
            ...named.map(dim => [ROWS[dim] ?? dim, [attnviz.ownWord(trace, dim, place[dim]), ROWS[dim] ? ` (${dim})` : null]]),
            ["value", element("span", {class: "value"}, String(value).replace("-Infinity", "−∞"))],
            ["formula", [array.formula, worked ? element("span", {class: "worked"}, "= ", worked) : null]],
            ["sentence", element("span", {dir: "auto"}, trace.sentence)],
            ["model", `${trace.model.name}, ${trace.fingerprint}`],
        ];
        return [
            element("h3", {class: "own-number", tabindex: -1}, attnviz.asShown(trace, value)),
            element("p", {class: "meaning"}, inWords(trace, name, place)),
            element("dl", {}, rows.map(([what, told]) => [element("dt", {}, what), element("dd", {}, told)])),
            copying(trace, name, place, value),
        ];
    };

    const ROWS = {query: "row", key: "column"};

    /* A word as it is written, in the colour of its group, if the model has groups. */
    attnviz.ownWord = (trace, dim, label) => {
        const counted = ["token", "query", "key"].includes(dim), text = counted ? trace.written.get(label) : label;
        const token = counted && trace.tokens.find(each => each.label === label);
        const colour = token ? trace.model.colours?.[token.number] ?? -1 : -1;
        return attnviz.element("span", {class: colour < 0 ? "word" : `word group-${colour % 6}`, dir: "auto"}, text);
    };

    function inWords(trace, name, place) {
        const word = dim => attnviz.ownWord(trace, dim, place[dim]);
        if (name === "weights") return ["how much ", word("query"), " looks at ", place.query === place.key ? "itself" : word("key")];
        if (name === "probabilities") {
            const next = trace.model.config.architecture === "decoder";
            return ["how likely ", word("vocabulary"), next ? " is after " : " is in the place of ", word("token")];
        }
        return trace.arrays[name].meaning;
    }

    /* Return how an entry follows from others, each a link to its card; null where it is given, or long to tell. */
    function workedOut(trace, name, place, link) {
        const {element} = attnviz, {model, labels} = trace;
        const power = (other, at) => element("span", {}, "e", element("sup", {}, link(other, at)));
        const row = make => sumOf(labels.key.map(key => make({...place, key})));
        const size = own => own.filter(index => !Number.isNaN(trace.at("queries", {...place, token: place.query, d_head: index})));
        const board = model.kind === "blackboard";
        const norm = dim => { // of a query or a key: without heads that is the word's own
            if (!model.heads.length) return link("norm", {token: place[dim]});
            const name = dim === "query" ? "queries" : "keys";
            const numbers = size(labels.d_head).map(d_head => trace.at(name, {...place, token: place[dim], d_head}));
            return attnviz.asShown(trace, Math.hypot(...numbers));
        };
        const written = {
            weights: () => {
                if (model.weights === "scores") return link("scores", place);
                const above = model.weights === "normalised" ? "scores" : "score_exponentials";
                return [link(above, place), " / ", link("score_sum", place)];
            },
            score_exponentials: () => power("scores", place),
            score_sum: () => row(at => link(model.weights === "normalised" ? "scores" : "score_exponentials", at)),
            scores: () => {
                if (trace.at("scores", place) === -Infinity) return [attnviz.ownWord(trace, "key", place.key), " comes later: the mask hides it"];
                if (model.similarity === "cosine") return [link("query_key_dot", place), " / (", norm("query"), " · ", norm("key"), ")"];
                const scaled = !board || model.similarity === "scaled_dot";
                return [link("query_key_dot", place), scaled ? ` / √${size(labels.d_head).length}` : null];
            },
            query_key_dot: () => sumOf(size(labels.d_head).map(d_head => [
                link("queries", {...place, token: place.query, d_head}), " · ", link("keys", {...place, token: place.key, d_head}),
            ])),
            probabilities: () => [power("logits", place), " / (the sum of this over all ", String(labels.vocabulary.length), " words)"],
        };
        return written[name]?.() ?? null;
    }

    function sumOf(terms) {
        const parts = terms.slice(0, TERMS).flatMap((term, at) => (at ? [" + ", term] : [term]));
        return terms.length > TERMS ? [...parts, ` + … (${terms.length} terms)`] : parts;
    }

    /* Buttons that copy the receipt, and the code that computes the number with attnviz. */
    function copying(trace, name, place, value) {
        const receipt = {
            array: name, coords: place, value: Number.isFinite(value) ? value : String(value), formula: trace.arrays[name].formula,
            sentence: trace.sentence, model: trace.model.name, fingerprint: trace.fingerprint,
        };
        return attnviz.element("p", {class: "own-copy"},
            attnviz.copyButton("Copy as code", () => code(trace, name, place)),
            attnviz.copyButton("Copy as JSON", () => JSON.stringify(receipt, null, 2)));
    }

    /* JSON writes texts as Python reads them. */
    function code(trace, name, place) {
        const {model} = trace;
        const options = [`model=${JSON.stringify(model.opens ?? model.name)}`];
        if (trace.words) options.push(`words=${JSON.stringify(trace.words.join(","))}`);
        if (model.kind === "blackboard") options.push(`carry=${JSON.stringify(trace.carry)}`, `decimals=${model.decimals}`);
        const labels = trace.arrays[name].dims.map(dim => `${dim}=${JSON.stringify(place[dim])}`);
        return [
            "from attnviz import trace",
            "",
            `found = trace(${JSON.stringify(trace.sentence)}, ${options.join(", ")})`,
            `number = found[${JSON.stringify(name)}].sel(${labels.join(", ")})`,
            "print(float(number))",
        ].join("\n");
    }

    attnviz.ownCode = code;
})();
