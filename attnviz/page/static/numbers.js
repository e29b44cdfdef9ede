/* The list of all numbers, and the search over them and over what is said. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, panel = page.addPanel("numbers", "Numbers", 2), MORE = 100;
    const all = [...new Set(lecture.numbers.map(number => lecture.sameAs(number)[0]))];

    const chapterOf = number => lecture.chapters.find(({start, end}) => start <= number.start && number.start < end)?.title ?? "";
    const sentenceOf = number => lecture.traces[number.trace]?.sentence ?? "";

    /* A number as a line of a list; among what was found, also of which sentence it is, and of which chapter. */
    const row = (number, found) => {
        const times = lecture.sameAs(number).length, where = [sentenceOf(number), chapterOf(number)].filter(Boolean).join(" · ");
        return element("li", {}, element("button", {type: "button", class: "number", onclick: () => page.goTo(number)},
            element("b", {}, number.text),
            element("span", {class: "name", dir: "auto"}, number.array < 0 ? number.formula : page.nameOf(number)),
            element("span", {class: "time"}, times > 1 ? `${clock(number.start)}, ${times}×` : clock(number.start)),
            found && where ? element("span", {class: "note where", dir: "auto"}, where) : ""));
    };

    /* The lines of a list from one place to another, under the titles of their chapters. */
    const rows = (numbers, from, to) => numbers.slice(from, to).flatMap((number, at) => {
        const title = chapterOf(number), before = numbers[from + at - 1];
        const heading = before && chapterOf(before) === title ? [] : [element("li", {}, element("h3", {lang: lecture.language, dir: "auto"}, title))];
        return [...heading, row(number, false)];
    });

    /* Fill a list, as far as it is looked at: of a whole lecture there are thousands. */
    function fill(list, numbers, found = false) {
        const more = element("button", {type: "button", class: "plain"});
        let shown = 0;
        const grow = () => {
            more.before(...found ? numbers.slice(shown, shown + MORE).map(number => row(number, true)) : rows(numbers, shown, shown + MORE));
            shown = Math.min(numbers.length, shown + MORE);
            more.textContent = `${numbers.length - shown} more`;
            more.hidden = shown === numbers.length;
        };
        more.addEventListener("click", grow);
        list.replaceChildren(more);
        grow();
    }

    // All numbers, or those that are on screen now
    const now = element("input", {type: "checkbox", id: "only-now"}), count = element("span", {class: "dim"}), list = element("ol", {class: "numbers"});
    panel.append(element("p", {class: "filter"}, now, element("label", {for: "only-now"}, "on screen at this moment only"), count), list);
    function update() {
        const chosen = now.checked ? lecture.onScreen(page.now()).map(({number}) => number) : all;
        count.textContent = `${chosen.length} of ${all.length}`;
        fill(list, chosen);
    }
    now.addEventListener("change", update);
    document.addEventListener("paused", () => now.checked && update());
    update();

    // The search
    const found = page.addPanel("found", "Found", 0), tab = document.getElementById("tab-found");
    tab.hidden = true;
    const field = element("input", {type: "search", id: "query", placeholder: "Search what is said, and numbers", autocomplete: "off", spellcheck: "false"});
    document.getElementById("search").append(element("label", {class: "unseen", for: "query"}, "Search what is said, and numbers"), field);
    const SMALL = new Set(["of", "on", "to", "in", "from", "at", "for"]); // "weight of apple on orange" is searched without them

    /* A text as it is searched: the₂ as the2, −0.5 as -0.5, 43 % as 43%. */
    const plain = text => text.normalize("NFKC").toLowerCase().replaceAll("−", "-").replace(/\s+%/g, "%");
    const names = new Map(all.map(number => [number, plain(`${number.text} ${lecture.nameOf(number)}`)]));
    const texts = new Map(all.map(number => [number, plain([
        number.text, lecture.nameOf(number), sentenceOf(number), lecture.traces[number.trace]?.model ?? "",
        ...lecture.sameAs(number).map(chapterOf)].join(" "))]));

    /* How far a number is from what is meant: by words that only its sentence, model or chapter has, and then by their order. */
    function distance(number, words) {
        const name = names.get(number), own = words.filter(word => name.includes(word));
        let end = 0;
        const inOrder = own.every(word => {
            const start = name.indexOf(word, end);
            end = start + word.length;
            return start >= 0;
        });
        return 2 * (words.length - own.length) + (inOrder ? 0 : 1);
    }

    let before = "transcript";
    field.addEventListener("input", () => {
        const written = plain(field.value).split(/\s+/).filter(Boolean), large = written.filter(word => !SMALL.has(word));
        const words = large.length ? large : written;
        if (tab.hidden) before = document.querySelector("[role=tab][aria-selected=true]").getAttribute("aria-controls");
        tab.hidden = !words.length;
        if (!words.length) return page.showPanel(before);
        const has = text => words.every(word => text.includes(word));
        const said = lecture.said.filter(each => has(plain(each.text))), numbers = all.filter(number => has(texts.get(number)));
        const far = new Map(numbers.map(number => [number, distance(number, words)]));
        numbers.sort((one, other) => far.get(one) - far.get(other));
        const list = element("ol", {class: "numbers"});
        fill(list, numbers, true);
        found.replaceChildren(
            element("h3", {}, `Said: ${said.length} of ${lecture.said.length} sentences`),
            ...said.slice(0, MORE).map(each => element("p", {class: "line"}, element("span", {class: "time"}, clock(each.start)),
                element("span", {lang: lecture.language, dir: "auto"}, page.sentenceOf(each)))),
            element("h3", {}, `On screen: ${numbers.length} of ${all.length} numbers`), list);
        page.showPanel("found");
        page.tell(`${said.length} sentences, ${numbers.length} numbers found`);
    });
});
