/* Captions, as a track that needs no file: a page on disk may not read the one beside it. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const stamp = time => {
        const part = (size, length, width) => String(Math.floor(time / size) % length).padStart(width, "0");
        return `${part(3600000, 100, 2)}:${part(60000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
    };
    const escaped = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    const cues = lecture.captions.map(([start, end, text]) => `${stamp(start)} --> ${stamp(end)}\n${escaped(text)}\n`);
    const bytes = new TextEncoder().encode(["WEBVTT\n", ...cues].join("\n"));
    const packed = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
    page.film.append(attnviz.element("track", {
        kind: "captions", label: "captions", srclang: lecture.language, default: true, src: `data:text/vtt;base64,${packed}`,
    }));
});
