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

    /* Put a text where people paste from; return whether that was possible. */
    async copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch { // a page on disk may not: the older way may do
            const field = attnviz.element("textarea", {class: "unseen"}, text);
            document.body.append(field);
            field.select();
            const done = document.execCommand("copy");
            field.remove();
            return done;
        }
    },

    /* Return a button that copies what a function gives, and says so for a moment. */
    copyButton(name, text) {
        const button = attnviz.element("button", {type: "button", class: "plain", onclick: async () => {
            const done = await attnviz.copy(text());
            button.textContent = done ? "Copied" : "Not allowed here";
            attnviz.page.tell(button.textContent);
            setTimeout(() => { button.textContent = name; }, 1500);
        }}, name);
        return button;
    },
};

/* Return what is packed in data.js. */
async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
}

/* What parts of the page ask of each other. Times are in milliseconds. */
function openedPage(lecture) {
    const film = document.getElementById("film"), {size, columns, file} = lecture.thumbnails;
    const rows = Math.ceil(lecture.shots.length / columns);
    let loaded = film.readyState >= film.HAVE_CURRENT_DATA; // who jumps before may be left with the first picture
    film.addEventListener("loadeddata", () => {
        if (!loaded && page.asked !== undefined) film.currentTime = page.asked;
        loaded = true;
    });
    const page = {
        film,
        asked: undefined, // the moment that was asked for last, in seconds
        opened: null, // the thing whose card is open
        now: () => Math.min(Math.round(film.currentTime * 1000), lecture.duration - 1), // at its end, the last frame stands
        shot() { return Math.max(0, lecture.shots.findLastIndex(shot => shot.start <= this.now())); },

        /* Go to a time, and play on from there, or stand still. */
        seek(time, {play = false} = {}) {
            page.asked = time / 1000;
            if (loaded) film.currentTime = page.asked;
            if (play) film.play()?.catch(() => {}); // a pause that comes at once is no fault
            else film.pause();
        },

        /* Go to the still in which a shot ends. */
        seekStill(shot) { this.seek(lecture.stillOf(shot)); },

        /* Return the address of a moment, and of a number on screen then. */
        address(time, number) {
            const place = new URL(location.href);
            place.search = "";
            place.hash = `t=${(time / 1000).toFixed(1)}${number === undefined ? "" : `&number=${number}`}`;
            return place.href;
        },

        /* Return a small picture of a shot's last frame; it says what is to be seen there. */
        thumbnail(shot) {
            const told = {role: "img", lang: "en", "aria-label": lecture.shots[shot].alt};
            const made = attnviz.element("span", {class: "thumbnail", ...told}), at = (place, count) => count > 1 ? place / (count - 1) * 100 : 0;
            made.style.backgroundImage = `url("${file}")`;
            made.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
            made.style.backgroundPosition = `${at(shot % columns, columns)}% ${at(Math.floor(shot / columns), rows)}%`;
            made.style.aspectRatio = `${size[0]} / ${size[1]}`;
            return made;
        },

        /* Have something in a panel seen, if the panel is, and scrolls by itself. */
        scrollPanel(panel, inside) {
            const panels = document.getElementById("panels");
            if (!inside || panel.hidden || getComputedStyle(panels).overflowY === "visible") return;
            const top = inside.getBoundingClientRect().top - panels.getBoundingClientRect().top + panels.scrollTop - panels.clientHeight / 3;
            panels.scrollTo({top, behavior: Math.abs(top - panels.scrollTop) < panels.clientHeight ? "smooth" : "auto"});
        },

        /* Tell people who do not see the page. */
        tell(text) { document.getElementById("told").textContent = text; },

        addPanel, // (id, name, order = 5): add a tab, after those whose order is not higher; return its panel
        showPanel,
    };
    return page;
}

function addPanel(id, name, order = 5) {
    const {element} = attnviz, tabs = document.getElementById("tabs");
    const panel = element("div", {id, role: "tabpanel", "aria-labelledby": `tab-${id}`, tabindex: 0, hidden: true});
    const tab = element("button", {
        id: `tab-${id}`, role: "tab", type: "button", "aria-controls": id, "aria-selected": "false", tabindex: -1,
        onclick: () => showPanel(id),
        onkeydown: event => {
            const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
            if (!step) return;
            const all = [...tabs.children].filter(each => !each.hidden), next = all[(all.indexOf(event.target) + step + all.length) % all.length];
            next.focus();
            next.click();
        },
    }, name);
    tab.order = order;
    tabs.insertBefore(tab, [...tabs.children].find(other => other.order > order) ?? null);
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
    document.getElementById("panels").scrollTop = 0;
    document.dispatchEvent(new CustomEvent("panel", {detail: id}));
}

/* Let people jump in the film where the server sends files only from their start (Python's http.server is one): have all
   of it sent, and play it from here. */
async function madeSeekable(page) {
    const {film} = page, end = film.seekable.length ? film.seekable.end(film.seekable.length - 1) : 0;
    if (!location.protocol.startsWith("http") || film.src.startsWith("blob:") || end >= film.duration - 1) return;
    const whole = await (await fetch(film.src)).blob(), playing = !film.paused;
    const time = film.currentTime || page.asked || 0;
    film.src = URL.createObjectURL(whole);
    film.currentTime = time;
    if (playing) film.play()?.catch(() => {});
}

/* Go to the moment, and open the card of the number, that the address tells: …#t=41.5&number=118, or ?t=41.5. */
function goToAddress(lecture, page) {
    const asked = new URLSearchParams(location.hash.slice(1) || location.search);
    const time = parseFloat(asked.get("t")), number = lecture.numbers[asked.get("number")];
    if (Number.isFinite(time)) page.seek(Math.min(Math.max(0, time * 1000), lecture.duration));
    if (number) page.openCard(number);
}

document.addEventListener("DOMContentLoaded", async () => {
    const lecture = attnviz.lectureOf(await unpacked(window.attnviz_data));
    const page = openedPage(lecture);
    Object.assign(attnviz, {lecture, page});
    for (const part of attnviz.parts) part(lecture, page);
    page.film.addEventListener("loadedmetadata", () => madeSeekable(page));
    if (page.film.readyState) madeSeekable(page);
    goToAddress(lecture, page);
    addEventListener("hashchange", () => goToAddress(lecture, page));
    document.documentElement.dataset.ready = "true";
});
