/* While the film stands still, every number in it is a target that opens its card. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element} = attnviz, {film} = page, targets = document.getElementById("targets");
    const PLACES = 10000, SMALLEST = 24; // pixels: WCAG 2.5.8

    function place() {
        const {width, height} = targets.getBoundingClientRect();
        for (const target of targets.children) {
            const [x0, y0, x1, y1] = target.box.map((edge, at) => edge / PLACES * (at % 2 ? height : width));
            const wide = Math.max(SMALLEST, x1 - x0 + 8), high = Math.max(SMALLEST, y1 - y0 + 6);
            target.style.left = `${(x0 + x1 - wide) / 2}px`;
            target.style.top = `${(y0 + y1 - high) / 2}px`;
            target.style.width = `${wide}px`;
            target.style.height = `${high}px`;
        }
    }

    function show() {
        const time = page.now();
        const made = lecture.onScreen(time).flatMap(({number, boxes}) => boxes.map(box => {
            const target = element("button", {type: "button", tabindex: -1, "aria-label": lecture.textOf(number),
                onclick: () => page.openCard(number)});
            return Object.assign(target, {box, number});
        }));
        made.sort((one, other) => one.box[1] - other.box[1] || one.box[0] - other.box[0]);
        if (made.length) made[0].tabIndex = 0;
        targets.replaceChildren(...made);
        targets.hidden = false;
        place();
    }

    function hide() { targets.hidden = true; }

    film.addEventListener("pause", show);
    film.addEventListener("seeked", () => film.paused && show());
    film.addEventListener("loadeddata", () => film.paused && show());
    film.addEventListener("play", hide);
    new ResizeObserver(place).observe(targets);
});
