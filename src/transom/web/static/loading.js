// The page counts as loaded once it is drawn: whoever prints it then, as a browser's command line does, has all of it.

import { h } from "./dom.js";

// The event `load` waits for every frame. One that is being written to is not there until it is closed.
export function holdLoad() {
    const frame = h("iframe", { hidden: true });
    document.body.append(frame);
    frame.contentDocument.open();
    return () => {
        frame.contentDocument.close();
        frame.remove();
    };
}
