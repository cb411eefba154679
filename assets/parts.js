// The few React parts that Reflex has no component for. Used by selfcare_app/components/native.py.
import { createElement, useEffect, useRef } from "react";

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

// Language and title of the document; after a change of page inside the portal the focus goes to its content.
let arrived = false;
export const DocumentFrame = ({ language, title }) => {
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
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
