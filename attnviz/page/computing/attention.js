/* The mathematics of attention as small functions. A row is a Float64Array, a matrix an array of rows; row vectors stand
   left of their matrices. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});

    const sum = row => row.reduce((total, each) => total + each, 0);
    const added = (x, y) => x.map((each, at) => each + y[at]);
    const divided = (row, by) => row.map(each => (by === 0 ? NaN : each / by));
    const largest = row => row.reduce((most, each) => Math.max(most, each), -Infinity);
    const norm = row => Math.sqrt(dot(row, row));

    function dot(x, y) {
        let total = 0;
        for (let at = 0; at < x.length; at++) total += x[at] * y[at];
        return total;
    }

    /* x · W (+ b), for each row of x. */
    function linear(rows, W, b) {
        const width = W[0].length;
        return rows.map(x => {
            const out = new Float64Array(width);
            x.forEach((each, row) => {
                for (let column = 0; column < width; column++) out[column] += each * W[row][column];
            });
            return b ? added(out, b) : out;
        });
    }

    const dots = (queries, keys) => queries.map(q => Float64Array.from(keys, k => dot(q, k)));

    function softmax(row) {
        const most = largest(row);
        const exponentials = row.map(score => Math.exp(score - most));
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
        relu: x => Math.max(0, x),
        gelu: x => (x * (1 + erf(x / Math.SQRT2))) / 2,
        silu: x => x / (1 + Math.exp(-x)),
    };

    /* The heads' outputs side by side, times W_O; each head's share of that is its outputs times its rows of W_O. */
    function joined(outputs, W_O, b_O, record, rounded = result => result) {
        const concatenated = rounded(sideBySide(outputs));
        record("concatenated", concatenated);
        if (!W_O) return concatenated;
        let row = 0;
        const contributions = outputs.map(output => {
            const rows = W_O.slice(row, (row += output[0].length));
            return rounded(linear(output, rows));
        });
        record("head_contributions", contributions);
        record("contribution_norm", contributions.map(rows => rounded(Float64Array.from(rows, norm))));
        const output = rounded(linear(concatenated, W_O, b_O));
        record("output", output);
        return output;
    }

    function sideBySide(outputs) {
        return outputs[0].map((_, token) => Float64Array.from(outputs.flatMap(output => Array.from(output[token]))));
    }

    /* A number as it is shown with so many decimals: the exact binary value decides, ties go to an even digit. */
    function shown(number, decimals) {
        if (!Number.isFinite(number)) return number;
        const size = Math.abs(number);
        const tie = size < 1e15 && /^50*$/.test(size.toFixed(100).split(".")[1].slice(decimals));
        let text = size.toFixed(decimals);
        if (tie && /[13579]$/.test(text.replace(".", ""))) text = tieDown(text, decimals);
        return Math.sign(number) * Number(text) + 0;
    }

    /* toFixed takes the larger of two numbers that are equally near; one unit less is the even one. */
    function tieDown(text, decimals) {
        const digits = (BigInt(text.replace(".", "")) - 1n).toString().padStart(decimals + 1, "0");
        return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
    }

    attnviz.attention = {sum, added, divided, dot, norm, linear, dots, softmax, ACTIVATIONS, joined, shown};
})();
