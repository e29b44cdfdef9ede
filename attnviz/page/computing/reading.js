/* From a text to the tokens that a model reads, as attnviz itself reads it: whole words, or what is wrong, in words. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});

    /* What Unicode counts as letters of a word (UTS #18, annex C), and as white space. */
    const LETTER = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
    const PIECES = {
        words: new RegExp(`[${LETTER}]+|[^${LETTER}\\p{White_Space}]+`, "gu"),
        spaces: /\P{White_Space}+/gu,
    };
    const MOST_ON_A_BOARD = 100;
    const MOST_WORDS = 1000;

    function read(model, text, words) {
        if (/\p{Cs}/u.test(text)) return refused("the text holds half a character");
        return model.kind === "blackboard" ? readFromBoard(model, text, words) : readPieces(model, text);
    }

    function refused(...problems) {
        return {tokens: [], problems};
    }

    function readPieces(model, text) {
        if (!text.trim()) return refused("the text is empty: write a few words");
        const {mask, pieces, lower, nfc} = model.reading;
        const read = [];
        (mask ? text.split(mask) : [text]).forEach((part, place) => {
            if (place > 0) read.push(mask);
            read.push(...(normal(part, lower, nfc).match(PIECES[pieces]) || []));
        });
        if (!read.length) return refused("the model has no token for this text");
        const numbers = numbersOf(model);
        const unknown = [...new Set(read)].filter(word => !numbers.has(word));
        if (unknown.length) return refused(...unknown.map(word => doesNotKnow(model, word)));
        if (read.length > model.config.context) {
            return refused(`the sentence has ${read.length} tokens; the model '${model.name}' reads at most ${model.config.context}`);
        }
        const labels = distinct(read);
        return {tokens: read.map((word, at) => ({label: labels[at], word, number: numbers.get(word)})), problems: []};
    }

    function normal(text, lower, nfc) {
        const composed = nfc ? text.normalize("NFC") : text;
        if (!lower) return composed;
        const small = Array.from(composed, letter => letter.toLowerCase()).join("");
        return nfc ? small.normalize("NFC") : small; // small letters can come apart
    }

    /* Words of a blackboard are looked up as written, then whatever their case; signs at their ends are dropped. */
    function readFromBoard(model, text, words) {
        const numbers = numbersOf(model);
        const folded = new Map();
        model.vocabulary.forEach(word => folded.set(fold(word), [...(folded.get(fold(word)) || []), word]));
        const pieces = text.split(/[\p{White_Space}\x1c-\x1f]+/u).filter(piece => piece);
        if (pieces.length > MOST_WORDS) return refused(`the sentence has ${pieces.length} words; at most ${MOST_WORDS} can be read`);
        const written = pieces
            .map(piece => (folded.has(fold(piece)) ? piece : bare(piece)))
            .filter(word => word);
        const problems = new Map();
        const read = written.map(word => {
            const found = numbers.has(word) ? [word] : folded.get(fold(word)) || [];
            if (found.length > 1) {
                const options = found.map(each => `'${each}'`).join(" or ");
                problems.set(word, `the model has more than one word '${word}'; write ${options}`);
            } else if (!found.length) problems.set(word, doesNotKnow(model, word));
            return found[0];
        });
        if (problems.size) return refused(...problems.values());
        if (!read.length) return refused("the sentence has no words: write words that the model knows");
        const labels = distinct(read);
        const all = read.map((word, at) => ({label: labels[at], word, number: numbers.get(word)}));
        const tokens = words ? words.map(label => all.find(token => token.label === label)).filter(Boolean) : all;
        if (tokens.length > MOST_ON_A_BOARD) {
            return refused(`the sentence has ${tokens.length} words; at most ${MOST_ON_A_BOARD} fit`);
        }
        return {tokens, all, problems: []};
    }

    /* Case folding as Unicode defines it; Cherokee alone folds to capitals, and a dotless i stays what it is. */
    function fold(word) {
        const plain = word.normalize("NFC").replace(/[\ufe0e\ufe0f]/g, "");
        return Array.from(plain, letter => {
            if (letter === "ı") return letter;
            if (/[\u13a0-\u13fd\uab70-\uabbf]/.test(letter)) return letter.toUpperCase();
            return Array.from(letter.toLowerCase().toUpperCase(), each => each.toLowerCase()).join("");
        }).join("");
    }

    function bare(word) {
        return word.replace(/^\p{P}+/u, "").replace(/\p{P}+$/u, "");
    }

    function distinct(words) {
        const taken = new Set();
        const counts = new Map();
        for (const word of words) {
            let label = word;
            while (taken.has(label)) {
                counts.set(word, (counts.get(word) || 1) + 1);
                label = `${word}#${counts.get(word)}`;
            }
            taken.add(label);
        }
        return [...taken];
    }

    const cachedNumbers = new WeakMap();
    function numbersOf(model) {
        if (!cachedNumbers.has(model)) {
            cachedNumbers.set(model, new Map(model.vocabulary.map((word, number) => [word, number])));
        }
        return cachedNumbers.get(model);
    }

    function doesNotKnow(model, word) {
        const near = nearest(word, model.vocabulary).map(each => `'${each}'`);
        return `the model does not know the word '${word}'` + (near.length ? `; did you mean ${near.join(" or ")}?` : "");
    }

    /* The words, at most three, that the fewest letters part from this one, if these are less than half of it. */
    function nearest(word, vocabulary) {
        const apart = vocabulary.map(each => distance(word.toLowerCase(), each.toLowerCase()));
        const least = Math.min(...apart);
        return 2 * least < word.length ? vocabulary.filter((_, at) => apart[at] === least).slice(0, 3) : [];
    }

    function distance(one, other) {
        let before = Array.from({length: other.length + 1}, (_, at) => at);
        for (let row = 1; row <= one.length; row++) {
            const now = [row];
            for (let column = 1; column <= other.length; column++) {
                const changed = before[column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
                now.push(Math.min(changed, before[column] + 1, now[column - 1] + 1));
            }
            before = now;
        }
        return before[other.length];
    }

    Object.assign(attnviz, {read, fold});
})();
