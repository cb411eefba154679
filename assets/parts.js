// The few React parts that Reflex has no component for. Used by selfcare_app/components/native.py.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { createElement, useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";

// A link to a page of the portal. The router's own is drawn anew at every change of address; in a list that is a
// hundred of them at every keystroke. This one asks for nothing and is only told where to go when it is pressed.
let navigate = null;
// Of a list the links are made with its rows. Should the list be on its way to other rows already, to what is searched
// for, say, a link that sets its order changes just that; one to another page of the old rows means nothing any more.
const destination = ({ dataset, attributes }) => {
  const href = attributes.href.value;
  const [path, asked] = href.split("?");
  if (!dataset.sets || path !== window.location.pathname) return href;
  const [sets, wanted, now] = [dataset.sets.split(" "), new URLSearchParams(asked), new URLSearchParams(window.location.search)];
  const others = (said) => [...said].filter(([key]) => key !== "page" && !sets.includes(key)).sort().join("&");
  if (others(wanted) === others(now)) return href;
  now.delete("page");
  for (const key of sets) {
    if (wanted.has(key) && key !== "page") now.set(key, wanted.get(key));
    else now.delete(key);
  }
  return now.size ? `${path}?${now}` : path;
};
const follow = (event) => {
  const { button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented, currentTarget } = event;
  if (!navigate || defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
  event.preventDefault();
  const here = window.location.pathname + window.location.search;
  const href = destination(currentTarget);
  // Within a list the old rows stay until the new ones are there: dimmed, should that take long enough to be noticed.
  if (href.split("?")[0] === window.location.pathname) currentTarget.closest("[data-list]")?.setAttribute("data-going", "");
  navigate(href, { replace: href === here, preventScrollReset: "stay" in currentTarget.dataset });
};
export const PageLink = ({ onClick, ...rest }) =>
  createElement("a", {
    ...rest,
    onClick: (event) => {
      onClick?.(event);
      follow(event);
    },
  });

// The menu of a row: a mere button until it is first pressed, so that a hundred rows cost a hundred buttons.
const dots = [5, 12, 19].map((cx) => createElement("circle", { key: cx, cx, cy: 12, r: 1 }));
const ellipsis = createElement("svg", { viewBox: "0 0 24 24", className: "i", "aria-hidden": true }, dots);
export const RowMenu = ({ children, ...button }) => {
  const [pressed, setPressed] = useState("");
  const content = useRef(null);
  useEffect(() => {
    if (pressed === "keyboard") content.current?.querySelector("[role=menuitem]")?.focus();
  }, [pressed]);
  if (!pressed) {
    const press = (event) => setPressed(event.detail ? "pointer" : "keyboard");
    const onKeyDown = (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      press(event);
    };
    const closed = { type: "button", "aria-haspopup": "menu", "aria-expanded": false, onClick: press, onKeyDown };
    return createElement("button", { ...button, ...closed }, ellipsis);
  }
  const place = { className: "menu", align: "end", sideOffset: 6, collisionPadding: 8 };
  return createElement(
    Menu.Root,
    { defaultOpen: true, modal: false },
    createElement(Menu.Trigger, button, ellipsis),
    createElement(Menu.Content, { ...place, ref: content }, children),
  );
};

// An input one types in freely while its value also follows the address (clear, back). What was typed here and comes
// back from the server is not news; anything else is, and replaces what stands in the field.
export const FollowingInput = ({ value = "", onChange, ...rest }) => {
  const input = useRef(null);
  const typed = useRef(new Set());
  useEffect(() => {
    const current = input.current;
    if (!current) return;
    if (current.value.trim() === value || !typed.current.has(value)) {
      if (current.value.trim() !== value) current.value = value;
      typed.current.clear();
    }
  }, [value]);
  const note = (event) => {
    typed.current.add(event.target.value.trim());
    onChange?.(event);
  };
  return createElement("input", { ...rest, ref: input, defaultValue: value, onChange: note });
};

// A radio button or tick box that shows at once what was pressed, and what the server says once that has dealt with
// the press: each has a number, and `answered` is the last one dealt with. React's own would spring back until then.
// Where `answers` is named, an Answered of that name tells it. HTML has half ticked as a property only.
const ANSWERED = 3000;
let pressed = 0;
const awaited = new Map();
export const Press = ({ checked = false, some = false, answered = 0, answers, onChange, ...rest }) => {
  const input = useRef(null);
  const said = useRef({});
  const id = useId();
  // Of radio buttons of one name a press of one is a press of all.
  const key = rest.type === "radio" ? rest.name : id;
  const follow = () => {
    if (!input.current || awaited.has(key)) return;
    input.current.checked = said.current.checked;
    input.current.indeterminate = said.current.some;
  };
  useEffect(() => {
    said.current = { checked, some };
    if (!answers && answered >= awaited.get(key)?.number) awaited.delete(key);
    follow();
  });
  const press = (event) => {
    const number = (pressed = Math.max(pressed + 1, Date.now()));
    awaited.set(key, { number, answers, follow });
    onChange?.(event.target.checked, number);
    // What never arrived changes nothing on the page: it is as it was.
    setTimeout(() => {
      if (awaited.get(key)?.number === number) awaited.delete(key);
      follow();
    }, ANSWERED);
  };
  return createElement("input", { ...rest, ref: input, defaultChecked: checked, onChange: press });
};
export const Answered = ({ of, answered }) => {
  useEffect(() => {
    for (const [key, each] of awaited) {
      if (each.answers !== of || each.number > answered) continue;
      awaited.delete(key);
      each.follow();
    }
  }, [of, answered]);
  return null;
};

// Category:Group, Category:Group … with the category lighter.
export const GroupNames = ({ names = "" }) =>
  names.split(", ").map((name, index) => {
    const [category, ...group] = name.split(":");
    const comma = index ? ", " : "";
    if (!group.length) return comma + name;
    return createElement("span", { key: index }, comma, createElement("b", null, `${category}:`), group.join(":"));
  });

// Language and title of the document, and the way for its links; after a change of page inside the portal the focus goes to its content.
let arrived = false;
export const DocumentFrame = ({ language, title, ready }) => {
  const go = useNavigate();
  useEffect(() => {
    navigate = go;
  }, [go]);
  useEffect(() => {
    document.documentElement.lang = language;
    if (!ready) return;
    document.documentElement.classList.remove("veiled");
    try {
      localStorage.setItem("language", language);
    } catch {
      // Without storage the next page comes in Swedish first; nothing else is lost.
    }
  }, [language, ready]);
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  useEffect(() => {
    if (arrived) document.getElementById("main")?.focus({ preventScroll: true });
    arrived = true;
  }, []);
  return null;
};

// The list around it is no longer on its way to other rows.
export const Settled = ({ of }) => {
  const here = useRef(null);
  useEffect(() => {
    here.current?.closest("[data-list]")?.removeAttribute("data-going");
  }, [of]);
  return createElement("span", { ref: here, hidden: true });
};

// Takes a receipt away after a while.
export const Expiry = ({ of, seconds, onExpire }) => {
  useEffect(() => {
    const timer = setTimeout(onExpire, seconds * 1000);
    return () => clearTimeout(timer);
  }, [of]);
  return null;
};

// SIM and PUK of a subscription: asked for at a press, kept here and nowhere else, and not for long. Leaving the page,
// going to another subscription or waiting takes them away again.
const drawing = (paths) => createElement("svg", { viewBox: "0 0 24 24", className: "i", "aria-hidden": true }, paths);
const line = (d) => createElement("path", { key: d, d });
const EYE = [
  line("M2.06 12.35a1 1 0 0 1 0-.7 10.75 10.75 0 0 1 19.88 0 1 1 0 0 1 0 .7 10.75 10.75 0 0 1-19.88 0"),
  createElement("circle", { key: "pupil", cx: 12, cy: 12, r: 3 }),
];
const EYE_CLOSED = [...EYE, line("M3 3l18 18")];
const COPY = [
  createElement("rect", { key: "sheet", x: 8, y: 8, width: 14, height: 14, rx: 2 }),
  line("M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2"),
];
const COPIED = [line("M20 6 9 17l-5-5")];
const COPIED_SHOWN = 2000;

// A name and its value, with a button that copies it: `copy` in place of what is shown, where those differ.
export const Copyable = ({ name, value, copy = value, texts }) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  const press = () => navigator.clipboard.writeText(copy).then(() => setCopied(true), () => {});
  const label = `${texts.copy} ${name}`;
  const button = { type: "button", className: "iconbtn sm", "aria-label": label, title: label, onClick: press };
  return createElement(
    "div",
    null,
    createElement("dt", null, name),
    createElement(
      "dd",
      null,
      createElement("span", { className: value ? "value num" : "muted" }, value || texts.none),
      // Only where the browser lets a page copy: on localhost and behind https.
      value && navigator.clipboard ? createElement("button", button, drawing(copied ? COPIED : COPY)) : null,
      createElement("span", { className: "vh", role: "status" }, copied ? `${name} ${texts.copied}` : ""),
    ),
  );
};

export const Secrets = ({ of, seconds, texts }) => {
  const [shown, setShown] = useState(null);
  const [refusal, setRefusal] = useState("");
  const [asking, setAsking] = useState(false);
  const asked = useRef(null);
  const forget = () => {
    asked.current?.abort();
    asked.current = null;
    setAsking(false);
    setShown(null);
    setRefusal("");
  };
  useEffect(() => forget, [of]);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(forget, seconds * 1000);
    window.addEventListener("pagehide", forget);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", forget);
    };
  }, [shown]);
  const ask = async () => {
    forget();
    setAsking(true);
    const mine = (asked.current = new AbortController());
    const request = { method: "POST", cache: "no-store", redirect: "error", signal: mine.signal };
    let told = {};
    try {
      const answer = await fetch(`/api/subscriptions/${encodeURIComponent(of)}/secrets`, request);
      if (answer.status === 401) return window.location.reload();
      told = await answer.json();
    } catch {
      // Told below, unless it was given up.
    }
    if (asked.current !== mine) return;
    setAsking(false);
    if ("puk" in told) setShown(told);
    else setRefusal(told.error || texts.failed);
  };
  const button = {
    type: "button",
    className: "btn",
    "aria-expanded": Boolean(shown),
    "aria-busy": asking,
    onClick: shown ? forget : asking ? undefined : ask,
  };
  return createElement(
    "div",
    { className: "secrets" },
    shown &&
      createElement(
        "dl",
        { className: "pairs" },
        createElement(Copyable, { name: texts.sim, value: shown.sim, texts }),
        createElement(Copyable, { name: texts.puk, value: shown.puk, texts }),
      ),
    refusal && createElement("p", { className: "error", role: "alert" }, refusal),
    createElement("button", button, drawing(shown ? EYE_CLOSED : EYE), shown ? texts.hide : texts.show),
    createElement("p", { className: "hint", role: "status" }, shown ? texts.shown : texts.logged),
  );
};

// Asks the server for the page that this address names, where the server and not the app answers it. Only for those
// who came here inside the app: asked twice, the server would only say the same again.
export const LoadFully = () => {
  useEffect(() => {
    if (arrived) window.location.replace(window.location.href);
  }, []);
  return null;
};

// Shown while the browser says that there is no network: long before a silent socket is found dead.
const watchNetwork = (changed) => {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
};
const online = () => navigator.onLine;
export const WithoutNetwork = ({ lost = false, children }) =>
  useSyncExternalStore(watchNetwork, online, () => true) && !lost ? null : children;

// A place to drop a file, or choose one by button and keyboard: it is sent at once, with progress; the server's answer
// leads to the file's page. What is refused is told here, and nothing has happened.
const CLOUD = [
  line("M12 13v8"),
  line("m8 17 4-4 4 4"),
  line("M4.4 15.3A7 7 0 1 1 15.71 8h1.79a4.5 4.5 0 0 1 2.5 8.24"),
];
const PERCENT = 100;
export const FileDrop = ({ action, most, accept, texts }) => {
  const [sent, setSent] = useState(null);
  const [refusal, setRefusal] = useState("");
  const [over, setOver] = useState(false);
  const going = useRef(null);
  const input = useRef(null);
  useEffect(() => () => going.current?.abort(), []);
  const told = (sentence) => {
    going.current = null;
    setSent(null);
    setRefusal(sentence);
    input.current?.focus();
  };
  const send = (files) => {
    if (going.current || !files?.length) return;
    setRefusal("");
    if (files.length > 1) return told(texts.one_file);
    const file = files[0];
    if (file.size > most) return told(texts.too_big);
    const body = new FormData();
    body.append("file", file);
    const request = (going.current = new XMLHttpRequest());
    request.open("POST", action);
    request.upload.onprogress = ({ loaded, total }) => setSent(total ? Math.round((loaded / total) * PERCENT) : 0);
    request.upload.onload = () => setSent(PERCENT);
    request.onerror = () => told(texts.failed);
    request.onload = () => {
      if (request.status === 401) return window.location.reload();
      if (request.status === 200) {
        const { pathname, search } = new URL(request.responseURL);
        going.current = null;
        return navigate ? navigate(pathname + search) : window.location.assign(request.responseURL);
      }
      let said = {};
      try {
        said = JSON.parse(request.responseText);
      } catch {
        // Something in between answered: told as not arrived.
      }
      told(said.error || texts.failed);
    };
    setSent(0);
    request.send(body);
  };
  const stop = (event) => {
    event.preventDefault();
    setOver(event.type === "dragover");
  };
  const drop = (event) => {
    stop(event);
    send(event.dataTransfer.files);
  };
  const busy = sent !== null;
  const choose = (event) => {
    send(event.target.files);
    // The same file, put right, can be chosen again.
    event.target.value = "";
  };
  const field = { ref: input, id: "upload-file", type: "file", accept, className: "vh", disabled: busy, onChange: choose };
  const described = { "aria-describedby": "upload-limits", "aria-invalid": Boolean(refusal) };
  const waiting = sent === PERCENT ? texts.checking : texts.sending.replace("{percent}", String(sent));
  return createElement(
    "div",
    { className: `drop${over ? " over" : ""}`, onDragOver: stop, onDragLeave: stop, onDrop: drop, "aria-busy": busy },
    drawing(CLOUD),
    busy
      ? createElement("progress", { max: PERCENT, value: sent === PERCENT ? undefined : sent, "aria-label": texts.name })
      : createElement("p", null, texts.drop),
    createElement("input", { ...field, ...described }),
    !busy && createElement("label", { htmlFor: "upload-file", className: "btn primary" }, texts.choose),
    createElement("p", { className: "second", role: "status" }, busy ? waiting : ""),
    refusal && createElement("p", { className: "error", role: "alert" }, refusal),
    createElement("p", { className: "hint", id: "upload-limits" }, texts.limits),
  );
};
