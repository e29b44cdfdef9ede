/* From a sentence to a trace, in the browser: every array that the forward pass of a model of `model.js` goes through, by
   name, with the labels along its dimensions. What `attnviz trace` prints, computed anew. */
"use strict";

(() => {
    const attnviz = (window.attnviz = window.attnviz || {});

    function run(model, tokens, carry = model.carry) {
        const labels = labelsOf(model, tokens);
        const recorded = {};
        const record = (name, array) => (recorded[name] = recorded[name] || []).push(array);
        if (model.kind === "blackboard") attnviz.runBlackboard(model, tokens, carry, record);
        else attnviz.runTransformer(model, tokens, record);
        const arrays = {};
        for (const [name, [dims, meaning, formula]] of Object.entries(model.arrays)) {
            if (!recorded[name]) continue;
            const shape = dims.map(dim => labels[dim].length);
            const data = new Float64Array(shape.reduce((size, each) => size * each, 1)).fill(NaN);
            fill(data, dims[0] === "layer" ? recorded[name] : recorded[name][0], shape, 0);
            arrays[name] = {name, dims, shape, data, meaning, formula};
        }
        const fingerprint = model.kind === "blackboard" ? model.fingerprints[carry] : model.fingerprint;
        return {model, tokens, labels, arrays, carry, fingerprint, at: (name, place) => at(arrays[name], labels, place)};
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
        return Array.from({length: size}, (_, at) => nested.slice(at * each, (at + 1) * each));
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
        const words = tokens.map(token => token.label);
        return {...model.labels, token: words, query: words, key: words};
    }

    attnviz.run = run;
})();
