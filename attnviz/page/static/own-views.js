/* What is seen of a sentence that was computed in this page: its words with arcs, its table, and the words that may come. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const GUESSES = 8;
    const RARE = 0.001; // what is less likely is not listed
    const LEVELS = 25; // of brightness: see heat.css
    const NONE = 0.005; // of a weight: too little for an arc
    const THICKEST = 14; // pixels

    const scroll = (...inside) => attnviz.element("div", {class: "own-scroll"}, inside);
    const svg = name => document.createElementNS("http://www.w3.org/2000/svg", name);

    /* Put elements in the place of others, and leave wide ones where they were scrolled to. */
    function replace(home, ...made) {
        const before = home.querySelector(".own-scroll")?.scrollLeft ?? 0;
        home.replaceChildren(...made.filter(Boolean));
        const scrolled = home.querySelector(".own-scroll");
        if (scrolled) scrolled.scrollLeft = before;
    }

    /* Scroll a wide thing sideways until something in it is seen. */
    function bringIntoSight(home, inside) {
        const scrolled = home.querySelector(".own-scroll"), [own, frame] = [inside, scrolled].map(each => each.getBoundingClientRect());
        const head = scrolled.querySelector("tbody th")?.offsetWidth ?? 0; // it stays at the left edge
        if (own.left < frame.left + head || own.right > frame.right) scrolled.scrollLeft += own.right - frame.left - frame.width * 0.7;
    }

    /* The words in a row, each with its share; a blackboard's words can be taken off the board. */
    function showWords(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace} = state;
        const focused = parts.arcs.contains(document.activeElement) && document.activeElement.dataset.row;
        const words = trace.labels.key.map((key, column) => element("button", {
            type: "button", "data-row": 0, "data-column": column, "aria-pressed": String(key === state.query), onclick: () => panel.ask(key),
        }, attnviz.ownWord(trace, "key", key), share(panel, key)));
        const row = element("div", {class: words.length < 5 ? "own-words few" : "own-words", role: "group", "aria-label": "The word that looks"}, words);
        rove(row, 0, trace.labels.key.indexOf(state.query));
        const drawing = svg("svg");
        drawing.setAttribute("aria-hidden", "true");
        const title = element("p", {class: "own-title"}, "Where ", element("b", {}, attnviz.ownWord(trace, "query", state.query)), " looks");
        replace(parts.arcs, title, scroll(drawing, row), onTheBoard(panel));
        const asked = parts.arcs.querySelector("[aria-pressed=true]");
        if (focused) asked.focus();
        bringIntoSight(parts.arcs, asked);
        drawArcs(panel);
    }

    function share(panel, key) {
        const value = panel.weight(key);
        return attnviz.element("span", {class: `share ${heat("weights", value)}`}, attnviz.asShown(panel.state.trace, value));
    }

    function onTheBoard(panel) {
        const {element} = attnviz, {model, all, trace} = panel.state, on = trace.labels.token;
        if (model.kind !== "blackboard" || all.length < 2) return null;
        const toggle = (label, id) => {
            panel.readAgain({words: on.includes(label) ? on.filter(each => each !== label) : [...on, label]});
            document.getElementById(id)?.focus();
        };
        return element("fieldset", {class: "own-board"}, element("legend", {}, "on the board"), all.map(({label}, at) => {
            const id = `own-choice-board-${at}`, last = on.length === 1 && on[0] === label;
            const box = {type: "checkbox", id, checked: on.includes(label), disabled: last, onchange: () => toggle(label, id)};
            return element("span", {}, element("input", box), element("label", {for: id, dir: "auto"}, trace.written.get(label)));
        }));
    }

    /* Arcs from the word to those that it looks at, as thick as their weights. */
    function drawArcs({state, parts, weight}) {
        const drawing = parts.arcs.querySelector("svg");
        if (!drawing) return;
        const words = [...parts.arcs.querySelectorAll(".own-words button")];
        const middle = word => word.offsetLeft + word.offsetWidth / 2;
        const from = middle(words[state.trace.labels.key.indexOf(state.query)]);
        const steep = Math.min(0.35, 120 / Math.max(1, ...words.map(word => Math.abs(middle(word) - from))));
        const reach = to => (to === from ? 70 : 40 + steep * Math.abs(to - from));
        const seen = words.map((word, at) => ({to: middle(word), size: Math.min(1, Math.abs(weight(state.trace.labels.key[at])))}))
            .filter(({size}) => size >= NONE).sort((one, other) => one.size - other.size);
        const height = Math.max(0, ...seen.map(({to}) => reach(to))) * 0.75 + THICKEST;
        drawing.setAttribute("width", Math.max(...words.map(word => word.offsetLeft + word.offsetWidth)));
        drawing.setAttribute("height", height);
        drawing.replaceChildren(...seen.map(({to, size}) => {
            const path = svg("path"), up = height - reach(to);
            const [left, right, wide] = to === from ? [from - 14, from + 14, 24] : [from, to, 0];
            path.setAttribute("d", `M${left} ${height} C${left - wide} ${up} ${right + wide} ${up} ${right} ${height}`);
            path.style.strokeWidth = Math.max(1.5, THICKEST * size);
            path.style.opacity = 0.3 + 0.7 * size;
            return path;
        }));
    }

    /* The classes of a cell: as bright as in films, on one scale for all tables; a negative number's is hollow. */
    function heat(name, value) {
        if (value === -Infinity || Number.isNaN(value)) return "masked";
        const kind = name === "weights" ? "weight" : "size", size = Math.abs(value);
        const bright = kind === "weight" ? Math.min(1, size) : size <= 1 ? 0.8 * size : 1 - 0.2 / size;
        const zero = attnviz.attention.shown(value, 2) === 0 ? " zero" : "";
        return value < 0 && !zero ? `${kind}-0 heat hollow` : `${kind}-${Math.round(bright * LEVELS)} heat${zero}`;
    }

    function showTable(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace} = state, {query: queries, key: keys} = trace.labels, {name, title} = panel.table();
        const cell = (query, key, row, column) => {
            const at = panel.place(key, query), value = trace.at(name, at), shown = attnviz.asShown(trace, value);
            return element("td", {}, element("button", {
                type: "button", "data-row": row, "data-column": column, class: heat(name, value), onclick: () => panel.point(name, at),
                "aria-label": `${trace.written.get(query)}, ${trace.written.get(key)}: ${shown}`,
            }, shown));
        };
        const heads = keys.map(key => element("th", {scope: "col"}, attnviz.ownWord(trace, "key", key)));
        const rows = queries.map((query, row) => element("tr", {class: query === state.query ? "asked" : null},
            element("th", {scope: "row"}, attnviz.ownWord(trace, "query", query)), keys.map((key, column) => cell(query, key, row, column))));
        const size = keys.length > 10 ? "many" : keys.length < 5 ? "few" : null;
        const told = element("p", {class: "own-title", id: "own-table-title"}, `${title}${where(state)}: rows look at columns`);
        const made = element("table", {class: size, "aria-labelledby": told.id},
            element("thead", {}, element("tr", {}, element("td", {}), heads)), element("tbody", {}, rows));
        replace(parts.table, told, scroll(made));
        rove(made, Math.max(0, queries.indexOf(state.lit.place.query)), Math.max(0, keys.indexOf(state.lit.place.key)));
        light(panel);
    }

    function where({model, layer, head}) {
        if (model.labels.layer) return `, layer ${layer}, head ${head}`;
        return model.heads.length ? `, head ${head}` : "";
    }

    /* Light the cell whose card is open. */
    function light({state, parts}) {
        const {name, place} = state.lit, {query, key} = state.trace.labels;
        for (const button of parts.table.querySelectorAll("td button")) {
            const {row, column} = button.dataset;
            const lit = name === state.table && query[row] === place.query && key[column] === place.key;
            if (lit) button.setAttribute("aria-current", "true");
            else button.removeAttribute("aria-current");
            if (lit) bringIntoSight(parts.table, button);
        }
    }

    /* The likeliest words after the one that is asked about or, in an encoder, in its place. */
    function showGuesses(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace, query} = state;
        if (!trace.arrays.probabilities) return parts.guesses.replaceChildren();
        const likely = vocabulary => trace.at("probabilities", {token: query, vocabulary});
        const ranked = [...trace.labels.vocabulary].sort((one, other) => likely(other) - likely(one));
        const row = word => {
            const bar = element("span", {class: "bar"});
            bar.style.width = `${100 * likely(word)}%`;
            return element("li", {}, element("button", {type: "button", onclick: () => panel.point("probabilities", {token: query, vocabulary: word})},
                element("span", {class: "word", dir: "auto"}, word), element("span", {class: "track"}, bar),
                element("span", {class: "percent"}, `${(100 * likely(word)).toFixed(1)} %`)));
        };
        const before = trace.tokens.slice(0, trace.labels.token.indexOf(query) + 1).map(token => token.word).join(" ");
        const title = state.model.config.architecture === "decoder"
            ? ["What comes after ", element("b", {dir: "auto"}, before)] : ["In the place of ", element("b", {}, attnviz.ownWord(trace, "token", query))];
        const best = ranked.slice(0, GUESSES).filter((word, at) => at === 0 || likely(word) >= RARE);
        parts.guesses.replaceChildren(element("p", {class: "own-title"}, title), element("ol", {}, best.map(row)));
    }

    /* Arrow keys go from one button to the next: one of them alone, at first that of a row and column, is reached by Tab. */
    function rove(home, firstRow, firstColumn) {
        const buttons = new Map([...home.querySelectorAll("button[data-row]")].map(each => [`${each.dataset.row} ${each.dataset.column}`, each]));
        const enter = chosen => buttons.forEach(button => { button.tabIndex = button === chosen ? 0 : -1; });
        enter(buttons.get(`${firstRow} ${firstColumn}`));
        home.addEventListener("focusin", event => enter(event.target));
        home.addEventListener("keydown", event => {
            const step = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
            const {row, column} = event.target.dataset;
            const next = step && buttons.get(`${Number(row) + step[0]} ${Number(column) + step[1]}`);
            if (!next) return;
            event.preventDefault();
            next.focus();
        });
    }

    attnviz.ownViews = {showWords, showTable, showGuesses, drawArcs, light};
})();
