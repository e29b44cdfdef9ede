// Plays a deck of slides: one clip a slide, which stands still at its end until the next key.
"use strict";

(() => {
    const deck = window.deck;
    const $ = id => document.getElementById(id);
    const last = deck.slides.length - 1;
    const RESTS = 2500; // milliseconds without a movement of the hand, until the controls go

    // There are two players: one is seen, the other has the next clip ready, so that no gap is seen between them.
    const players = Array.from(document.querySelectorAll("#stage video"), video => ({
        video,
        slide: null,
        captions: video.addTextTrack("captions", "Captions", deck.language),
    }));
    let [seen, other] = players;
    let now = 0;   // the slide that is shown
    let turn = 0;  // counts what was asked for, so that what comes too late is not shown
    let withCaptions = false;

    function load(player, slide) {
        if (player.slide === slide) return;
        player.slide = slide;
        player.video.src = encodeURI(deck.slides[slide].clip);
        for (const cue of Array.from(player.captions.cues ?? [])) player.captions.removeCue(cue);
        for (const caption of deck.slides[slide].captions) player.captions.addCue(new VTTCue(...caption));
    }

    const happened = (video, event) => new Promise(ready => video.addEventListener(event, ready, {once: true}));

    // Lets a clip stand at its first or its last frame, which is there to be shown when this is done.
    async function stand(video, atEnd) {
        if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await happened(video, "loadeddata");
        const moment = atEnd ? video.duration : 0;
        if (video.currentTime === moment) return;
        const there = happened(video, "seeked");
        video.currentTime = moment;
        await there;
    }

    // Shows a slide: "playing" from its beginning, or standing at its "start" or its "end".
    async function show(slide, how) {
        const asked = ++turn;
        now = Math.max(0, Math.min(last, slide));
        $("begin").hidden = true;
        $("black").hidden = true;
        seen.video.pause();
        tell();
        load(other, now);
        const {video} = other;
        await stand(video, how === "end");
        if (asked !== turn) return;
        if (how === "playing") {
            try {
                await video.play();
            } catch { /* a browser that was not touched yet does not let it be heard: it stands at its start */ }
            if (asked !== turn) return video.pause();
        }
        [seen, other] = [other, seen];
        seen.video.classList.add("seen");
        other.video.classList.remove("seen");
        if (now < last) load(other, now + 1);
        state();
    }

    // ---- what is told of it

    function tell() {
        const {chapter} = deck.slides[now];
        const place = `${now + 1} / ${last + 1}`;
        const name = document.createElement("span");
        name.textContent = ` · ${chapter}`;
        $("place").replaceChildren(place, name);
        $("told").textContent = `Slide ${now + 1} of ${last + 1}, ${chapter}`;
        $("said").textContent = saidIn(now);
        $("progress").style.setProperty("--done", (now + 1) / (last + 1));
        document.querySelector("#overview [aria-current]")?.removeAttribute("aria-current");
        buttonOf(now).setAttribute("aria-current", "true");
        if (location.hash !== `#${now + 1}`) history.replaceState(null, "", `#${now + 1}`);
    }

    const buttonOf = slide => document.querySelector(`[data-slide="${slide + 1}"]`);
    const saidIn = slide => buttonOf(slide).nextElementSibling.textContent;
    const control = action => document.querySelector(`#controls [data-does="${action}"]`);

    function state() {
        control("sound")?.setAttribute("aria-pressed", !seen.video.muted);
        control("captions").setAttribute("aria-pressed", withCaptions);
        control("notes").setAttribute("aria-pressed", !$("said").hidden);
        caption();
    }

    // Captions stand above the controls, where a browser's own would lie beneath them.
    function caption() {
        const said = withCaptions && begun() ? Array.from(seen.captions.activeCues, cue => cue.text).join("\n") : "";
        $("caption").textContent = said;
        $("caption").hidden = !said;
    }

    // ---- what can be done with it

    const begun = () => $("begin").hidden;
    const actions = {
        next: () => begun() ? now < last && show(now + 1, "playing") : show(now, "playing"),
        previous: () => now > 0 && show(now - 1, "end"),
        again: () => show(now, "playing"),
        first: () => show(0, "playing"),
        last: () => show(last, "end"),
        toggle() {
            if (!begun() || seen.video.ended) actions.next();
            else if (seen.video.paused) seen.video.play();
            else seen.video.pause();
        },
        sound() {
            const muted = !seen.video.muted;
            for (const {video} of players) video.muted = muted;
        },
        captions: () => { withCaptions = !withCaptions; },
        notes: () => { $("said").hidden = !$("said").hidden; },
        black: () => { $("black").hidden = !$("black").hidden; if (!$("black").hidden) seen.video.pause(); },
        fullscreen: () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
        overview() { seen.video.pause(); $("overview").showModal(); buttonOf(now).focus(); },
        keys() { seen.video.pause(); $("keys").showModal(); },
        close: () => document.querySelector("dialog[open]").close(),
    };

    const keys = {
        ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", " ": "toggle", Enter: "toggle",
        r: "again", Home: "first", End: "last", m: "sound", c: "captions", n: "notes", b: "black", ".": "black",
        f: "fullscreen", o: "overview", "?": "keys", h: "keys",
    };

    function act(action) {
        actions[action]();
        state();
    }

    document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (document.querySelector("dialog[open]")) return;
        const pressed = event.target.closest?.("button") && (event.key === " " || event.key === "Enter");
        const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (pressed || !action) return;
        event.preventDefault();
        act(action);
    });

    document.addEventListener("click", event => {
        const button = event.target.closest("button");
        if (button?.dataset.does) act(button.dataset.does);
        else if (button?.dataset.slide) {
            $("overview").close();
            show(Number(button.dataset.slide) - 1, "playing");
        } else if (event.target.closest("#stage")) act("toggle");
    });

    let touched = null; // where a finger came down
    $("stage").addEventListener("touchstart", event => { touched = event.changedTouches[0].clientX; }, {passive: true});
    $("stage").addEventListener("touchend", event => {
        const moved = event.changedTouches[0].clientX - touched;
        if (Math.abs(moved) > 50) act(moved < 0 ? "next" : "previous");
    });

    let rest;
    function moved() {
        $("deck").classList.remove("still");
        clearTimeout(rest);
        rest = setTimeout(() => $("deck").classList.toggle("still", begun()), RESTS);
    }
    for (const event of ["mousemove", "pointerdown", "focusin"]) document.addEventListener(event, moved);

    // ---- the beginning

    document.documentElement.style.setProperty("--ground", deck.ground);
    const asked = () => Number.parseInt(location.hash.slice(1), 10) - 1;
    window.addEventListener("hashchange", () => { if (asked() >= 0 && asked() !== now) show(asked(), "start"); });
    for (const {captions} of players) {
        captions.mode = "hidden"; // its cues come and go all the same
        captions.addEventListener("cuechange", caption);
    }
    load(other, 0);
    state();
    moved();
    if (asked() >= 0) show(asked(), "start");
})();
