/* Captions and descriptions, as tracks that need no file: a page on disk may not read those beside it. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const stamp = time => {
        const part = (size, length, width) => String(Math.floor(time / size) % length).padStart(width, "0");
        return `${part(3600000, 100, 2)}:${part(60000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
    };
    const escaped = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

    /* Add a track to the film; its cues are [start, end, text]. */
    function addTrack(attributes, told) {
        const cues = told.map(([start, end, text]) => `${stamp(start)} --> ${stamp(end)}\n${escaped(text)}\n`);
        const bytes = new TextEncoder().encode(["WEBVTT\n", ...cues].join("\n"));
        const packed = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
        page.film.append(attnviz.element("track", {...attributes, src: `data:text/vtt;base64,${packed}`}));
    }

    addTrack({kind: "captions", label: "captions", srclang: lecture.language, default: true}, lecture.captions);
    addTrack({kind: "descriptions", label: "descriptions", srclang: "en"}, lecture.shots.flatMap(shot => shot.seen));
});
