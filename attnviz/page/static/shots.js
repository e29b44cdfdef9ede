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
        document.body.classList.add("slides");
        document.documentElement.requestFullscreen?.().catch(() => {}); // where it is not allowed, the window is filled
        film.focus();
        page.tell("Slides: the right arrow plays the next shot, the left one goes back, Escape ends.");
        page.seek(lecture.shots[page.shot()].start);
        play(page.shot());
    }
    function leave() {
        if (!slides()) return;
        document.body.classList.remove("slides");
        stop = null;
        if (document.fullscreenElement) document.exitFullscreen();
    }
    function play(shot) {
        stop = shot;
        page.seek(lecture.shots[shot].start, {play: true});
    }
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
        const shot = page.shot();
        const does = {
            ArrowRight: () => film.paused ? play(Math.min(lecture.shots.length - 1, shot + 1)) : page.seekStill(shot),
            ArrowLeft: () => page.seekStill(Math.max(0, shot - 1)),
            Escape: () => page.opened ? page.shutCard() : leave(),
        };
        does.PageDown = does.ArrowRight;
        does.PageUp = does.ArrowLeft;
        if (!does[event.key]) return;
        event.preventDefault();
        event.stopPropagation();
        does[event.key]();
    }, true);
    document.getElementById("tools").append(element("button", {type: "button", class: "tool", onclick: () => slides() ? leave() : enter()}, "Slides"));
});
