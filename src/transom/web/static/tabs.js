// The tabs, in their order: a row and a file each. `element` has `show({ ask, base, row, story, view })`, which asks for
// the part of the document it shows and draws it; its name is said by `page.tab.NAME`. `isOutdated()`, if it has one,
// says whether the state asks for something else of the same conversation.

import "./tab-certificates.js";
import "./tab-compare.js";
import "./tab-corrections.js";
import "./tab-files.js";
import "./tab-follow.js";
import "./tab-http.js";
import "./tab-keys.js";
import "./tab-leaks.js";
import "./tab-packets.js";
import "./tab-time.js";

export const TABS = [
    { name: "follow", element: "tab-follow", label: "page.tab.follow" },
    { name: "http", element: "tab-http", label: "page.tab.http" },
    { name: "files", element: "tab-files", label: "page.tab.files" },
    { name: "certificates", element: "tab-certificates", label: "page.tab.certificates" },
    { name: "keys", element: "tab-keys", label: "page.tab.keys" },
    { name: "time", element: "tab-time", label: "page.tab.time" },
    { name: "leaks", element: "tab-leaks", label: "page.tab.leaks" },
    { name: "corrections", element: "tab-corrections", label: "page.tab.corrections" },
    { name: "packets", element: "tab-packets", label: "page.tab.packets" },
    { name: "compare", element: "tab-compare", label: "page.tab.compare" },
];
