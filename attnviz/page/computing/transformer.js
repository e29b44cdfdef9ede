/* The forward pass of a transformer as `attnviz train` leaves it, in double precision. The steps, the names of parameters and
   of arrays (docs/arrays.md) are those of attnviz's own pass, which is computed with torch. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const {sum, added, linear, dots, softmax, ACTIVATIONS, joined} = attnviz.attention;

    /* The parameters of a model by name, decoded once: float32, as they were trained, in double precision. */
    const cachedParameters = new WeakMap();
    function parametersOf(model) {
        if (!cachedParameters.has(model)) {
            const decoded = Object.entries(model.parameters).map(([name, each]) => [name, decode(each)]);
            cachedParameters.set(model, Object.fromEntries(decoded));
        }
        return cachedParameters.get(model);
    }

    function decode({shape, data}) {
        const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
        const view = new DataView(bytes.buffer); // float32, the least significant byte first, on every machine
        const numbers = Float64Array.from({length: bytes.length / 4}, (_, at) => view.getFloat32(4 * at, true));
        if (shape.length === 1) return numbers;
        return Array.from({length: shape[0]}, (_, row) => numbers.subarray(row * shape[1], (row + 1) * shape[1]));
    }

    function runTransformer(model, tokens, record) {
        const {config} = model;
        const p = parametersOf(model);
        const stack = config.architecture; // "encoder" or "decoder"
        let x = embed(config, p, tokens, record);
        record("mask", x.map((_, query) => Float64Array.from(x, (_, key) => Number(sees(config, query, key)))));
        for (let layer = 0; layer < config.layers; layer++) {
            const of = name => p[`${stack}.layers.${layer}.${name}`];
            record("residual", x);
            x = withPart(config, x, of, "attention", record, y => attend(config, y, of, record));
            x = withPart(config, x, of, "feed_forward", record, y => feedForward(config, y, of, record));
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
        const x = tokens.map(token => p["embedding.W_E"][token.number]);
        record("tokens", Float64Array.from(tokens, token => token.number));
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
        return Float64Array.from({length: size / 2}, (_, i) => position * Math.pow(10000, (-2 * i) / size));
    }

    function sinusoid(position, size) {
        const turned = angles(position, size);
        return Float64Array.from({length: size}, (_, i) => (i % 2 ? Math.cos : Math.sin)(turned[i >> 1]));
    }

    /* x + part(norm(x)), or where norms stand after the parts norm(x + part(x)). */
    function withPart(config, x, of, name, record, part) {
        const [scale, shift] = [of(`${name}_norm.scale`), of(`${name}_norm.shift`)];
        const sums = y => x.map((row, at) => added(row, y[at]));
        const before = config.norm_position === "before";
        const y = normed(config, before ? x : sums(part(x)), scale, shift);
        record("normed", y);
        const out = before ? sums(part(y)) : y;
        record("residual", out);
        return out;
    }

    /* LayerNorm, (x − mean(x)) / √(variance(x) + ε) · scale + shift, or RMSNorm, x / √(mean(x²) + ε) · scale. */
    function normed(config, rows, scale, shift) {
        return rows.map(row => {
            const centre = shift ? sum(row) / row.length : 0;
            const spread = Math.sqrt(sum(row.map(each => (each - centre) ** 2)) / row.length + config.norm_epsilon);
            return row.map((each, at) => ((each - centre) / spread) * scale[at] + (shift ? shift[at] : 0));
        });
    }

    function attend(config, x, of, record) {
        const sharing = config.heads / config.key_value_heads;
        const turning = config.positions === "rotary";
        const projected = (name, letter, heads) => {
            const all = linear(x, of(`attention.W_${letter}`), of(`attention.b_${letter}`));
            const each = Array.from({length: config.heads}, (_, head) => {
                const start = Math.floor(head / (config.heads / heads)) * config.d_head;
                return all.map(row => row.slice(start, start + config.d_head));
            });
            if (!turning || letter === "V") return each;
            record(`unturned_${name}`, each);
            return each.map(rows => rows.map((row, position) => turned(row, angles(position, config.d_head))));
        };
        const queries = projected("queries", "Q", config.heads);
        const keys = projected("keys", "K", config.heads / sharing);
        const values = projected("values", "V", config.heads / sharing);
        const query_key_dot = queries.map((each, head) => dots(each, keys[head]));
        const scale = Math.sqrt(config.d_head);
        const hidden = (row, query) => row.map((d, key) => (sees(config, query, key) ? d / scale : -Infinity));
        const scores = query_key_dot.map(rows => rows.map(hidden));
        const weights = scores.map(rows => rows.map(softmax));
        const head_outputs = weights.map((rows, head) => linear(rows, values[head]));
        const score_exponentials = scores.map(rows => rows.map(row => row.map(Math.exp)));
        const score_sum = score_exponentials.map(rows => Float64Array.from(rows, sum));
        const steps = {queries, keys, values, query_key_dot, scores, score_exponentials, score_sum, weights, head_outputs};
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

    function feedForward(config, x, of, record) {
        const [W_gate, b_gate] = [of("feed_forward.W_gate"), of("feed_forward.b_gate")];
        let hidden = linear(x, of("feed_forward.W_in"), of("feed_forward.b_in"));
        if (W_gate) {
            const gate = linear(x, W_gate, b_gate).map(row => row.map(ACTIVATIONS.silu));
            hidden = hidden.map((row, token) => row.map((each, at) => gate[token][at] * each));
        } else hidden = hidden.map(row => row.map(ACTIVATIONS[config.feed_forward]));
        record("feed_forward_hidden", hidden);
        const output = linear(hidden, of("feed_forward.W_out"), of("feed_forward.b_out"));
        record("feed_forward", output);
        return output;
    }

    attnviz.runTransformer = runTransformer;
})();
