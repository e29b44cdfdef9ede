/* What is said, following the film. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, panel = page.addPanel("transcript", "Transcript");
    const lines = lecture.said.map(said => {
        const text = element("button", {type: "button", class: "said", onclick: () => page.seek(said.start)}, said.text);
        return element("li", {}, element("span", {class: "time"}, clock(said.start)), text);
    });
    panel.append(element("ol", {lang: lecture.language}, lines));
    page.film.addEventListener("timeupdate", () => {
        const now = page.now(), at = lecture.said.findLastIndex(said => said.start <= now);
        lines.forEach((line, place) => line.classList.toggle("now", place === at));
    });
});
