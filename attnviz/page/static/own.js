/* A reader's own sentence: typed, read, and computed in this page; its table of weights, arcs, next words and receipts. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const WAIT = 400; // milliseconds without a key, until a sentence is read
    const LONGEST = 600; // characters
    const PROBLEMS = 4; // so many are told
    const NARROW = "(max-width: 60rem)"; // there the card is below the table: see own.css
    const TABLES = {weights: "weights", scores: "scores", query_key_dot: "query · key"};

    /* Fill an element with the panel of a model, or of several, as `model.js` lists them. */
    attnviz.own = (home, oneOrMore) => {
        const {element} = attnviz, models = [oneOrMore].flat();
        const state = {model: null, words: null, carry: null, layer: "1", head: null, table: "weights", query: null, lit: null, trace: null, taken: null};
        const parts = {
            input: element("input", {
                id: "own-text", type: "text", maxlength: LONGEST, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
                dir: "auto", "aria-describedby": "own-status",
            }),
            status: element("div", {id: "own-status", role: "status"}),
            hint: element("p", {class: "own-note"}),
            examples: element("p", {class: "own-examples"}),
            choices: element("div", {class: "own-choices"}),
            known: element("details", {class: "own-known"}),
            arcs: element("div", {class: "own-arcs"}),
            table: element("div", {class: "own-table"}),
            guesses: element("div", {class: "own-guesses"}),
            told: element("p", {class: "unseen", role: "status"}), // for those who do not see the card
            card: element("section", {class: "own-card", "aria-label": "The number that you pointed at"}),
        };
        const result = element("div", {class: "own-result"},
            element("div", {class: "own-seen"}, parts.arcs, element("div", {class: "own-pair"}, parts.table, parts.guesses)), parts.card);
        const panel = {
            models, state, parts, result,
            /* The labels of an entry of the table, by dimension; a blackboard has no layers. */
            place: (key, query = state.query) => ({...(state.model.labels.layer ? {layer: state.layer} : {}), head: state.head, query, key}),
            weight: (key, query = state.query) => state.trace.at("weights", panel.place(key, query)),
            table: () => ({name: state.table, title: TABLES[state.table]}),
            ask: query => {
                state.query = query;
                lightStrongest(panel);
                show(panel);
            },
            point: (name, place) => point(panel, name, place),
            readAgain: change => readAgain(panel, change),
        };

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
        home.replaceChildren(form, parts.hint, parts.examples, parts.status, parts.choices, result, parts.known, parts.told);
        new ResizeObserver(() => attnviz.ownViews.drawArcs(panel)).observe(parts.arcs);
        chooseModel(panel, models[0]);
    };

    // ---- What is computed -----------------------------------------------------------------------------------------

    function chooseModel(panel, model) {
        const {element} = attnviz, {parts, state} = panel;
        const bare = label => (model.vocabulary.includes(label) ? label : label.replace(/#\d+$/, "")); // an, for an#2
        const own = state.model && parts.input.value !== state.taken && parts.input.value; // what the reader has typed
        const examples = model.examples?.length ? model.examples : [{text: model.vocabulary.slice(0, 3).join(" "), words: null}];
        Object.assign(state, {model, carry: model.carry ?? "exact", layer: "1", head: model.labels.head[0], table: "weights"});
        parts.hint.replaceChildren(...hintOf(model));
        parts.examples.replaceChildren("From the lecture: ", ...examples.map(example => element(
            "button", {type: "button", dir: "auto", onclick: () => take(panel, example)}, example.words ? example.words.map(bare).join(" ") : example.text,
        )));
        const count = model.vocabulary.length;
        parts.known.replaceChildren(
            element("summary", {}, `The ${count} words that “${model.name}” knows`),
            element("p", {}, model.vocabulary.map(word => element("button", {type: "button", dir: "auto", onclick: () => append(panel, word)}, word))),
        );
        if (own && !attnviz.read(model, own, null).problems.length) readAgain(panel, {words: null});
        else take(panel, examples[0]);
    }

    function hintOf(model) {
        const mask = model.config?.architecture === "encoder" && model.reading.mask;
        return mask ? ["Write ", attnviz.element("code", {}, mask), " for a word that the model shall guess."] : [];
    }

    function take(panel, {text, words = null, layer, head, focus}) {
        const {state, parts} = panel, {labels} = state.model;
        parts.input.value = state.taken = text;
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
        const chosen = words && tokens.map(token => token.label);
        Object.assign(trace, {sentence: text.trim(), words: chosen, written: writtenApart(all)});
        Object.assign(state, {trace, all, words: chosen, query: chosenQuery(trace, query)});
        lightStrongest(panel);
        show(panel);
    }

    function tellProblems(panel, problems) {
        const {element} = attnviz, more = problems.length - PROBLEMS;
        const told = [...problems.slice(0, PROBLEMS), ...(more > 0 ? [`and ${more} more like ${more > 1 ? "these" : "this"}`] : [])];
        panel.parts.status.replaceChildren(element("ul", {class: "own-problems"}, told.map(each => element("li", {dir: "auto"}, each))));
    }

    /* The word that is asked about: the same as before if it is still there, else a masked one, else the last. */
    function chosenQuery({labels, model}, wanted) {
        const mask = model.reading?.mask;
        if (labels.token.includes(wanted)) return wanted;
        return labels.token.includes(mask) ? mask : labels.token[labels.token.length - 1];
    }

    /* Words as they are read: those that stand there more than once are numbered, apple₂. */
    function writtenApart(tokens) {
        const often = word => tokens.filter(token => token.word === word).length > 1;
        const number = ({label, word}) => (label === word ? "1" : label.slice(word.length + 1));
        const low = digits => digits.replace(/\d/g, digit => "₀₁₂₃₄₅₆₇₈₉"[digit]);
        return new Map(tokens.map(token => [token.label, token.word + (often(token.word) ? low(number(token)) : "")]));
    }

    function strongest({state, weight}) {
        return state.trace.labels.key.reduce((best, key) => (weight(key) > weight(best) ? key : best));
    }

    function lightStrongest(panel) {
        panel.state.lit = {name: "weights", place: panel.place(strongest(panel))};
    }

    // ---- What is shown --------------------------------------------------------------------------------------------

    function show(panel) {
        const {state, parts} = panel, key = strongest(panel), {written} = state.trace;
        const most = key === state.query ? "itself" : `“${written.get(key)}”`;
        parts.status.textContent = `“${written.get(state.query)}” looks most at ${most}: ${attnviz.asShown(state.trace, panel.weight(key))}`;
        showChoices(panel);
        attnviz.ownViews.showWords(panel);
        attnviz.ownViews.showTable(panel);
        attnviz.ownViews.showGuesses(panel);
        showCard(panel);
    }

    /* Open the card of an entry; the table lights it, if it stands there. */
    function point(panel, name, place) {
        panel.state.lit = {name, place};
        attnviz.ownViews.light(panel);
        showCard(panel);
        panel.parts.told.textContent = [...panel.parts.card.querySelectorAll("h3, .meaning")].map(each => each.textContent).join(": ");
        if (matchMedia(NARROW).matches) panel.parts.card.scrollIntoView({block: "nearest"});
    }

    function showCard(panel) {
        const {name, place: at} = panel.state.lit, {card} = panel.parts, {trace} = panel.state;
        card.replaceChildren(...attnviz.ownCard(trace, name, at, (other, labels) => {
            point(panel, other, Object.fromEntries(trace.arrays[other].dims.map(dim => [dim, labels[dim]])));
            card.querySelector("h3").focus();
        }));
    }

    function showChoices(panel) {
        const {state, parts, models} = panel, {model} = state;
        const redraw = (name, value) => {
            state[name] = value;
            lightStrongest(panel);
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

    /* The page of a lecture on published models alone says that it has none. */
    attnviz.parts.push(lecture => {
        const {element} = attnviz, {missing} = lecture.own, models = attnviz.models ?? [];
        const home = document.getElementById("own"), panel = document.getElementById("own-panel");
        home.hidden = !models.length && !missing.length;
        if (models.length) document.getElementById("tools")?.append(element("button", {type: "button", class: "tool", onclick: () => {
            home.scrollIntoView({behavior: "smooth"});
            document.getElementById("own-text").focus({preventScroll: true});
        }}, "Your sentence"));
        if (models.length) attnviz.own(panel, models);
        else home.querySelector(".own-note").remove();
        panel.append(...missing.map(why => element("p", {class: "own-missing"}, why)));
    });
})();
