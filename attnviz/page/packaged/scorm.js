/* The page in a course: tells the LMS how much of the film was watched, and where somebody stopped (SCORM 1.2).
   Without an LMS it is the page that it always is. */
"use strict";

{
    const COMPLETE = 0.9;      // the share of the film that has to be watched
    const EVERY = 15_000;      // milliseconds from one report to the next while it plays
    const TOGETHER = 0.2;      // seconds between two stretches that count as one: players leave out some
    const ROOM = 4096;         // characters that an LMS keeps for us
    const DEEPEST = 500;       // frames within frames, as SCORM's own finder has it

    /* Return the API that an LMS offers in a window or in one around it. */
    function offeredIn(window_) {
        try {
            for (let depth = 0; window_ && depth < DEEPEST; depth++) {
                if (window_.API) return window_.API;
                if (window_.parent === window_) return null;
                window_ = window_.parent;
            }
        } catch { /* a window of somebody else, into which we may not look */ }
        return null;
    }

    /* Return the LMS's API: that of a window around this one, or of the window that opened it; else null. */
    function offered() {
        const opener = () => { try { return window.top.opener; } catch { return null; } };
        return offeredIn(window) ?? offeredIn(window.opener) ?? offeredIn(opener());
    }

    /* Return stretches of the film, [from, to] in seconds, in order and without overlaps. */
    function joined(stretches) {
        const all = [];
        for (const [start, end] of stretches.filter(each => each[1] > each[0]).sort((one, other) => one[0] - other[0])) {
            const last = all.at(-1);
            if (last && start <= last[1] + TOGETHER) last[1] = Math.max(last[1], end);
            else all.push([start, end]);
        }
        return all;
    }

    const played = film => Array.from({length: film.played.length}, (_, at) => [film.played.start(at), film.played.end(at)]);
    const length = stretches => stretches.reduce((sum, [start, end]) => sum + end - start, 0);

    /* Stretches as an LMS keeps them: "0-12.5 40-61". If there is no room for all, the shortest are forgotten. */
    function written(stretches) {
        const kept = [...stretches].sort((one, other) => (other[1] - other[0]) - (one[1] - one[0]));
        const text = () => joined(kept).map(each => each.map(time => Number(time.toFixed(1))).join("-")).join(" ");
        while (text().length > ROOM) kept.pop();
        return text();
    }

    function read(text) {
        const found = text.matchAll(/(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)(?= |$)/g);
        return joined(Array.from(found, ([, start, end]) => [Number(start), Number(end)]));
    }

    /* A time in milliseconds as SCORM writes it: 0000:12:07.50. */
    function timespan(time) {
        const two = number => String(number).padStart(2, "0"), hundredths = Math.round(time / 10);
        const seconds = Math.floor(hundredths / 100), minutes = Math.floor(seconds / 60);
        const hours = String(Math.floor(minutes / 60)).padStart(4, "0");
        return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}.${two(hundredths % 100)}`;
    }

    /* A course in an LMS: what it knows of this person, and what it is told. */
    class Course {
        constructor(api) {
            this.api = api;
            this.begun = Date.now();
            this.open = this.call("LMSInitialize", "") === "true";
            if (!this.open) return;
            this.review = ["browse", "review"].includes(this.get("lesson_mode"));
            this.complete = ["completed", "passed"].includes(this.get("lesson_status"));
            this.location = Number.parseFloat(this.get("lesson_location")) || 0;
            this.before = read(this.call("LMSGetValue", "cmi.suspend_data"));
            if (!this.complete && !this.review) this.set("lesson_status", "incomplete");
        }

        call(name, ...parts) {
            try {
                return String(this.api[name](...parts));
            } catch {
                return "";
            }
        }

        get(name) { return this.call("LMSGetValue", `cmi.core.${name}`); }
        set(name, value) { return this.call("LMSSetValue", `cmi.core.${name}`, value) === "true"; }

        /* Take note of all that was watched; tell at once when that is enough. */
        watched(stretches, share) {
            this.stretches = stretches;
            if (share < COMPLETE || this.complete || this.review) return;
            this.complete = this.set("lesson_status", "completed");
            this.call("LMSCommit", "");
        }

        report(location) {
            if (!this.open || this.review) return;
            this.set("lesson_location", location.toFixed(1));
            this.call("LMSSetValue", "cmi.suspend_data", written(this.stretches ?? this.before));
            this.set("session_time", timespan(Date.now() - this.begun));
            this.call("LMSCommit", "");
        }

        leave(location) {
            if (!this.open) return;
            this.set("exit", "suspend"); // what is kept is there again next time
            this.report(location);
            this.call("LMSFinish", "");
            this.open = false;
        }
    }

    function follow(course, film, tell) {
        const place = () => film.ended ? 0 : film.currentTime;
        const known = () => Number.isFinite(film.duration) && film.duration > 0;
        const line = attnviz.element("p", {id: "watched"});
        line.style.margin = "0.5rem 0 0";
        document.getElementById("stage").after(line);

        function look() {
            if (!known()) return;
            const stretches = joined([...course.before, ...played(film)]), was = course.complete;
            const share = Math.min(1, length(stretches) / film.duration);
            course.watched(stretches, share);
            const percent = `${Math.floor(share * 100)} % of the film watched`;
            const rest = course.complete ? "this lesson is complete." : `at ${COMPLETE * 100} % this lesson is complete.`;
            line.textContent = course.review ? "This is a review: nothing is recorded." : `${percent}; ${rest}`;
            if (course.complete && !was) tell("This lesson is complete.");
        }

        function resume() {
            if (course.location < film.duration && !/[#?&]t=/.test(location.href)) film.currentTime = course.location;
            look();
        }

        let reported = Date.now();
        function report() {
            reported = Date.now();
            look();
            course.report(place());
        }

        if (known()) resume();
        else film.addEventListener("loadedmetadata", resume, {once: true});
        film.addEventListener("timeupdate", () => Date.now() - reported > EVERY ? report() : look());
        for (const event of ["pause", "seeked", "ended"]) film.addEventListener(event, report);
        document.addEventListener("visibilitychange", () => document.hidden && report());
        window.addEventListener("pagehide", () => { look(); course.leave(place()); });
        window.addEventListener("pageshow", event => event.persisted && location.reload());
    }

    const api = offered();
    const course = api && new Course(api); // as soon as possible: an LMS waits for it
    attnviz.parts.push((lecture, page) => { if (course?.open) follow(course, page.film, page.tell); });
}
