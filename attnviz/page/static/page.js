/* The lecture page. This script begins: it unpacks what is known of the lecture and hands it to the parts of the page,
   which the other scripts add to `attnviz.parts`. They are plain scripts, since a page on disk may not load modules. */
"use strict";

window.attnviz = {
    parts: [], // functions of (lecture, page), called in the order of the scripts once all is there

    /* Return a new element. Children are elements or text, which stays text; `null` is left out. */
    element(tag, attributes = {}, ...children) {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
            else if (value === true) made.setAttribute(name, "");
            else if (value !== false && value != null) made.setAttribute(name, value);
        }
        made.append(...children.flat(Infinity).filter(child => child != null));
        return made;
    },

    /* Return a time in milliseconds as people write it: 8:04. */
    clock(time) {
        const seconds = Math.floor(time / 1000);
        return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    },

    /* Return a value as tables show it, with so many decimals; what would be all zeros gets more. */
    short(value, decimals) {
        if (typeof value === "string") return value.replace("Infinity", "∞").replace("-", "−");
        if (value === null) return "?";
        if (Number.isInteger(value)) return String(value).replace("-", "−");
        const fixed = value.toFixed(decimals);
        return (Number(fixed) ? fixed : value.toPrecision(2)).replace("-", "−");
    },

    /* Save a text as a file. */
    save(name, kind, text) {
        const address = URL.createObjectURL(new Blob([text], {type: kind}));
        attnviz.element("a", {href: address, download: name}).click();
        setTimeout(() => URL.revokeObjectURL(address), 10000);
    },
};

/* Return what is packed in data.js. */
async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
}

/* What parts of the page ask of each other: the film, and where in it one is. Times are in milliseconds. */
function openedPage() {
    const film = document.getElementById("film");
    const page = {
        film,
        now: () => Math.round(film.currentTime * 1000),
        /* Go to a time, and play on from there, or stand still. */
        seek(time, {play = false} = {}) {
            film.currentTime = time / 1000;
            if (play) film.play();
            else film.pause();
        },
        /* Tell people who do not see the page. */
        tell(text) { document.getElementById("told").textContent = text; },
        /* Add a panel beside the film, with a tab; return its element. */
        addPanel(id, name) { return addPanel(id, name); },
        showPanel,
    };
    return page;
}

function addPanel(id, name) {
    const {element} = attnviz, tabs = document.getElementById("tabs");
    const panel = element("div", {id, role: "tabpanel", "aria-labelledby": `tab-${id}`, tabindex: 0, hidden: true});
    const tab = element("button", {
        id: `tab-${id}`, role: "tab", type: "button", "aria-controls": id, "aria-selected": "false", tabindex: -1,
        onclick: () => showPanel(id),
        onkeydown: event => {
            const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
            if (!step) return;
            const all = [...tabs.children], next = all[(all.indexOf(event.target) + step + all.length) % all.length];
            next.focus();
            next.click();
        },
    }, name);
    tabs.append(tab);
    document.getElementById("panels").append(panel);
    if (tabs.children.length === 1) showPanel(id);
    return panel;
}

function showPanel(id) {
    for (const tab of document.getElementById("tabs").children) {
        const chosen = tab.getAttribute("aria-controls") === id;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
        document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
    }
}

document.addEventListener("DOMContentLoaded", async () => {
    const lecture = attnviz.lectureOf(await unpacked(window.attnviz_data));
    const page = openedPage();
    Object.assign(attnviz, {lecture, page});
    for (const part of attnviz.parts) part(lecture, page);
    document.documentElement.dataset.ready = "true";
});
