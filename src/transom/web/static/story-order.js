// What can be stepped through, in the order of the story.

const STEPS = new Set(["message", "data", "http", "absent", "before"]);

export function isStep({ kind }) {
    return STEPS.has(kind);
}

export function stepsOf(story) {
    return [story.before, ...story.items].filter((item) => item && isStep(item));
}
