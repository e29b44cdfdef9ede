/* The list of all numbers, and the search over them and over what is said. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element, clock} = attnviz, panel = page.addPanel("numbers", "Numbers", 2), MORE = 100;
    const all = [...new Set(lecture.numbers.map(number => lecture.sameAs(number)[0]))];

    const row = number => {
        const times = lecture.sameAs(number).length;
        return element("li", {}, element("button", {type: "button", class: "number", onclick: () => page.goTo(number)},
            element("b", {}, number.text),
            element("span", {class: "name", dir: "auto"}, number.array < 0 ? number.formula : page.nameOf(number)),
            element("span", {class: "time"}, times > 1 ? `${clock(number.start)}, ${times}×` : clock(number.start))));
    };

    /* Fill a list, as far as it is looked at: of a whole lecture there are thousands. */
    function fill(list, numbers) {
        const more = element("button", {type: "button", class: "plain"});
        let shown = 0;
        const grow = () => {
            more.before(...numbers.slice(shown, shown + MORE).map(row));
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
    const texts = new Map(all.map(number => [number, `${number.text} ${lecture.nameOf(number)} ${lecture.traces[number.trace]?.sentence ?? ""}`.toLowerCase()]));
    let before = "transcript";
    field.addEventListener("input", () => {
        const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
        if (tab.hidden) before = document.querySelector("[role=tab][aria-selected=true]").getAttribute("aria-controls");
        tab.hidden = !words.length;
        if (!words.length) return page.showPanel(before);
        const has = text => words.every(word => text.includes(word));
        const said = lecture.said.filter(each => has(each.text.toLowerCase())), numbers = all.filter(number => has(texts.get(number)));
        const list = element("ol", {class: "numbers"});
        fill(list, numbers);
        found.replaceChildren(
            element("h3", {}, `Said: ${said.length} of ${lecture.said.length} sentences`),
            ...said.slice(0, MORE).map(each => element("p", {class: "line"}, element("span", {class: "time"}, clock(each.start)),
                element("span", {lang: lecture.language, dir: "auto"}, page.sentenceOf(each)))),
            element("h3", {}, `On screen: ${numbers.length} of ${all.length} numbers`), list);
        page.showPanel("found");
        page.tell(`${said.length} sentences, ${numbers.length} numbers found`);
    });
});
