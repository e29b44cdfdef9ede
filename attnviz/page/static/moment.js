/* Under the film: what stands on screen, the address of the moment, and steps from shot to shot; the chapters. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, {film} = page;
    const hint = element("p", {}, "Pause, and point at any number.");
    const shot = element("span", {class: "dim"});
    const step = by => () => page.seekStill(Math.min(lecture.shots.length - 1, Math.max(0, page.shot() + by)));
    document.getElementById("moment").append(hint, element("div", {class: "steps"},
        element("button", {type: "button", class: "plain", "aria-label": "The shot before", onclick: step(-1)}, "‹"), shot,
        element("button", {type: "button", class: "plain", "aria-label": "The next shot", onclick: step(1)}, "›"),
        attnviz.copyButton("Copy link", () => page.address(page.now()))));

    const shown = place => lecture.onScreen(lecture.stillOf(place)).length;
    const chapters = lecture.chapters.map(({title, start}, at) => {
        const shots = lecture.shots.map((shot, place) => ({...shot, place})).filter(shot => shot.start >= start && shot.start < lecture.chapters[at].end);
        const fullest = shots.reduce((one, other) => shown(other.place) > shown(one.place) ? other : one);
        return element("button", {type: "button", class: "chapter", "aria-label": `${title}, ${clock(start)}`, onclick: () => page.seek(start, {play: !film.paused})},
            page.thumbnail(fullest.place), element("span", {class: "title", lang: lecture.language, dir: "auto"}, title),
            element("span", {class: "time"}, clock(start)));
    });
    document.getElementById("chapters").append(element("ol", {}, chapters.map(each => element("li", {}, each))));

    function follow() {
        const now = page.now(), at = lecture.chapters.findLastIndex(({start}) => start <= now);
        shot.textContent = `shot ${page.shot() + 1} of ${lecture.shots.length}`;
        chapters.forEach((each, place) => each.setAttribute("aria-current", String(place === at)));
    }
    film.addEventListener("timeupdate", follow);
    film.addEventListener("seeked", follow);
    follow();
    document.addEventListener("paused", ({detail}) => {
        hint.textContent = detail ? `${detail === 1 ? "One number" : `${detail} numbers`} on screen: point at one.`
            : "No number is on screen at this moment.";
    });
    film.addEventListener("play", () => { hint.textContent = "Pause, and point at any number."; });
});
