/* The card of a number: what it is, how it is worked out, the table in which it stands, and the code that computes it. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, card = document.getElementById("card");
    const KINDS = {
        read: "read from the model",
        derived: "derived: computed from numbers of the model",
        schematic: "schematic: it helps to read the picture, and is no number of the model",
    };
    const MOMENTS = 6, LARGE = 20, GROUPS = 6, FOCUS = -2;
    const FADE = 1200; // milliseconds in which what leaves the picture may already be faint
    let before = null; // what had the focus before the card was opened
    let trail = []; // the cards from which one has come

    function word(trace, dim, label) {
        const {text, color} = lecture.written(trace, dim, label);
        const owner = color === FOCUS ? " focus" : color < 0 ? "" : ` group-${color % GROUPS}`;
        return element("span", {class: `word${owner}`, dir: "auto"}, text);
    }

    /* What an entry is called: its array, and its words. */
    function name(thing) {
        const array = lecture.arrays[thing.array];
        const labels = lecture.labelsOf(thing).filter((_, dim) => array.sizes[dim] > 1);
        const words = labels.map(([dim, label], at) => [
            at ? (dim === "key" && labels[at - 1][0] === "query" ? " → " : ", ") : " ", lecture.toldOf(dim), word(thing.trace, dim, label),
        ]);
        return [element("code", {}, array.name), words];
    }

    function rowsOf(thing, parts) {
        const trace = lecture.traces[thing.trace], rows = [];
        if (thing.array >= 0) {
            const array = lecture.arrays[thing.array], sizes = array.sizes.filter(size => size > 1);
            rows.push(["array", [element("code", {}, array.name), sizes.length ? `, ${sizes.join(" × ")}` : ""]]);
            const sides = parts.sidesOf(array);
            lecture.labelsOf(thing).forEach(([dim, label], at) => {
                if (array.sizes[at] === 1 && !["layer", "head"].includes(dim)) return;
                const side = sides.down === at ? "row" : sides.across === at ? (sides.down === null ? "entry" : "column") : dim.replace("each_", "");
                rows.push([side, [word(thing.trace, dim, label), ["layer", "head"].includes(side) ? "" : side === dim ? "" : element("span", {class: "dim"}, ` (${dim})`)]]);
            });
        }
        rows.push(["value", [element("span", {class: "value"}, String(lecture.valueOf(thing) ?? "undefined")),
            thing.array >= 0 && trace.carry === "displayed" ? element("span", {class: "dim"}, " · rounded as it is shown") : ""]]);
        rows.push([lecture.kindOf(thing) === "schematic" ? "it is" : "formula", parts.formula(thing)]);
        rows.push(["kind", KINDS[lecture.kindOf(thing)]]);
        if (trace && lecture.kindOf(thing) !== "schematic") {
            if (trace.sentence) rows.push(["sentence", element("span", {dir: "auto"}, trace.sentence)]);
            for (const part of ["layer", "head"]) {
                if (trace[part] && trace[part] !== "all" && !rows.some(([row]) => row === part)) rows.push([part, trace[part]]);
            }
            if (trace.model) rows.push(["model", [trace.model, element("span", {class: "dim"}, ` · ${trace.fingerprint}`)]]);
        }
        rows.push(["on screen", times(thing)]);
        return rows;
    }

    function times(thing) {
        const all = lecture.sameAs(thing);
        if (!all.length) return "not in this film";
        const moments = new Map(all.map(number => [clock(restOf(number)), number]));
        const links = [...moments].slice(0, MOMENTS).map(([time, number]) => page.linkTo(number, time));
        return [links.flatMap((link, at) => at ? [" ", link] : [link]), moments.size > MOMENTS ? ` and ${moments.size - MOMENTS} more` : ""];
    }

    /* A time at which a number is well seen: the last still that has it or, if it leaves before its shot ends, before it fades. */
    function restOf({start, end}) {
        const still = lecture.shots.map((_, shot) => lecture.stillOf(shot)).findLast(time => start <= time && time < end);
        return still ?? Math.max((start + end) / 2, end - FADE);
    }

    function taking(thing, code) {
        const time = page.now();
        const shown = thing.id === undefined ? undefined
            : thing.start <= time && time < thing.end ? [time, thing.id] : [restOf(thing), thing.id];
        return element("div", {class: "take"},
            shown && attnviz.copyButton("Copy link", () => page.address(...shown)),
            code && attnviz.copyButton("Copy as code", () => code),
        );
    }

    page.openCard = (thing, {from = null, trail: left = []} = {}) => {
        if (card.hidden) before = document.activeElement;
        const inside = document.activeElement?.closest("#targets, #card"); // before what is focused there is replaced
        trail = from ? [...trail, from] : left;
        const parts = attnviz.cardParts, code = parts.code(thing) ?? "";
        const table = thing.array < 0 ? null : parts.table(thing), large = table?.querySelectorAll("td").length > LARGE;
        card.replaceChildren(
            element("div", {class: "corner"},
                trail.length ? element("button", {type: "button", class: "plain", onclick: back}, "← Back") : "",
                element("button", {type: "button", class: "plain", "aria-label": "Close the card", onclick: () => page.shutCard()}, "✕")),
            element("div", {class: "top"},
                element("div", {class: "what"},
                    element("h2", {id: "card-number"}, lecture.textOf(thing)),
                    thing.array < 0 ? "" : element("p", {class: "name"}, name(thing))),
                large ? "" : table ?? ""),
            thing.array < 0 ? "" : element("p", {class: "meaning"}, lecture.arrays[thing.array].meaning),
            element("dl", {}, rowsOf(thing, parts).map(([row, what]) => [element("dt", {}, row), element("dd", {}, what)])),
            large ? table : "",
            taking(thing, code),
            code && element("details", {}, element("summary", {}, "Code"), element("pre", {tabindex: 0}, code)),
        );
        card.hidden = false;
        card.scrollTop = 0;
        page.opened = thing;
        document.dispatchEvent(new CustomEvent("card"));
        page.tell(`${lecture.textOf(thing)}, ${lecture.nameOf(thing)}`);
        bringIntoSight();
        if (from || inside) card.focus({preventScroll: true});
    };

    /* On a phone, where the film stays at the top and the card is in the page: have the card seen right below the film. */
    function bringIntoSight() {
        const stage = document.getElementById("stage"), {height, bottom} = stage.getBoundingClientRect();
        if (getComputedStyle(stage).position !== "sticky") return;
        const {top} = card.getBoundingClientRect(), GAP = 8;
        if (top > innerHeight / 2 || top < bottom) scrollBy({top: top - height - GAP});
    }

    function back() {
        page.openCard(trail.at(-1), {trail: trail.slice(0, -1)});
        card.focus({preventScroll: true});
    }

    page.shutCard = () => {
        if (card.hidden) return;
        card.hidden = true;
        page.opened = null;
        document.dispatchEvent(new CustomEvent("card"));
        before?.isConnected && before.focus({preventScroll: true});
    };

    addEventListener("keydown", event => {
        if (event.key === "Escape" && (card.contains(event.target) || event.target === document.body)) page.shutCard();
    });

    /* A link in running text to a number's moment and card. */
    page.linkTo = (thing, text) => element("a", {
        class: "entry", title: lecture.nameOf(thing), href: thing.id === undefined ? "#" : page.address(restOf(thing), thing.id),
        onclick: event => {
            event.preventDefault();
            page.goTo(thing);
        },
    }, text);

    /* Go to a moment at which a number is on screen, if it is not there already, and open its card. */
    page.goTo = thing => {
        const now = page.now();
        if (thing.id !== undefined && !(thing.start <= now && now < thing.end)) page.seek(restOf(thing));
        page.openCard(thing);
    };

    page.wordOf = word;
    page.nameOf = name;
});
