/* What is known of a lecture, as the parts of the page ask for it. docs/page.md tells what is in the data. */
"use strict";

/* Return rows of what is packed in columns. */
function rowsOf(columns) {
    const names = Object.keys(columns);
    return (columns[names[0]] ?? []).map((_, place) => Object.fromEntries(names.map(name => [name, columns[name][place]])));
}

attnviz.lectureOf = data => {
    const lecture = {...data};
    lecture.arrays = rowsOf(data.arrays).map((array, id) => ({...array, id}));
    lecture.numbers = rowsOf(data.numbers).map(({left, top, width, height, text, ...number}, id) => ({
        ...number, id, text: text.replace(/^-(?=[\d.∞])/, "−"), box: [left, top, left + width, top + height], // a minus, as in films
    }));
    lecture.said = data.shots.flatMap(({said}, shot) => said.map(sentence => ({...sentence, shot})));
    lecture.captions = data.shots.flatMap(({captions}) => captions);
    const byName = new Map(lecture.arrays.map(array => [`${array.trace} ${array.name}`, array]));

    /* Return an array of a trace by its name, or undefined. */
    lecture.arrayOf = (trace, name) => byName.get(`${trace} ${name}`);

    /* Return a thing that has a card: a number on screen, or an entry of an array, whether or not it is ever shown. */
    lecture.entry = (array, entry) => ({array, entry, trace: lecture.arrays[array].trace});

    /* Return the value of a thing at full precision: a number, "Infinity", "-Infinity", or null. */
    lecture.valueOf = thing => thing.array < 0 ? thing.value : lecture.arrays[thing.array].values[thing.entry];

    /* Return what stands on screen for a thing. */
    lecture.textOf = thing => thing.text ?? attnviz.short(lecture.valueOf(thing), lecture.decimals);

    /* Return the places of an entry's labels along each dimension. */
    lecture.indexOf = thing => {
        const {labels} = lecture.arrays[thing.array], index = [];
        let rest = thing.entry;
        for (let dim = labels.length - 1; dim >= 0; dim--) {
            index[dim] = rest % labels[dim].length;
            rest = Math.floor(rest / labels[dim].length);
        }
        return index;
    };

    /* Return where an entry with these places stands; undefined if it is not kept. */
    lecture.entryAt = (array, index) => index.some(place => place < 0) ? undefined
        : index.reduce((flat, place, dim) => flat * array.labels[dim].length + place, 0);

    /* Return the labels of an entry: [dimension, label]. */
    lecture.labelsOf = thing => lecture.indexOf(thing).map((place, dim) => {
        const array = lecture.arrays[thing.array];
        return [array.dims[dim], array.labels[dim][place]];
    });

    /* Return how a label is written, and the number of its word's colour (-1: none). */
    lecture.written = (trace, dim, label) => {
        const words = ["token", "query", "key"].includes(dim) ? lecture.traces[trace]?.words ?? [] : [];
        const [, text, color] = words.find(word => word[0] === label) ?? [label, label, -1];
        return {text, color};
    };

    /* Return what kind a number is: read from a trace, derived from numbers of one, or schematic: neither. */
    lecture.kindOf = thing => thing.array >= 0 ? "read" : thing.derived ? "derived" : "schematic";

    /* Return a time at which the still stands in which a shot ends. */
    lecture.stillOf = shot => Math.max(lecture.shots[shot].start, lecture.shots[shot].end - 60);

    /* Return all numbers on screen that are the same thing: the same entry, or formula, written alike. */
    const same = new Map();
    lecture.sameAs = thing => {
        if (!same.size) for (const number of lecture.numbers) same.set(identity(number), [...same.get(identity(number)) ?? [], number]);
        return thing.text === undefined
            ? lecture.numbers.filter(number => number.array === thing.array && number.entry === thing.entry)
            : same.get(identity(thing));
    };
    const identity = ({array, entry, trace, formula, text}) => JSON.stringify(array < 0 ? [trace, formula, text] : [array, entry, text]);

    /* Return what a number is of, in a few words: an array and labels, or the formula. */
    lecture.nameOf = thing => thing.array < 0 ? thing.formula : [lecture.arrays[thing.array].name,
        ...lecture.labelsOf(thing).filter((_, dim) => lecture.arrays[thing.array].sizes[dim] > 1)
            .map(([dim, label]) => lecture.toldOf(dim) + lecture.written(thing.trace, dim, label).text)].join(" ");

    /* Return what is said before a label of a dimension: "layer " before 4; nothing before words and names. */
    lecture.toldOf = dim => ["layer", "head", "step", "depth", "map"].includes(dim.replace("each_", "")) ? `${dim.replace("each_", "")} ` : "";

    /* Return the numbers that are on screen at a time, each with its box then: [x0, y0, x1, y1], of PLACES. */
    lecture.onScreen = time => lecture.numbers.filter(number => number.start <= time && time < number.end)
        .map(number => ({number, boxes: boxesAt(number, time)}));

    return lecture;
};

/* Return where a number stands at a time, and where copies of it fly that become what is computed from it.

   A receipt tells where it rests last, and all ways. Those that lead there, one after the other, are its own. */
function boxesAt(number, time) {
    const near = (one, other) => one.every((edge, at) => Math.abs(edge - other[at]) <= 2);
    const boxes = [];
    let rest = number.box;
    const own = [];
    for (const way of [...number.ways].sort((one, other) => other[1] - one[1])) {
        if (near(way.slice(6, 10), own.length ? own[own.length - 1].slice(2, 6) : number.box)) own.push(way);
        else if (way[0] <= time && time < way[1]) boxes.push(between(way, time));
    }
    for (const way of own) {
        if (time >= way[1]) break;
        rest = time >= way[0] ? between(way, time) : way.slice(2, 6);
    }
    return [rest, ...boxes];
}

/* Return the box of a number on its way: [start, end, box at the start, box at the end, then, at even times between, how much
   of the way is behind its middle, and how far that is off it, in STEPS of the way's length]. */
function between(way, time) {
    const STEPS = 250, course = way.slice(10), middle = box => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const [start, end] = [middle(way.slice(2, 6)), middle(way.slice(6, 10))], count = course.length / 2;
    const [alongs, asides] = [[0, ...course.slice(0, count), STEPS], [0, ...course.slice(count), 0]];
    const place = (time - way[0]) / (way[1] - way[0]) * (count + 1), before = Math.min(count, Math.floor(place)), rest = place - before;
    const [along, aside] = [alongs, asides].map(each => (each[before] + rest * (each[before + 1] - each[before])) / STEPS);
    const [right, down] = [end[0] - start[0], end[1] - start[1]];
    const [x, y] = [start[0] + along * right - aside * down, start[1] + along * down + aside * right];
    const [wide, high] = [[2, 4], [3, 5]].map(([one, other]) => Math.max(way[other] - way[one], way[other + 4] - way[one + 4]) / 2);
    return [x - wide, y - high, x + wide, y + high];
}
