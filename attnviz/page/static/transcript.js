/* What is said, which follows the film: a sentence leads to its moment, a number in it to its card. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, panel = page.addPanel("transcript", "Transcript", 1);

    /* A sentence, whose numbers are links. */
    page.sentenceOf = said => {
        const parts = [], go = event => {
            event.preventDefault();
            page.seek(said.start, {play: !page.film.paused});
        };
        let end = 0;
        const text = (from, to) => to > from ? element("a", {
            class: "said", href: page.address(said.start), tabindex: parts.length ? -1 : null, onclick: go,
        }, said.text.slice(from, to)) : "";
        for (const [from, to, array, entry] of said.numbers) {
            const thing = shownThing(array, entry, said);
            parts.push(text(end, from), page.linkTo(thing, said.text.slice(from, to)));
            end = to;
        }
        return [...parts, text(end, said.text.length)];
    };

    /* The number on screen that a sentence says, or else the entry itself. */
    function shownThing(array, entry, said) {
        const shot = lecture.shots[said.shot];
        return lecture.numbers.find(number => number.array === array && number.entry === entry
            && number.end > said.start && number.start < shot.end) ?? lecture.entry(array, entry);
    }

    const lines = [];
    for (const [place, chapter] of lecture.chapters.entries()) {
        const shots = lecture.shots.map((shot, at) => ({...shot, at})).filter(({start}) => start >= chapter.start && start < chapter.end);
        panel.append(element("h3", {id: `chapter-${place}`, lang: lecture.language, dir: "auto"}, chapter.title),
            element("ol", {lang: lecture.language, "aria-labelledby": `chapter-${place}`}, shots.map(shot => element("li", {class: "shot"},
                page.thumbnail(shot.at),
                lecture.said.filter(said => said.shot === shot.at).map(said => {
                    const line = element("p", {class: "line"}, element("span", {class: "time"}, clock(said.start)),
                        element("span", {dir: "auto"}, page.sentenceOf(said)));
                    lines.push(line);
                    return line;
                })))));
    }

    let last = -1;
    function follow() {
        const now = page.now(), at = lecture.said.findLastIndex(said => said.start <= now);
        if (at === last) return;
        lines[last]?.classList.remove("now");
        lines[at]?.classList.add("now");
        last = at;
        if (!panel.contains(document.activeElement)) page.scrollPanel(panel, lines[at]);
    }
    page.film.addEventListener("timeupdate", follow);
    page.film.addEventListener("seeked", follow);
    document.addEventListener("panel", () => page.scrollPanel(panel, lines[last]));
    document.addEventListener("card", () => page.scrollPanel(panel, lines[last]));
});
