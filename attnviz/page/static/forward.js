/* The forward pass of a small model, in the browser, in double precision.

   The models are those that `model.js` lists: transformers as `attnviz train` leaves them, and blackboards. The steps, and
   the names of arrays, are those of attnviz's own forward pass (docs/arrays.md), which is computed with torch; row vectors
   stand left of their matrices. A matrix is an array of rows, each a Float64Array.

   attnviz.read(model, text)         the tokens of a text: {tokens: [{label, word, number}], problems: [text]}
   attnviz.run(model, tokens)        the trace: every array by name, with its dimensions and labels */
"use strict";

(function () {
    const attnviz = (window.attnviz = window.attnviz || {});

    // ---- Reading --------------------------------------------------------------------------------------------------

    /* What Unicode counts as letters of a word (UTS #18, annex C), and as white space. */
    const LETTER = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
    const PIECES = {
        words: new RegExp(`[${LETTER}]+|[^${LETTER}\\p{White_Space}]+`, "gu"),
        spaces: /\P{White_Space}+/gu,
    };
    const MOST_ON_A_BOARD = 100;
    const MOST_WORDS = 1000;

    function read(model, text, words) {
        const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
        if (half) return refused("the text holds half a character");
        return model.kind === "blackboard" ? readFromBoard(model, text, words) : readPieces(model, text);
    }

    function refused(...problems) {
        return { tokens: [], problems };
    }

    function readPieces(model, text) {
        if (!text.trim()) return refused("the text is empty: write a few words");
        const { mask, pieces, lower, nfc } = model.reading;
        const read = [];
        (mask ? text.split(mask) : [text]).forEach((part, place) => {
            if (place > 0) read.push(mask);
            read.push(...(normal(part, lower, nfc).match(PIECES[pieces]) || []));
        });
        if (!read.length) return refused("the model has no token for this text");
        const numbers = numbersOf(model);
        const unknown = [...new Set(read)].filter((word) => !numbers.has(word));
        if (unknown.length) return refused(...unknown.map((word) => doesNotKnow(model, word)));
        if (read.length > model.config.context) {
            return refused(`the sentence has ${read.length} tokens; the model '${model.name}' reads at most ${model.config.context}`);
        }
        const labels = distinct(read);
        return { tokens: read.map((word, at) => ({ label: labels[at], word, number: numbers.get(word) })), problems: [] };
    }

    function normal(text, lower, nfc) {
        const composed = nfc ? text.normalize("NFC") : text;
        if (!lower) return composed;
        const small = Array.from(composed, (letter) => letter.toLowerCase()).join("");
        return nfc ? small.normalize("NFC") : small; // small letters can come apart
    }

    /* Words of a blackboard are looked up as written, then whatever their case; signs at their ends are dropped. */
    function readFromBoard(model, text, words) {
        const numbers = numbersOf(model);
        const folded = new Map();
        model.vocabulary.forEach((word) => folded.set(fold(word), [...(folded.get(fold(word)) || []), word]));
        const pieces = text.split(/[\p{White_Space}\x1c-\x1f]+/u).filter((piece) => piece);
        if (pieces.length > MOST_WORDS) return refused(`the sentence has ${pieces.length} words; at most ${MOST_WORDS} can be read`);
        const written = pieces
            .map((piece) => (folded.has(fold(piece)) ? piece : bare(piece)))
            .filter((word) => word);
        const problems = new Map();
        const read = written.map((word) => {
            const found = numbers.has(word) ? [word] : folded.get(fold(word)) || [];
            if (found.length > 1) {
                const options = found.map((each) => `'${each}'`).join(" or ");
                problems.set(word, `the model has more than one word '${word}'; write ${options}`);
            } else if (!found.length) problems.set(word, doesNotKnow(model, word));
            return found[0];
        });
        if (problems.size) return refused(...problems.values());
        if (!read.length) return refused("the sentence has no words: write words that the model knows");
        const labels = distinct(read);
        const all = read.map((word, at) => ({ label: labels[at], word, number: numbers.get(word) }));
        const tokens = words ? words.map((label) => all.find((token) => token.label === label)).filter(Boolean) : all;
        if (tokens.length > MOST_ON_A_BOARD) {
            return refused(`the sentence has ${tokens.length} words; at most ${MOST_ON_A_BOARD} fit`);
        }
        return { tokens, all, problems: [] };
    }

    /* Case folding as Unicode defines it; Cherokee alone folds to capitals, and a dotless i stays what it is. */
    function fold(word) {
        const plain = word.normalize("NFC").replace(/[\ufe0e\ufe0f]/g, "");
        return Array.from(plain, (letter) => {
            if (letter === "ı") return letter;
            if (/[\u13a0-\u13fd\uab70-\uabbf]/.test(letter)) return letter.toUpperCase();
            return Array.from(letter.toLowerCase().toUpperCase(), (each) => each.toLowerCase()).join("");
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
        const near = nearest(word, model.vocabulary).map((each) => `'${each}'`);
        return `the model does not know the word '${word}'` + (near.length ? `; did you mean ${near.join(" or ")}?` : "");
    }

    /* At most three words that few letters part from this one, the nearest first. */
    function nearest(word, vocabulary) {
        const apart = vocabulary.map((each) => [distance(word.toLowerCase(), each.toLowerCase()), each]);
        const most = Math.min(3, Math.floor(Array.from(word).length / 2));
        return apart
            .filter(([letters]) => letters <= most)
            .sort(([one], [other]) => one - other)
            .slice(0, 3)
            .map(([, each]) => each);
    }

    function distance(one, other) {
        let before = Array.from({ length: other.length + 1 }, (_, at) => at);
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

    // ---- Mathematics ----------------------------------------------------------------------------------------------

    const sum = (row) => row.reduce((total, each) => total + each, 0);
    const added = (x, y) => x.map((each, at) => each + y[at]);
    const divided = (row, by) => row.map((each) => (by === 0 ? NaN : each / by));
    const largest = (row) => row.reduce((most, each) => Math.max(most, each), -Infinity);
    const norm = (row) => Math.sqrt(dot(row, row));

    function dot(x, y) {
        let total = 0;
        for (let at = 0; at < x.length; at++) total += x[at] * y[at];
        return total;
    }

    /* x · W (+ b), for each row of x. */
    function linear(rows, W, b) {
        const width = W[0].length;
        return rows.map((x) => {
            const out = new Float64Array(width);
            x.forEach((each, row) => {
                for (let column = 0; column < width; column++) out[column] += each * W[row][column];
            });
            return b ? added(out, b) : out;
        });
    }

    const dots = (queries, keys) => queries.map((q) => Float64Array.from(keys, (k) => dot(q, k)));

    function softmax(row) {
        const most = largest(row);
        const exponentials = row.map((score) => Math.exp(score - most));
        return divided(exponentials, sum(exponentials));
    }

    /* The Gauss error function: 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)), whose terms are all of one sign. */
    function erf(x) {
        if (Math.abs(x) > 6) return Math.sign(x);
        let term = x;
        let total = x;
        for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
            term *= (2 * x * x) / (2 * n + 1);
            total += term;
        }
        return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
    }

    const ACTIVATIONS = {
        relu: (x) => Math.max(0, x),
        gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
        silu: (x) => x / (1 + Math.exp(-x)),
    };

    // ---- Transformers ---------------------------------------------------------------------------------------------

    /* The parameters of a model by name, decoded once: float32, as they were trained, in double precision. */
    const cachedParameters = new WeakMap();
    function parametersOf(model) {
        if (!cachedParameters.has(model)) {
            const decoded = Object.entries(model.parameters).map(([name, each]) => [name, decode(each)]);
            cachedParameters.set(model, Object.fromEntries(decoded));
        }
        return cachedParameters.get(model);
    }

    function decode({ shape, data }) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const view = new DataView(bytes.buffer); // float32, the least significant byte first, on every machine
        const numbers = Float64Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
        if (shape.length === 1) return numbers;
        return Array.from({ length: shape[0] }, (_, row) => numbers.subarray(row * shape[1], (row + 1) * shape[1]));
    }

    function runTransformer(model, tokens, record) {
        const { config } = model;
        const p = parametersOf(model);
        const stack = config.architecture; // "encoder" or "decoder"
        let x = embed(config, p, tokens, record);
        record("mask", x.map((_, query) => Float64Array.from(x, (_, key) => Number(sees(config, query, key)))));
        for (let layer = 0; layer < config.layers; layer++) {
            const of = (name) => p[`${stack}.layers.${layer}.${name}`];
            record("residual", x);
            x = withPart(config, x, of, "attention", record, (y) => attend(config, y, of, record));
            x = withPart(config, x, of, "feed_forward", record, (y) => feedForward(config, y, of, record));
        }
        if (config.norm_position === "before") {
            x = normed(config, x, p[`${stack}.final_norm.scale`], p[`${stack}.final_norm.shift`]);
            record("final_normed", x);
        }
        const logits = p.W_U ? linear(x, p.W_U) : dots(x, p["embedding.W_E"]);
        record("logits", logits);
        record("probabilities", logits.map(softmax));
    }

    const sees = (config, query, key) => config.architecture === "encoder" || key <= query;

    function embed(config, p, tokens, record) {
        const x = tokens.map((token) => p["embedding.W_E"][token.number]);
        record("tokens", Float64Array.from(tokens, (token) => token.number));
        record("positions", Float64Array.from(tokens, (_, position) => position));
        record("embeddings", x);
        if (config.positions === "rotary") record("rotation_angles", x.map((_, at) => angles(at, config.d_head)));
        if (config.positions === "none" || config.positions === "rotary") return x;
        const learned = p["embedding.W_P"];
        const vectors = x.map((_, position) => (learned ? learned[position] : sinusoid(position, config.d_model)));
        record("position_vectors", vectors);
        return x.map((row, at) => added(row, vectors[at]));
    }

    /* position / 10000^(2i / size) */
    function angles(position, size) {
        return Float64Array.from({ length: size / 2 }, (_, i) => position * Math.pow(10000, (-2 * i) / size));
    }

    function sinusoid(position, size) {
        const turned = angles(position, size);
        return Float64Array.from({ length: size }, (_, i) => (i % 2 ? Math.cos : Math.sin)(turned[i >> 1]));
    }

    /* x + part(norm(x)), or where norms stand after the parts norm(x + part(x)). */
    function withPart(config, x, of, name, record, part) {
        const [scale, shift] = [of(`${name}_norm.scale`), of(`${name}_norm.shift`)];
        const sums = (y) => x.map((row, at) => added(row, y[at]));
        const before = config.norm_position === "before";
        const y = normed(config, before ? x : sums(part(x)), scale, shift);
        record("normed", y);
        const out = before ? sums(part(y)) : y;
        record("residual", out);
        return out;
    }

    /* LayerNorm, (x − mean(x)) / √(variance(x) + ε) · scale + shift, or RMSNorm, x / √(mean(x²) + ε) · scale. */
    function normed(config, rows, scale, shift) {
        return rows.map((row) => {
            const centre = shift ? sum(row) / row.length : 0;
            const spread = Math.sqrt(sum(row.map((each) => (each - centre) ** 2)) / row.length + config.norm_epsilon);
            return row.map((each, at) => ((each - centre) / spread) * scale[at] + (shift ? shift[at] : 0));
        });
    }

    function attend(config, x, of, record) {
        const sharing = config.heads / config.key_value_heads;
        const turning = config.positions === "rotary";
        const projected = (name, letter, heads) => {
            const all = linear(x, of(`attention.W_${letter}`), of(`attention.b_${letter}`));
            const each = Array.from({ length: config.heads }, (_, head) => {
                const start = Math.floor(head / (config.heads / heads)) * config.d_head;
                return all.map((row) => row.slice(start, start + config.d_head));
            });
            if (!turning || letter === "V") return each;
            record(`unturned_${name}`, each);
            return each.map((rows) => rows.map((row, position) => turned(row, angles(position, config.d_head))));
        };
        const queries = projected("queries", "Q", config.heads);
        const keys = projected("keys", "K", config.heads / sharing);
        const values = projected("values", "V", config.heads / sharing);
        const query_key_dot = queries.map((each, head) => dots(each, keys[head]));
        const scale = Math.sqrt(config.d_head);
        const hidden = (row, query) => row.map((d, key) => (sees(config, query, key) ? d / scale : -Infinity));
        const scores = query_key_dot.map((rows) => rows.map(hidden));
        const weights = scores.map((rows) => rows.map(softmax));
        const head_outputs = weights.map((rows, head) => linear(rows, values[head]));
        const score_exponentials = scores.map((rows) => rows.map((row) => row.map(Math.exp)));
        const score_sum = score_exponentials.map((rows) => Float64Array.from(rows, sum));
        const steps = { queries, keys, values, query_key_dot, scores, score_exponentials, score_sum, weights, head_outputs };
        Object.entries(steps).forEach(([name, step]) => record(name, step));
        return joined(head_outputs, of("attention.W_O"), of("attention.b_O"), record);
    }

    /* RoPE: each pair of coordinates (i, i + size/2) is rotated by its angle. */
    function turned(row, by) {
        const half = row.length / 2;
        return row.map((each, at) => {
            const angle = by[at % half];
            return at < half
                ? each * Math.cos(angle) - row[at + half] * Math.sin(angle)
                : row[at - half] * Math.sin(angle) + each * Math.cos(angle);
        });
    }

    /* The heads' outputs side by side, times W_O; each head's share of that is its outputs times its rows of W_O. */
    function joined(outputs, W_O, b_O, record, rounded = (_, result) => result) {
        const concatenated = rounded("concatenated", sideBySide(outputs));
        record("concatenated", concatenated);
        if (!W_O) return concatenated;
        let row = 0;
        const contributions = outputs.map((output) => {
            const rows = W_O.slice(row, (row += output[0].length));
            return rounded("head_contributions", linear(output, rows));
        });
        record("head_contributions", contributions);
        record("contribution_norm", contributions.map((rows) => rounded("contribution_norm", Float64Array.from(rows, norm))));
        const output = rounded("output", linear(concatenated, W_O, b_O));
        record("output", output);
        return output;
    }

    function sideBySide(outputs) {
        return outputs[0].map((_, token) => Float64Array.from(outputs.flatMap((output) => Array.from(output[token]))));
    }

    function feedForward(config, x, of, record) {
        const [W_gate, b_gate] = [of("feed_forward.W_gate"), of("feed_forward.b_gate")];
        let hidden = linear(x, of("feed_forward.W_in"), of("feed_forward.b_in"));
        if (W_gate) {
            const gate = linear(x, W_gate, b_gate).map((row) => row.map(ACTIVATIONS.silu));
            hidden = hidden.map((row, token) => row.map((each, at) => gate[token][at] * each));
        } else hidden = hidden.map((row) => row.map(ACTIVATIONS[config.feed_forward]));
        record("feed_forward_hidden", hidden);
        const output = linear(hidden, of("feed_forward.W_out"), of("feed_forward.b_out"));
        record("feed_forward", output);
        return output;
    }

    // ---- Blackboards ----------------------------------------------------------------------------------------------

    /* With `carry` "displayed" every named result is rounded before the next step uses it, as at a board. */
    function runBlackboard(model, tokens, carry, record) {
        const round = carry === "displayed" ? (number) => shown(number, model.decimals) : (number) => number;
        const rounded = (_, result) => (result instanceof Float64Array ? result.map(round) : result.map((row) => row.map(round)));
        const matrix = (rows) => rounded("", rows.map((row) => Float64Array.from(row)));

        const embeddings = matrix(tokens.map((token) => model.coordinates[token.number]));
        record("embeddings", embeddings);
        record("norm", rounded("norm", Float64Array.from(embeddings, norm)));
        const arrays = {};
        const write = (name, result) => {
            const written = rounded(name, result);
            (arrays[name] = arrays[name] || []).push(written);
            return written;
        };
        for (const head of model.heads.length ? model.heads : [null]) {
            const queries = write("queries", head ? linear(embeddings, matrix(head.W_Q)) : embeddings);
            const keys = write("keys", head ? linear(embeddings, matrix(head.W_K)) : embeddings);
            const values = write("values", head ? linear(embeddings, matrix(head.W_V)) : embeddings);
            const scores = write("scores", similarities(model, queries, write("query_key_dot", dots(queries, keys)), keys));
            write("head_outputs", linear(weightsOf(model, scores, write), values));
        }
        Object.entries(arrays).forEach(([name, heads]) => record(name, heads));
        const output = joined(arrays.head_outputs, model.W_O && matrix(model.W_O), null, record, rounded);
        if (!model.W_O) record("output", output);
    }

    function similarities(model, queries, query_key_dot, keys) {
        if (model.similarity === "dot") return query_key_dot;
        if (model.similarity === "scaled_dot") {
            return query_key_dot.map((row) => row.map((each) => each / Math.sqrt(queries[0].length)));
        }
        const unit = (rows) => rows.map((row) => (norm(row) > 0 ? row.map((each) => each / norm(row)) : row.map(() => 0)));
        return dots(unit(queries), unit(keys)).map((row) => row.map((each) => Math.max(-1, Math.min(1, each))));
    }

    function weightsOf(model, scores, write) {
        if (model.weights === "scores") return write("weights", scores);
        const exponentials = write("score_exponentials", scores.map((row) => row.map(Math.exp)));
        if (model.weights === "normalised") {
            const sums = write("score_sum", Float64Array.from(scores, plainSum));
            return write("weights", scores.map((row, at) => divided(row, sums[at])));
        }
        const sums = write("score_sum", Float64Array.from(exponentials, sum));
        const usable = (total) => total > 0 && total < Infinity;
        const row = (each, at) => (usable(sums[at]) ? divided(each, sums[at]) : softmax(scores[at]));
        return write("weights", exponentials.map(row));
    }

    /* A sum that cancels to nothing but rounding error is 0. */
    function plainSum(row) {
        const total = sum(row);
        return Math.abs(total) <= 8 * Number.EPSILON * sum(row.map(Math.abs)) ? 0 : total;
    }

    /* A number as it is shown with so many decimals: the exact binary value decides, ties go to an even digit. */
    function shown(number, decimals) {
        if (!Number.isFinite(number)) return number;
        const size = Math.abs(number);
        const tie = decimals < 90 && size < 1e15 && /^50*$/.test(size.toFixed(100).split(".")[1].slice(decimals));
        let text = size.toFixed(decimals);
        if (tie && /[13579]$/.test(text.replace(".", ""))) text = tieDown(text, decimals);
        return Math.sign(number) * Number(text) + 0;
    }

    /* toFixed takes the larger of two numbers that are equally near; one unit less is the even one. */
    function tieDown(text, decimals) {
        const digits = (BigInt(text.replace(".", "")) - 1n).toString().padStart(decimals + 1, "0");
        return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
    }

    // ---- Traces ---------------------------------------------------------------------------------------------------

    function run(model, tokens, carry = model.carry) {
        const labels = labelsOf(model, tokens);
        const recorded = {};
        const record = (name, array) => (recorded[name] = recorded[name] || []).push(array);
        if (model.kind === "blackboard") runBlackboard(model, tokens, carry, record);
        else runTransformer(model, tokens, record);
        const arrays = {};
        for (const [name, [dims, meaning, formula]] of Object.entries(model.arrays)) {
            if (!recorded[name]) continue;
            const shape = dims.map((dim) => labels[dim].length);
            const data = new Float64Array(shape.reduce((size, each) => size * each, 1)).fill(NaN);
            fill(data, dims[0] === "layer" ? recorded[name] : recorded[name][0], shape, 0);
            arrays[name] = { name, dims, shape, data, meaning, formula };
        }
        const fingerprint = model.kind === "blackboard" ? model.fingerprints[carry] : model.fingerprint;
        return { model, tokens, labels, arrays, carry, fingerprint, at: (name, place) => at(arrays[name], labels, place) };
    }

    /* Lay nested arrays into one, in the order of dimensions; what is narrower than others leaves NaN. */
    function fill(data, nested, shape, start) {
        const [, ...inner] = shape;
        const step = inner.reduce((size, each) => size * each, 1);
        if (!inner.length) data.set(nested, start);
        else inOrder(nested, shape).forEach((each, index) => fill(data, each, inner, start + index * step));
    }

    /* Several arrays may have been recorded for each entry of a dimension: a layer has stages. */
    function inOrder(nested, [size]) {
        if (nested.length <= size) return nested;
        const each = nested.length / size;
        return Array.from({ length: size }, (_, at) => nested.slice(at * each, (at + 1) * each));
    }

    function at(array, labels, place) {
        const index = array.dims.reduce((sofar, dim, axis) => {
            const found = labels[dim].indexOf(String(place[dim]));
            if (found < 0) throw new RangeError(`${array.name} has no ${dim} ${place[dim]}`);
            return sofar * array.shape[axis] + found;
        }, 0);
        return array.data[index];
    }

    function labelsOf(model, tokens) {
        const words = tokens.map((token) => token.label);
        return { ...model.labels, token: words, query: words, key: words };
    }

    Object.assign(attnviz, { read, run, shown, fold });
})();
