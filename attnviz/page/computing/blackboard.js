/* The forward pass of a blackboard: words with coordinates, one layer. The steps, and the names of arrays (docs/arrays.md), are
   those of attnviz's own pass, which is computed with torch. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});
    const {sum, divided, norm, linear, dots, softmax, joined, shown} = attnviz.attention;

    /* With `carry` "displayed" every named result is rounded before the next step uses it, as at a board. */
    function runBlackboard(model, tokens, carry, record) {
        const round = carry === "displayed" ? number => shown(number, model.decimals) : number => number;
        const rounded = result => (result instanceof Float64Array ? result.map(round) : result.map(row => row.map(round)));
        const matrix = rows => rounded(rows.map(row => Float64Array.from(row)));

        const embeddings = matrix(tokens.map(token => model.coordinates[token.number]));
        record("embeddings", embeddings);
        record("norm", rounded(Float64Array.from(embeddings, norm)));
        const arrays = {};
        const write = (name, result) => {
            const written = rounded(result);
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
            return query_key_dot.map(row => row.map(each => each / Math.sqrt(queries[0].length)));
        }
        const unit = rows => rows.map(row => (norm(row) > 0 ? row.map(each => each / norm(row)) : row.map(() => 0)));
        return dots(unit(queries), unit(keys)).map(row => row.map(each => Math.max(-1, Math.min(1, each))));
    }

    function weightsOf(model, scores, write) {
        if (model.weights === "scores") return write("weights", scores);
        const exponentials = write("score_exponentials", scores.map(row => row.map(Math.exp)));
        if (model.weights === "normalised") {
            const sums = write("score_sum", Float64Array.from(scores, plainSum));
            return write("weights", scores.map((row, at) => divided(row, sums[at])));
        }
        const sums = write("score_sum", Float64Array.from(exponentials, sum));
        const usable = total => total > 0 && total < Infinity;
        const row = (each, at) => (usable(sums[at]) ? divided(each, sums[at]) : softmax(scores[at]));
        return write("weights", exponentials.map(row));
    }

    /* A sum that cancels to nothing but rounding error is 0. */
    function plainSum(row) {
        const total = sum(row);
        return Math.abs(total) <= 8 * Number.EPSILON * sum(row.map(Math.abs)) ? 0 : total;
    }

    attnviz.runBlackboard = runBlackboard;
})();
