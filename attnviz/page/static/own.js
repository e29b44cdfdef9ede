/* A reader's own sentence: typed, read, and computed in this page; its table of weights, arcs, next words and receipts. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const WAIT = 400; // milliseconds without a key, until a sentence is read
    const LONGEST = 600; // characters
    const GUESSES = 8;
    const TABLES = {weights: "weights", scores: "scores", query_key_dot: "query · key"};
    const LEVELS = 50;

    /* Fill an element with the panel of some models, as `model.js` lists them. */
    attnviz.own = (home, models) => {
        const {element} = attnviz;
        const state = {model: null, text: "", words: null, carry: null, layer: "1", head: null, table: "weights", query: null, lit: null, trace: null};
        const parts = {
            input: element("input", {
                id: "own-text", type: "text", maxlength: LONGEST, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
                dir: "auto", "aria-describedby": "own-status",
            }),
            status: element("div", {id: "own-status", role: "status"}),
            examples: element("p", {class: "own-examples"}),
            choices: element("div", {class: "own-choices"}),
            known: element("details", {class: "own-known"}),
            arcs: element("div", {class: "own-arcs"}),
            table: element("div", {class: "own-table"}),
            guesses: element("div", {class: "own-guesses"}),
            card: element("section", {class: "own-card", "aria-label": "The number that you pointed at"}),
        };
        const result = element("div", {class: "own-result"},
            element("div", {class: "own-seen"}, parts.arcs, parts.table), element("div", {class: "own-told"}, parts.card, parts.guesses));
        const panel = {home, models, state, parts, result};

        let waiting = 0;
        parts.input.addEventListener("input", () => {
            clearTimeout(waiting);
            waiting = setTimeout(() => readAgain(panel, {words: null}), WAIT);
        });
        const form = element("form", {class: "own-form", onsubmit: event => {
            event.preventDefault();
            clearTimeout(waiting);
            readAgain(panel, {words: null});
        }}, element("label", {for: "own-text"}, "Your sentence"), parts.input, element("button", {type: "submit"}, "Compute"));
        home.replaceChildren(form, parts.examples, parts.status, parts.choices, result, parts.known);
        new ResizeObserver(() => drawArcs(panel)).observe(parts.arcs);
        chooseModel(panel, models[0]);
    };

    // ---- What is computed -----------------------------------------------------------------------------------------

    function chooseModel(panel, model) {
        const {element} = attnviz, {parts, state} = panel;
        const examples = model.examples?.length ? model.examples : [{text: model.vocabulary.slice(0, 3).join(" "), words: null}];
        Object.assign(state, {model, carry: model.carry ?? "exact", layer: "1", head: model.labels.head[0], table: "weights"});
        parts.examples.replaceChildren("From the lecture: ", ...examples.map(example => element(
            "button", {type: "button", dir: "auto", onclick: () => take(panel, example)}, example.words ? example.words.join(" ") : example.text,
        )));
        const count = model.vocabulary.length;
        parts.known.replaceChildren(
            element("summary", {}, `The ${count} words that “${model.name}” knows`),
            element("p", {}, model.vocabulary.map(word => element("button", {type: "button", dir: "auto", onclick: () => append(panel, word)}, word))),
        );
        take(panel, examples[0]);
    }

    function take(panel, {text, words = null, layer, head, focus}) {
        const {state, parts} = panel, {labels} = state.model;
        parts.input.value = text;
        if (labels.layer?.includes(layer)) state.layer = layer;
        if (labels.head.includes(head)) state.head = head;
        readAgain(panel, {words, query: focus ?? null});
    }

    function append(panel, word) {
        const {input} = panel.parts;
        input.value = `${input.value.trimEnd()} ${word}`.trimStart();
        readAgain(panel, {words: null});
    }

    /* Read the sentence that stands there and compute all of it, or tell why that cannot be. */
    function readAgain(panel, {words = panel.state.words, query = panel.state.query} = {}) {
        const {state, parts} = panel, text = parts.input.value;
        const {tokens, all = tokens, problems} = attnviz.read(state.model, text, words);
        panel.result.classList.toggle("stale", problems.length > 0);
        panel.result.inert = problems.length > 0;
        parts.input.setAttribute("aria-invalid", String(problems.length > 0));
        if (problems.length) return tellProblems(panel, problems);
        const trace = attnviz.run(state.model, tokens, state.carry);
        Object.assign(trace, {sentence: text.trim(), words: words && tokens.map(token => token.label)});
        Object.assign(state, {trace, all, words: trace.words, query: chosenQuery(trace, query)});
        state.lit = {name: "weights", place: place(state, strongest(state))};
        show(panel);
    }

    function tellProblems(panel, problems) {
        const {element} = attnviz;
        panel.parts.status.replaceChildren(element("ul", {class: "own-problems"}, problems.map(problem => element("li", {dir: "auto"}, problem))));
    }

    /* The word that is asked about: the same as before if it is still there, else a masked one, else the last. */
    function chosenQuery({labels, model}, wanted) {
        const mask = model.reading?.mask;
        if (labels.token.includes(wanted)) return wanted;
        return labels.token.includes(mask) ? mask : labels.token[labels.token.length - 1];
    }

    /* Return the labels of an entry of the table, by dimension; blackboards have no layers. */
    function place(state, key, query = state.query) {
        return {...(state.model.labels.layer ? {layer: state.layer} : {}), head: state.head, query, key};
    }

    const weight = (state, key, query = state.query) => state.trace.at("weights", place(state, key, query));

    function strongest(state) {
        return state.trace.labels.key.reduce((best, key) => (weight(state, key) > weight(state, best) ? key : best));
    }

    // ---- What is shown --------------------------------------------------------------------------------------------

    function show(panel) {
        const {state, parts} = panel, key = strongest(state);
        const looked = `Of all words, ${state.query} looks most at ${key === state.query ? "itself" : key}`;
        parts.status.textContent = `${looked}: ${attnviz.asShown(state.trace, weight(state, key))}.`;
        showChoices(panel);
        showWords(panel);
        showTable(panel);
        showGuesses(panel);
        showCard(panel);
    }

    function showChoices(panel) {
        const {state, parts, models} = panel, {model} = state;
        const redraw = (name, value) => {
            state[name] = value;
            state.lit = {name: "weights", place: place(state, strongest(state))};
            show(panel);
        };
        const boards = {exact: "exact", displayed: "as shown"};
        fillOnce(parts.choices, [
            models.length > 1 && chooser("model", models.map(each => each.name), model.name, name => chooseModel(panel, models.find(each => each.name === name))),
            model.labels.layer?.length > 1 && chooser("layer", model.labels.layer, state.layer, value => redraw("layer", value)),
            model.labels.head.length > 1 && chooser("head", model.labels.head, state.head, value => redraw("head", value)),
            chooser("table", Object.keys(TABLES), state.table, value => redraw("table", value), TABLES),
            model.fingerprints && chooser("compute on with numbers", Object.keys(boards), state.carry, value => {
                state.carry = value;
                readAgain(panel);
            }, boards),
        ]);
    }

    /* Replace what can be chosen, and leave the focus where it is. */
    function fillOnce(home, made) {
        const focused = document.activeElement?.id;
        home.replaceChildren(...made.filter(Boolean));
        if (focused?.startsWith("own-choice")) document.getElementById(focused)?.focus();
    }

    function chooser(name, options, chosen, choose, shown = {}) {
        const {element} = attnviz, id = at => `own-choice-${name.replaceAll(" ", "-")}-${at}`;
        return element("fieldset", {}, element("legend", {}, name), options.map((option, at) => element("span", {},
            element("input", {
                type: "radio", id: id(at), name: `own-${name}`, checked: option === chosen, onchange: () => choose(option),
            }),
            element("label", {for: id(at), dir: "auto"}, shown[option] ?? option))));
    }

    /* The words in a row, each with its share; a blackboard's words can be taken off the board. */
    function showWords(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace} = state;
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        svg.setAttribute("aria-hidden", "true");
        const words = trace.labels.key.map((key, column) => element("button", {
            type: "button", "data-row": 0, "data-column": column, "aria-pressed": String(key === state.query), dir: "auto",
            onclick: () => ask(panel, key),
        }, element("span", {class: "word"}, key), shareOf(panel, key)));
        const row = element("div", {class: "own-words", role: "group", "aria-label": "From which word"}, words);
        rove(row, `0 ${trace.labels.key.indexOf(state.query)}`);
        const before = parts.arcs.querySelector(".own-scroll")?.scrollLeft ?? 0;
        parts.arcs.replaceChildren(
            element("p", {class: "own-title"}, "Where ", element("b", {dir: "auto"}, state.query), " looks"),
            element("div", {class: "own-scroll", tabindex: -1}, svg, row),
            onTheBoard(panel) ?? "",
        );
        parts.arcs.querySelector(".own-scroll").scrollLeft = before;
        drawArcs(panel);
    }

    function shareOf({state}, key) {
        const share = weight(state, key);
        return attnviz.element("span", {class: `share ${heat("weights", share)}`}, attnviz.asShown(state.trace, share));
    }

    function onTheBoard(panel) {
        const {element} = attnviz, {state} = panel;
        if (state.model.kind !== "blackboard" || state.all.length < 2) return null;
        const on = state.trace.labels.token;
        return element("fieldset", {class: "own-board"}, element("legend", {}, "on the board"), state.all.map(({label}, at) => element("span", {},
            element("input", {
                type: "checkbox", id: `own-choice-board-${at}`, checked: on.includes(label),
                disabled: on.length === 1 && on[0] === label, onchange: () => {
                    const words = on.includes(label) ? on.filter(each => each !== label) : [...on, label];
                    readAgain(panel, {words});
                    document.getElementById(`own-choice-board-${at}`)?.focus();
                },
            }),
            element("label", {for: `own-choice-board-${at}`, dir: "auto"}, label))));
    }

    function ask(panel, query) {
        panel.state.query = query;
        panel.state.lit = {name: "weights", place: place(panel.state, strongest(panel.state))};
        show(panel);
        panel.parts.arcs.querySelector("[aria-pressed=true]").focus();
    }

    /* Arcs from the word to those that it looks at, as thick as their weights. */
    function drawArcs({state, parts}) {
        const svg = parts.arcs.querySelector("svg");
        if (!svg) return;
        const words = [...parts.arcs.querySelectorAll(".own-words button")];
        const middle = word => word.offsetLeft + word.offsetWidth / 2;
        const from = middle(words[state.trace.labels.key.indexOf(state.query)]);
        const reach = word => Math.min(150, 40 + 0.35 * Math.abs(middle(word) - from));
        const height = Math.max(...words.map(reach)) * 0.75 + 12;
        svg.setAttribute("width", Math.max(...words.map(word => word.offsetLeft + word.offsetWidth)));
        svg.setAttribute("height", height);
        const arcs = words.map((word, at) => {
            const share = Math.abs(weight(state, state.trace.labels.key[at]));
            const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
            const [to, up] = [middle(word), height - reach(word)];
            const line = to === from ? `M${from - 12} ${height} C${from - 26} ${up} ${from + 26} ${up} ${from + 12} ${height}`
                : `M${from} ${height} C${from} ${up} ${to} ${up} ${to} ${height}`;
            path.setAttribute("d", line);
            path.style.strokeWidth = Math.max(1.5, 14 * Math.min(1, share));
            path.style.opacity = 0.3 + 0.7 * Math.min(1, share);
            return [share, path];
        });
        svg.replaceChildren(...arcs.filter(([share]) => share >= 0.005).sort(([one], [other]) => one - other).map(([, path]) => path));
    }

    const ofTable = name => (name === "weights" ? "weight" : "size");

    /* The classes of a cell: as bright as in films, on one scale for all tables; negative numbers are hollow. */
    function heat(name, value) {
        if (value === -Infinity || Number.isNaN(value)) return "masked";
        const size = Math.abs(value), share = ofTable(name) === "weight" ? Math.min(1, size) : size <= 1 ? 0.8 * size : 1 - 0.2 / size;
        return value < 0 ? `${ofTable(name)}-0 heat hollow` : `${ofTable(name)}-${Math.round(share * LEVELS)} heat`;
    }

    function showTable(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace, table} = state, {query: queries, key: keys} = trace.labels;
        const where = state.model.labels.layer ? `layer ${state.layer}, head ${state.head}` : state.model.heads.length ? `head ${state.head}` : "one layer";
        const cell = (query, key, row, column) => {
            const at = place(state, key, query), value = trace.at(table, at);
            const button = element("button", {
                type: "button", "data-row": row, "data-column": column, class: heat(table, value), "aria-label": `${query}, ${key}: ${attnviz.asShown(trace, value)}`,
                onclick: () => point(panel, table, at),
            }, attnviz.asShown(trace, value));
            return element("td", {}, button);
        };
        const heads = keys.map(key => element("th", {scope: "col"}, element("span", {dir: "auto"}, key)));
        const rows = queries.map((query, row) => element("tr", {class: query === state.query ? "asked" : null},
            element("th", {scope: "row", dir: "auto"}, query), keys.map((key, column) => cell(query, key, row, column))));
        const made = element("table", {class: keys.length > 8 ? "many" : null},
            element("caption", {}, `${TABLES[table]}, ${where}: rows look at columns`),
            element("thead", {}, element("tr", {}, element("td", {}), heads)), element("tbody", {}, rows));
        const scroll = element("div", {class: "own-scroll"}, made);
        const before = parts.table.querySelector(".own-scroll")?.scrollLeft ?? 0;
        parts.table.replaceChildren(scroll);
        scroll.scrollLeft = before;
        const {query, key} = state.lit.place;
        rove(made, `${Math.max(0, queries.indexOf(query))} ${Math.max(0, keys.indexOf(key))}`);
        light(panel);
    }

    /* Open the card of an entry; the table lights it, if it stands there. */
    function point(panel, name, at) {
        panel.state.lit = {name, place: at};
        light(panel);
        showCard(panel);
    }

    function light({state, parts}) {
        const {name, place: at} = state.lit, {query, key} = state.trace.labels;
        for (const button of parts.table.querySelectorAll("td button")) {
            const here = name === state.table && query[button.dataset.row] === at.query && key[button.dataset.column] === at.key;
            button.toggleAttribute("data-lit", here);
            if (here) button.setAttribute("aria-current", "true");
            else button.removeAttribute("aria-current");
        }
    }

    function showCard(panel) {
        const {name, place: at} = panel.state.lit;
        panel.parts.card.replaceChildren(...attnviz.ownCard(panel.state.trace, name, at, (other, place) => {
            const known = panel.state.trace.arrays[other].dims;
            point(panel, other, Object.fromEntries(known.map(dim => [dim, place[dim]])));
            panel.parts.card.querySelector("button")?.focus();
        }));
    }

    function showGuesses(panel) {
        const {element} = attnviz, {state, parts} = panel, {trace, query} = state;
        if (!trace.arrays.probabilities) return parts.guesses.replaceChildren();
        const likely = vocabulary => trace.at("probabilities", {token: query, vocabulary});
        const best = [...trace.labels.vocabulary].sort((one, other) => likely(other) - likely(one)).slice(0, GUESSES);
        const next = state.model.config.architecture === "decoder";
        const before = trace.labels.token.slice(0, trace.labels.token.indexOf(query) + 1);
        const row = word => {
            const bar = element("span", {class: "bar"});
            bar.style.width = `${100 * likely(word)}%`;
            const share = `${(100 * likely(word)).toFixed(1)} %`;
            return element("li", {}, element("button", {type: "button", onclick: () => point(panel, "probabilities", {token: query, vocabulary: word})},
                element("span", {class: "word", dir: "auto"}, word), element("span", {class: "track"}, bar), element("span", {class: "share"}, share)));
        };
        const title = next ? ["What comes after ", element("b", {dir: "auto"}, before.join(" "))] : ["In the place of ", element("b", {dir: "auto"}, query)];
        parts.guesses.replaceChildren(element("p", {class: "own-title"}, title), element("ol", {}, best.map(row)));
    }

    /* Arrow keys go from one button to the next: one of them alone is reached by Tab. */
    function rove(home, first) {
        const buttons = [...home.querySelectorAll("button[data-row]")];
        const at = (row, column) => buttons.find(button => button.dataset.row === String(row) && button.dataset.column === String(column));
        const enter = chosen => buttons.forEach(button => { button.tabIndex = button === chosen ? 0 : -1; });
        enter(at(...first.split(" ")) ?? buttons[0]);
        home.addEventListener("focusin", event => buttons.includes(event.target) && enter(event.target));
        home.addEventListener("keydown", event => {
            const step = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
            const own = event.target.closest("button[data-row]");
            const next = step && own && at(Number(own.dataset.row) + step[0], Number(own.dataset.column) + step[1]);
            if (!next) return;
            event.preventDefault();
            next.focus();
        });
    }
})();
