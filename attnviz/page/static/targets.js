/* While the film stands still, every number in it is a target that opens its card; a line leads from one to the other. */
"use strict";

attnviz.parts.push((lecture, page) => {
    const {element} = attnviz, {film} = page, targets = document.getElementById("targets");
    const PLACES = 10000, SMALLEST = 24, AROUND = 5; // of the frame; pixels (WCAG 2.5.8)
    const LINE = 250; // of PLACES: what stands on one line is read from left to right
    const leader = document.getElementById("leader"), card = document.getElementById("card");

    const lineOf = target => Math.round((target.box[1] + target.box[3]) / 2 / LINE);

    function place() {
        const {width, height} = targets.getBoundingClientRect();
        for (const target of targets.children) {
            const [x0, y0, x1, y1] = target.box.map((edge, at) => edge / PLACES * (at % 2 ? height : width));
            const wide = Math.max(SMALLEST, x1 - x0 + 2 * AROUND), high = Math.max(SMALLEST, y1 - y0 + 2 * AROUND);
            target.style.left = `${(x0 + x1 - wide) / 2}px`;
            target.style.top = `${(y0 + y1 - high) / 2}px`;
            target.style.width = `${wide}px`;
            target.style.height = `${high}px`;
        }
        lead();
    }

    function show() {
        const had = document.activeElement?.number;
        const made = lecture.onScreen(page.now()).flatMap(({number, boxes}) => boxes.map(box => Object.assign(
            element("button", {
                type: "button", tabindex: -1, title: lecture.nameOf(number), "aria-label": `${number.text}, ${lecture.nameOf(number)}`,
            }), {box, number})));
        made.sort((one, other) => lineOf(one) - lineOf(other) || one.box[0] - other.box[0]);
        targets.replaceChildren(...made);
        targets.hidden = !made.length;
        const first = made.find(target => target.number === had) ?? made[0];
        if (first) first.tabIndex = 0;
        if (first && had) first.focus({preventScroll: true});
        place();
        document.dispatchEvent(new CustomEvent("paused", {detail: made.length}));
    }

    function hide() {
        targets.hidden = true;
        lead();
    }

    const middle = target => {
        const box = target.getBoundingClientRect();
        return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    };

    /* Where targets lie over each other, as they do on phones, the nearest is meant. */
    targets.addEventListener("click", event => {
        const clicked = event.target.closest("button");
        if (!clicked) return;
        const away = target => Math.hypot(middle(target)[0] - event.clientX, middle(target)[1] - event.clientY);
        const meant = event.detail ? [...targets.children].reduce((one, other) => away(other) < away(one) ? other : one) : clicked;
        rove(meant);
        page.openCard(meant.number);
    });

    function rove(target) {
        for (const each of targets.children) each.tabIndex = -1;
        target.tabIndex = 0;
        target.focus({preventScroll: true});
    }

    targets.addEventListener("keydown", event => {
        const way = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]}[event.key];
        if (!way) return;
        event.preventDefault();
        event.stopPropagation();
        const [x, y] = middle(event.target);
        const ahead = [...targets.children].map(target => {
            const [right, down] = [middle(target)[0] - x, middle(target)[1] - y];
            const along = right * way[0] + down * way[1], aside = Math.abs(right * way[1]) + Math.abs(down * way[0]);
            return {target, along, cost: along + 2 * aside};
        }).filter(({along, target}) => along > 1 && target !== event.target);
        if (ahead.length) rove(ahead.reduce((one, other) => other.cost < one.cost ? other : one).target);
    });

    /* Light the target of the card that is open, and lead a line from it to the card, if that lies beside the film. */
    function lead() {
        const opened = page.opened, same = target => target.number === opened
            || (opened && opened.array >= 0 && target.number.array === opened.array && target.number.entry === opened.entry);
        let lit = null;
        for (const target of targets.children) target.classList.toggle("lit", Boolean(same(target)));
        if (!targets.hidden) lit = [...targets.children].find(target => target.number === opened) ?? targets.querySelector(".lit");
        const [from, to] = [lit?.getBoundingClientRect(), card.getBoundingClientRect()];
        const leads = lit && !card.hidden && to.left > from.right;
        leader.classList.toggle("shown", Boolean(leads));
        if (!leads) return;
        const y = Math.max(to.top + 24, 24), x = (from.left + from.right) / 2, rises = y < from.top;
        leader.querySelector("path").setAttribute("d", rises ? `M ${x} ${from.top} V ${y} H ${to.left}` : `M ${from.right} ${(from.top + from.bottom) / 2} H ${(from.right + to.left) / 2} V ${y} H ${to.left}`);
        leader.querySelector("circle").setAttribute("cx", to.left);
        leader.querySelector("circle").setAttribute("cy", y);
    }

    film.addEventListener("pause", show);
    film.addEventListener("seeked", () => film.paused && show());
    film.addEventListener("loadeddata", () => film.paused && show());
    film.addEventListener("play", hide);
    document.addEventListener("card", lead);
    addEventListener("scroll", lead, {passive: true});
    addEventListener("resize", place);
    new ResizeObserver(place).observe(targets);
    new ResizeObserver(lead).observe(card);
});
