// What is drawn by script, on a canvas or row by row, is drawn again when what it lies on has changed: its size, the
// theme, or paper in place of a screen.

const sheet = { on: matchMedia("print").matches };

const change = (on) => () => {
    if (sheet.on === on) return;
    sheet.on = on;
    dispatchEvent(new Event("sheetchange"));
};

// A browser that prints says so before it lays out the page; one that only shows how it would, by the medium.
addEventListener("beforeprint", change(true));
addEventListener("afterprint", change(false));
matchMedia("print").addEventListener("change", ({ matches }) => change(matches)());

export function onPaper() {
    return sheet.on;
}

// Draws once the element has its place, and whenever there is a reason to; what it returns ends that.
export function keepDrawn(element, draw) {
    const resized = new ResizeObserver(draw);
    resized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    addEventListener("sheetchange", draw);
    return () => {
        resized.disconnect();
        themed.disconnect();
        dark.removeEventListener("change", draw);
        removeEventListener("sheetchange", draw);
    };
}

// A canvas cleared, in the units of the page; `colour` is one of colours.css, and ink on paper.
export function blank(canvas, height) {
    const width = canvas.clientWidth;
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    const draw = canvas.getContext("2d");
    draw.scale(devicePixelRatio, devicePixelRatio);
    const colour = (name) => {
        if (sheet.on) return name.endsWith("ground") || name === "--sunk" || name === "--chosen" ? "#fff" : "#000";
        canvas.style.color = `var(${name})`;
        const found = getComputedStyle(canvas).color;
        canvas.style.color = "";
        return found;
    };
    draw.font = `12px ${getComputedStyle(canvas).getPropertyValue("font-family")}`;
    return { draw, width, colour };
}

// Slanting lines, which mean the same to an eye that sees no colour.
export function hatch(draw, x, y, width, height) {
    draw.save();
    draw.beginPath();
    draw.rect(x, y, width, height);
    draw.clip();
    draw.beginPath();
    for (let at = x - height; at < x + width; at += 6) {
        draw.moveTo(at, y + height);
        draw.lineTo(at + height, y);
    }
    draw.stroke();
    draw.restore();
}
