/* Of which models and sentences the numbers are; what can be downloaded; light and dark. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element} = attnviz, panel = page.addPanel("about", "About", 9);
    const models = new Map(lecture.traces.filter(trace => trace.model).map(trace => [`${trace.model} ${trace.fingerprint}`, trace]));
    const names = [...new Set(lecture.traces.map(trace => trace.model).filter(Boolean))];
    document.getElementById("models").textContent = names.length > 3 ? `${names.length} models` : names.length ? `model${names.length > 1 ? "s" : ""} ${names.join(", ")}` : "";
    const sentences = new Map(lecture.traces.filter(trace => trace.sentence).map(trace => [`${trace.sentence} ${trace.model}`, trace]));
    const link = (file, text) => element("li", {}, element("a", {href: encodeURIComponent(file), download: file}, text));
    panel.append(
        lecture.about ? element("p", {lang: lecture.language, dir: "auto"}, lecture.about) : "",
        element("h3", {}, "Models"),
        element("ul", {}, [...models.values()].map(({model, fingerprint, device, dtype}) => element("li", {},
            model, element("span", {class: "dim"}, `, fingerprint ${fingerprint}, computed as ${dtype} on ${device}`)))),
        element("h3", {}, "Sentences"),
        element("ul", {}, [...sentences.values()].map(({sentence, model, words, added}) => element("li", {},
            element("span", {dir: "auto"}, sentence), element("span", {class: "dim"}, `, ${model}`),
            added ? element("span", {class: "dim"}, `; its tokenizer adds ${added}`) : ""))),
        element("h3", {}, "Numbers"),
        element("p", {}, "Each number on screen is one of three kinds: read from an array of the model's forward pass; derived, which is computed from such numbers by the formula on its card; or schematic, such as the ticks of an axis."),
        element("h3", {}, "Downloads"),
        element("ul", {},
            link(lecture.film, "film"), link(lecture.files.captions, "captions (WebVTT)"), link(lecture.files.srt, "captions (SubRip)"),
            link(lecture.files.json, "all numbers (JSON)"), link(lecture.files.csv, "all numbers (CSV)")),
    );

    const THEMES = {auto: "as the system", light: "light", dark: "dark"}, names_ = Object.keys(THEMES);
    let theme = "auto";
    try { theme = localStorage.getItem("attnviz-theme") ?? "auto"; } catch { /* kept nowhere */ }
    const button = element("button", {type: "button", class: "tool", onclick: () => use(names_[(names_.indexOf(theme) + 1) % 3])});
    function use(name) {
        theme = name in THEMES ? name : "auto";
        document.documentElement.dataset.theme = theme;
        const [sign, told] = {auto: ["◐", " Auto"], light: ["☀", " Light"], dark: ["☾", " Dark"]}[theme];
        button.replaceChildren(sign, element("span", {class: "wide"}, told));
        button.setAttribute("aria-label", `Colours: ${THEMES[theme]}`);
        try { localStorage.setItem("attnviz-theme", theme); } catch { /* kept nowhere */ }
    }
    use(theme);
    document.getElementById("tools").append(button);
});
