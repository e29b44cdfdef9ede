/* What is to be seen, for those who cannot see it: before each shot the film stands still, its description is spoken by
   the browser's voice, or told to a screen reader, and the film goes on. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element} = attnviz, {film} = page, speech = window.speechSynthesis;
    const WORDS_A_SECOND = 2.5, LEAST = 1500; // for how long a text stands that nobody speaks
    let on = false, told = -1, telling = null;

    const region = element("p", {id: "described", role: "status", lang: "en"});
    document.getElementById("stage").after(region);
    const button = element("button", {
        id: "describe", class: "tool", type: "button", "aria-pressed": "false", title: "Stop before each shot, and say what is to be seen",
        onclick: () => turn(!on),
    }, "Describe");
    document.getElementById("tools").append(button);

    const shotAt = time => lecture.shots.findIndex(shot => shot.start <= time && time < shot.end);
    const textOf = shot => shot.seen.map(([, , sentence]) => sentence).join(" ");
    const voice = () => speech?.getVoices().find(each => each.lang.startsWith("en"));

    /* Switch descriptions on, or off. */
    function turn(wanted) {
        on = wanted;
        button.setAttribute("aria-pressed", String(on));
        told = -1;
        if (!on) stopTelling();
        else if (!film.paused) look();
    }

    /* Tell of the shot that the film has come to, unless this was done. */
    function look() {
        if (!on || film.paused || telling) return;
        const place = shotAt(page.now());
        if (place < 0 || place === told) return;
        told = place;
        tell(textOf(lecture.shots[place]));
    }

    /* Say a text while the film stands still, and let it go on then. */
    function tell(text) {
        const mine = telling = {};
        const done = () => {
            if (telling !== mine) return;
            telling = null;
            film.play().catch(() => {}); // somebody may stop it at once
        };
        film.pause();
        region.textContent = text;
        const speaker = voice();
        if (!speaker) {
            mine.timer = setTimeout(done, Math.max(LEAST, text.split(" ").length / WORDS_A_SECOND * 1000));
            return;
        }
        mine.said = Object.assign(new SpeechSynthesisUtterance(text), {voice: speaker, lang: speaker.lang});
        mine.said.onend = mine.said.onerror = done;
        speech.cancel();
        speech.speak(mine.said);
    }

    function stopTelling() {
        if (telling?.timer) clearTimeout(telling.timer);
        if (telling?.said) speech.cancel();
        telling = null;
        region.textContent = "";
    }

    /* Look at the film as long as it plays: it tells the time itself only four times a second. */
    function follow() {
        look();
        if (on && !film.paused) requestAnimationFrame(follow);
    }

    film.addEventListener("play", () => {
        if (film.paused) return; // it was stopped again before this was told
        if (telling) stopTelling(); // whoever lets it play does not want to hear the rest
        if (on) requestAnimationFrame(follow);
    });
    film.addEventListener("seeking", () => {
        if (telling) stopTelling();
        told = -1;
    });
    button.addEventListener("click", () => requestAnimationFrame(follow));
});
