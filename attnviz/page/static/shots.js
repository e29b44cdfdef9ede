/* All shots as thumbnails; and the view for a talk, in which keys step from shot to shot. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, {film} = page, panel = page.addPanel("shots", "Shots", 3);
    for (const chapter of lecture.chapters) {
        const shots = lecture.shots.map((shot, at) => ({...shot, at})).filter(({start}) => start >= chapter.start && start < chapter.end);
        panel.append(element("h3", {lang: lecture.language, dir: "auto"}, chapter.title), element("ol", {class: "grid"}, shots.map(shot =>
            element("li", {}, element("button", {
                type: "button", class: "still", "aria-label": `Shot ${shot.at + 1}, ${clock(shot.start)}: ${shot.alt}`, lang: "en", onclick: () => page.seekStill(shot.at),
            }, page.thumbnail(shot.at), element("span", {class: "time"}, clock(shot.start)))))));
    }

    const buttons = [...panel.querySelectorAll("button")];
    const mark = () => buttons.forEach((button, at) => button.setAttribute("aria-current", String(at === page.shot())));
    film.addEventListener("timeupdate", mark);
    film.addEventListener("seeked", mark);
    document.addEventListener("panel", () => page.scrollPanel(panel, buttons[page.shot()]));

    let stop = null; // when a shot that is played ends, in the view for a talk
    const slides = () => document.body.classList.contains("slides");
    function enter() {
        page.shutCard();
        document.body.classList.add("slides");
        film.controls = false; // they would lie on the picture whenever it stands still
        document.documentElement.requestFullscreen?.().catch(() => {}); // where it is not allowed, the window is filled
        film.focus();
        page.tell("Slides: the right arrow plays the next shot, the left one goes back, Escape ends.");
        page.seek(lecture.shots[page.shot()].start);
        play(page.shot());
    }
    function leave() {
        if (!slides()) return;
        document.body.classList.remove("slides");
        film.controls = true;
        stop = null;
        if (document.fullscreenElement) document.exitFullscreen();
    }
    function play(shot) {
        stop = shot;
        page.seek(lecture.shots[shot].start, {play: true});
    }
    const last = lecture.shots.length - 1;
    const next = () => film.paused ? play(Math.min(last, page.shot() + 1)) : page.seekStill(page.shot());
    const previous = () => page.seekStill(Math.max(0, page.shot() - 1));
    const toggle = () => {
        if (!film.paused) film.pause();
        else if (page.now() >= lecture.stillOf(page.shot())) next();
        else page.film.play().catch(() => {});
    };
    const tick = () => {
        if (slides() && stop !== null && !film.paused && page.now() >= lecture.stillOf(stop)) {
            page.seekStill(stop);
            stop = null;
        }
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    document.addEventListener("fullscreenchange", () => document.fullscreenElement || leave());
    document.addEventListener("keydown", event => {
        if (!slides() || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea")) return;
        const does = {ArrowRight: next, ArrowLeft: previous, Escape: () => page.opened ? page.shutCard() : leave()};
        if (!event.target.closest?.("button, a, summary")) does[" "] = toggle;
        does.PageDown = does.ArrowRight;
        does.PageUp = does.ArrowLeft;
        if (!does[event.key]) return;
        event.preventDefault();
        event.stopPropagation();
        does[event.key]();
    }, true);
    film.addEventListener("click", () => slides() && toggle());
    const key = (sign, told, does) => element("button", {type: "button", class: "plain", "aria-label": told, title: told, onclick: does}, sign);
    document.getElementById("stage").append(element("div", {class: "slide-keys"}, // for those without a keyboard
        key("‹", "The slide before", previous), key("›", "The next slide", next), key("✕", "End the slides", leave)));
    document.getElementById("tools").append(element("button", {type: "button", class: "tool", onclick: () => slides() ? leave() : enter()}, "Slides"));
});
