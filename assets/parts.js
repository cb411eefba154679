// The few React parts that Reflex has no component for. Used by selfcare_app/components/native.py.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { createElement, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";

// A link to a page of the portal. The router's own is drawn anew at every change of address; in a list that is a
// hundred of them at every keystroke. This one asks for nothing and is only told where to go when it is pressed.
let navigate = null;
const follow = (event) => {
  const { button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented, currentTarget } = event;
  if (!navigate || defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
  event.preventDefault();
  const here = window.location.pathname + window.location.search;
  const href = currentTarget.getAttribute("href");
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

// A tick box that can be half ticked, which HTML has as a property only.
export const TickBox = ({ some = false, ...rest }) => {
  const box = useRef(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return createElement("input", { ...rest, type: "checkbox", ref: box });
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

// Takes a receipt away after a while.
export const Expiry = ({ of, seconds, onExpire }) => {
  useEffect(() => {
    const timer = setTimeout(onExpire, seconds * 1000);
    return () => clearTimeout(timer);
  }, [of]);
  return null;
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
